//! Tamper evidence: a chain of hashes over everything that was ever posted.
//!
//! The postings of each command have a [`Seal`] of their own. What a step of the simulation posts
//! is sealed as one block by a [`RowSum`], so that the order in which it is loaded does not
//! matter and loading stays fast. Each seal's hash covers the one before it, so a posting that is
//! changed, added or taken away later no longer fits, and neither does what was sealed after it.
//!
//! Whoever can write to the database can also compute a new chain. The hash of the last seal,
//! noted elsewhere, gives that away too.

use blake3::Hasher;
use mockbank_bank::{CardId, GroupId, Instant, Posting, PostingBatch};

/// BLAKE3 of a seal and all before it.
pub type SealHash = [u8; 32];

/// What the first seal is chained to.
pub const FIRST: SealHash = [0; 32];

/// Columns of a posting.
const COLUMNS: usize = 14;

/// Bytes of a posting in its canonical form: every column in 64 bits, lowest byte first.
const ROW_BYTES: usize = COLUMNS * 8;

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Place in the chain, from 1 without gaps.
    pub number: i64,
    /// What it stands for.
    pub content: Sealed,
    /// Its hash as it was kept.
    pub hash: SealHash,
}

/// What a seal stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// The postings of one command, as they stand in the books: two of a transfer, one of a
    /// manual transaction. Fewer, if the books have lost them.
    Command(Vec<Posting>),
    /// All that a step posted.
    Step {
        /// The step's first instant.
        since: Instant,
        /// The first instant after the step.
        until: Instant,
        /// How many postings there are.
        postings: u64,
        /// Sum of their hashes.
        sum: RowSum,
    },
}

impl Sealed {
    /// The hash of a seal with this content and number, behind a seal with the hash `before`.
    pub fn hash(&self, before: &SealHash, number: i64) -> SealHash {
        let mut hasher = Hasher::new();
        hasher.update(before).update(&number.to_le_bytes());
        match self {
            Self::Command(postings) => {
                hasher.update(b"command");
                for posting in postings {
                    hasher.update(&bytes(&columns(posting)));
                }
            }
            Self::Step { since, until, postings, sum } => {
                hasher.update(b"step");
                hasher.update(&since.seconds().to_le_bytes());
                hasher.update(&until.seconds().to_le_bytes());
                hasher.update(&postings.to_le_bytes());
                hasher.update(&sum.to_bytes());
            }
        }
        *hasher.finalize().as_bytes()
    }
}

/// The sum of postings' hashes: the same in whatever order they come, and the sum of two sets is
/// that of their union.
///
/// Each posting is hashed to 512 bits, the width that BLAKE3 gives at no extra cost, and added as
/// eight words (`AdHash`: Bellare and Micciancio, "A New Paradigm for Collision-free Hashing", 1997).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSum([u64; 8]);

impl RowSum {
    /// Adds a posting.
    pub fn add(&mut self, posting: &Posting) {
        self.plus(row_hash(&columns(posting)));
    }

    /// Adds every posting of a batch.
    pub fn add_batch(&mut self, batch: &PostingBatch) {
        for row in 0..batch.len() {
            self.plus(row_hash(&batch_columns(batch, row)));
        }
    }

    /// Adds what another sum holds.
    pub fn merge(&mut self, other: &Self) {
        self.plus(other.0);
    }

    /// The sum as it is stored, each word with its lowest byte first.
    pub fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (bytes, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The sum of stored bytes.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self(words)
    }

    #[inline]
    fn plus(&mut self, hash: [u64; 8]) {
        for (word, other) in self.0.iter_mut().zip(hash) {
            *word = word.wrapping_add(other);
        }
    }
}

#[inline]
fn row_hash(columns: &[i64; COLUMNS]) -> [u64; 8] {
    let mut output = [0; 64];
    let mut hasher = Hasher::new();
    hasher.update(&bytes(columns));
    hasher.finalize_xof().fill(&mut output);
    RowSum::from_bytes(&output).0
}

#[inline]
fn bytes(columns: &[i64; COLUMNS]) -> [u8; ROW_BYTES] {
    let mut bytes = [0; ROW_BYTES];
    for (bytes, column) in bytes.chunks_exact_mut(8).zip(columns) {
        bytes.copy_from_slice(&column.to_le_bytes());
    }
    bytes
}

fn columns(posting: &Posting) -> [i64; COLUMNS] {
    [
        posting.account.number(),
        posting.sequence.cast_signed(),
        posting.at.seconds(),
        posting.kind.code().into(),
        posting.category.into(),
        posting.amount.minor(),
        posting.card.map_or(0, CardId::number),
        posting.contra.code(),
        posting.balance.minor(),
        posting.card_balance.minor(),
        posting.description.into(),
        posting.place.into(),
        posting.reference.code(),
        posting.group.map_or(0, GroupId::number),
    ]
}

#[inline]
fn batch_columns(batch: &PostingBatch, row: usize) -> [i64; COLUMNS] {
    [
        batch.account[row],
        batch.sequence[row],
        batch.at[row],
        batch.kind[row].into(),
        batch.category[row].into(),
        batch.amount[row],
        batch.card[row],
        batch.contra[row],
        batch.balance[row],
        batch.card_balance[row],
        batch.description[row].into(),
        batch.place[row].into(),
        batch.reference[row],
        batch.group[row],
    ]
}
