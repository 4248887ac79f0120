//! Tamper evidence: a chain of hashes over everything that was ever posted.
//!
//! The postings of each command have a [`Seal`] of their own. What a step of the simulation posts
//! is sealed as one block, by the [`RunSum`] of the books' postings, so that the order in which
//! books are loaded does not matter and loading stays fast: hashing each posting for itself would
//! take a quarter of the time of a bulk load, hashing them book by book takes a few hundredths. Each
//! seal's hash covers the one before it, so a posting that is changed, added or taken away later no
//! longer fits, and neither does what was sealed after it.
//!
//! Balances are not hashed: they follow from the postings, and whoever checks a world computes
//! them again.
//!
//! Whoever can write to the database can also compute a new chain. The hash of the last seal,
//! noted elsewhere, gives that away too.

use blake3::Hasher;
use mockbank_bank::{CardId, GroupId, Instant, Posting, PostingBatch};

/// BLAKE3 of a seal and all before it.
pub type SealHash = [u8; 32];

/// What the first seal is chained to.
pub const FIRST: SealHash = [0; 32];

/// Bytes of a posting in its canonical form: one block of BLAKE3.
const ROW_BYTES: usize = 64;

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
    /// All that a step posted: the postings of the simulation's streams with an instant in its
    /// time.
    Step {
        /// The step's first instant.
        since: Instant,
        /// The first instant after the step.
        until: Instant,
        /// How many postings there are.
        postings: u64,
        /// Sum over the books that they stand in.
        sum: RunSum,
    },
}

impl Sealed {
    /// The hash of a seal with this content and number, behind a seal with the hash `before`.
    pub fn hash(&self, before: &SealHash, number: i64) -> SealHash {
        match self {
            Self::Command(postings) => command_hash(before, number, postings),
            Self::Step { since, until, postings, sum } => {
                let mut hasher = behind(before, number);
                hasher.update(b"step");
                hasher.update(&since.seconds().to_le_bytes());
                hasher.update(&until.seconds().to_le_bytes());
                hasher.update(&postings.to_le_bytes());
                hasher.update(&sum.to_bytes());
                *hasher.finalize().as_bytes()
            }
        }
    }
}

/// The hash of a seal that stands for these postings of one command.
pub(crate) fn command_hash(before: &SealHash, number: i64, postings: &[Posting]) -> SealHash {
    const COMMAND: &[u8] = b"command";
    // Hashed in one piece, as that needs no state of a hash that may go on for ever.
    let room = before.len() + size_of::<i64>() + COMMAND.len() + postings.len() * ROW_BYTES;
    let mut content = Vec::with_capacity(room);
    content.extend_from_slice(before);
    content.extend_from_slice(&number.to_le_bytes());
    content.extend_from_slice(COMMAND);
    for posting in postings {
        content.extend_from_slice(&canonical(&Columns::of(posting)));
    }
    *blake3::hash(&content).as_bytes()
}

fn behind(before: &SealHash, number: i64) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.update(before).update(&number.to_le_bytes());
    hasher
}

/// Consecutive postings of one book in their canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookRun(Vec<u8>);

impl BookRun {
    /// Puts a posting at the end.
    pub fn push(&mut self, posting: &Posting) {
        self.0.extend_from_slice(&canonical(&Columns::of(posting)));
    }

    /// Makes room for so many postings more.
    pub(crate) fn reserve(&mut self, postings: usize) {
        self.0.reserve(postings * ROW_BYTES);
    }

    /// Puts a row of a batch at the end.
    #[inline]
    pub(crate) fn push_row(&mut self, batch: &PostingBatch, row: usize) {
        self.0.extend_from_slice(&canonical(&Columns::of_row(batch, row)));
    }

    /// Number of postings.
    pub fn len(&self) -> usize {
        self.0.len() / ROW_BYTES
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets the postings and keeps the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The sum of runs' hashes: the same in whatever order the runs come, and the sum of two sets is
/// that of their union.
///
/// Each run is hashed to 512 bits, the width that BLAKE3 gives at no extra cost, and added as
/// eight words (`AdHash`: Bellare and Micciancio, "A New Paradigm for Collision-free Hashing", 1997).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSum([u64; 8]);

impl RunSum {
    /// Adds a run.
    pub fn add(&mut self, run: &BookRun) {
        let mut output = [0; 64];
        Hasher::new().update(&run.0).finalize_xof().fill(&mut output);
        let hash = Self::from_bytes(&output);
        for (word, other) in self.0.iter_mut().zip(hash.0) {
            *word = word.wrapping_add(other);
        }
    }

    /// The sum as it is stored, each word with its lowest byte first.
    pub fn to_bytes(self) -> [u8; 64] {
        bytes(&self.0)
    }

    /// The sum of stored bytes.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self(words)
    }
}

/// A posting's columns but its balances, as the integers that they are stored as.
struct Columns {
    account: i64,
    sequence: i64,
    at: i64,
    kind: u8,
    category: u16,
    amount: i64,
    card: i64,
    contra: i64,
    description: u32,
    place: u32,
    reference: i64,
    group: i64,
}

impl Columns {
    fn of(posting: &Posting) -> Self {
        Self {
            account: posting.account.number(),
            sequence: posting.sequence.cast_signed(),
            at: posting.at.seconds(),
            kind: posting.kind.code(),
            category: posting.category,
            amount: posting.amount.minor(),
            card: posting.card.map_or(0, CardId::number),
            contra: posting.contra.code(),
            description: posting.description,
            place: posting.place,
            reference: posting.reference.code(),
            group: posting.group.map_or(0, GroupId::number),
        }
    }

    #[inline]
    fn of_row(batch: &PostingBatch, row: usize) -> Self {
        Self {
            account: batch.account[row],
            sequence: batch.sequence[row],
            at: batch.at[row],
            kind: batch.kind[row],
            category: batch.category[row],
            amount: batch.amount[row],
            card: batch.card[row],
            contra: batch.contra[row],
            description: batch.description[row],
            place: batch.place[row],
            reference: batch.reference[row],
            group: batch.group[row],
        }
    }
}

/// The columns in eight words. No valid posting has a number of more than 40 bits but its amount
/// and its group, so different postings differ.
#[inline]
fn canonical(columns: &Columns) -> [u8; ROW_BYTES] {
    let Columns { account, sequence, at, amount, card, contra, reference, group, .. } = *columns;
    let contra = contra.cast_unsigned();
    bytes(&[
        amount.cast_unsigned(),
        group.cast_unsigned(),
        u64::from(columns.description) | u64::from(columns.place) << 32,
        account.cast_unsigned() | u64::from(columns.kind) << 40 | u64::from(columns.category) << 48,
        sequence.cast_unsigned(),
        at.cast_unsigned(),
        card.cast_unsigned() | contra << 40,
        reference.cast_unsigned() | contra >> 24 << 40,
    ])
}

#[inline]
fn bytes(words: &[u64; 8]) -> [u8; ROW_BYTES] {
    let mut bytes = [0; ROW_BYTES];
    for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    bytes
}

/// A command's postings, cut into those that one seal stands for: the two of a transfer, or one.
pub(crate) fn together(postings: &[Posting]) -> impl Iterator<Item = &[Posting]> {
    postings.chunk_by(|a, b| a.group.is_some() && a.group == b.group)
}

#[cfg(test)]
mod tests {
    use mockbank_bank::reference::{PostingRef, Stream};
    use mockbank_bank::{AccountId, HubId, Instant, LedgerAccount, Money, PostingKind};

    use super::*;

    fn posting() -> Posting {
        Posting {
            account: AccountId::new(AccountId::MAX),
            sequence: 5,
            at: Instant::from_seconds(1_735_689_600),
            kind: PostingKind::Purchase,
            category: 9,
            amount: Money::from_minor(-123),
            card: Some(CardId::new(CardId::MAX)),
            contra: LedgerAccount::Hub(HubId(u32::MAX)),
            balance: Money::from_minor(7),
            card_balance: Money::from_minor(-123),
            description: u32::MAX,
            place: u32::MAX,
            reference: PostingRef::new(Stream::from_code(255), PostingRef::MAX_INDEX).unwrap(),
            group: Some(GroupId::new(GroupId::MAX)),
        }
    }

    #[test]
    fn every_column_but_the_balances_counts() {
        let changes: [fn(&mut Posting); 12] = [
            |p| p.account = AccountId::new(1),
            |p| p.sequence += 1,
            |p| p.at = Instant::from_seconds(p.at.seconds() + 1),
            |p| p.kind = PostingKind::Refund,
            |p| p.category += 1,
            |p| p.amount = Money::from_minor(123),
            |p| p.card = None,
            |p| p.contra = LedgerAccount::Hub(HubId(u32::MAX - 1)),
            |p| p.description -= 1,
            |p| p.place -= 1,
            |p| {
                p.reference =
                    PostingRef::new(Stream::from_code(254), PostingRef::MAX_INDEX).unwrap();
            },
            |p| p.group = None,
        ];
        let mut seen = vec![canonical(&Columns::of(&posting()))];
        for change in changes {
            let mut changed = posting();
            change(&mut changed);
            let bytes = canonical(&Columns::of(&changed));
            assert!(!seen.contains(&bytes), "{changed:?}");
            seen.push(bytes);
        }
    }

    #[test]
    fn a_row_of_a_batch_is_the_posting() {
        let mut batch = PostingBatch::default();
        batch.push(&posting());
        let (mut row, mut single) = (BookRun::default(), BookRun::default());
        row.push_row(&batch, 0);
        single.push(&posting());
        assert_eq!(row, single);
        assert_eq!(row.len(), 1);
    }

    #[test]
    fn sums_do_not_depend_on_order_and_are_read_back() {
        let run = |sequence| {
            let mut run = BookRun::default();
            run.push(&Posting { sequence, ..posting() });
            run
        };
        let sum = |runs: &[u64]| {
            let mut sum = RunSum::default();
            for sequence in runs {
                sum.add(&run(*sequence));
            }
            sum
        };
        assert_eq!(sum(&[1, 2, 3]), sum(&[3, 1, 2]));
        assert_ne!(sum(&[1, 2]), sum(&[1, 2, 2]));
        assert_eq!(RunSum::from_bytes(&sum(&[1]).to_bytes()), sum(&[1]));
    }

    #[test]
    fn a_seal_covers_the_one_before_its_place_and_its_content() {
        let sealed = Sealed::Command(vec![posting()]);
        let hash = sealed.hash(&FIRST, 1);
        assert_ne!(sealed.hash(&hash, 1), hash);
        assert_ne!(sealed.hash(&FIRST, 2), hash);
        assert_ne!(Sealed::Command(vec![posting(); 2]).hash(&FIRST, 1), hash);
    }
}
