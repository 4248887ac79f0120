//! Records of accounts in memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use mockbank_bank::AccountId;
use mockbank_bank::counter::AccountRecord;

/// The accounts that commands touched lately.
///
/// Two generations: what is touched moves to the young one, and when that is half of the capacity
/// the old one is forgotten. So no more than the capacity is kept, without a list of last uses.
/// What is not written to the database yet is kept until it is.
#[derive(Debug)]
pub(super) struct Cache {
    young: ByAccount<Cached>,
    old: ByAccount<Cached>,
    /// Accounts whose records are newer than the database's.
    unwritten: Vec<AccountId>,
    half: usize,
}

#[derive(Debug)]
struct Cached {
    record: AccountRecord,
    unwritten: Option<Changed>,
}

/// What of a record is newer than the database's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// The account.
    Account,
    /// The account and its cards.
    Cards,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            young: ByAccount::default(),
            old: ByAccount::default(),
            unwritten: Vec::new(),
            half: (capacity / 2).max(1),
        }
    }

    pub(super) fn get(&mut self, id: AccountId) -> Option<&AccountRecord> {
        self.touch(id).map(|cached| &cached.record)
    }

    fn touch(&mut self, id: AccountId) -> Option<&mut Cached> {
        if !self.young.contains_key(&id) {
            let cached = self.old.remove(&id)?;
            self.young.insert(id, cached);
        }
        self.young.get_mut(&id)
    }

    /// Keeps a record as the database has it.
    pub(super) fn keep(&mut self, record: AccountRecord) {
        self.young.insert(record.book.account, Cached { record, unwritten: None });
    }

    /// Keeps a record that is newer than the database's.
    pub(super) fn change(&mut self, record: AccountRecord) {
        let id = record.book.account;
        let before = if let Some(cached) = self.touch(id) {
            let same_cards = cached.record.book.cards == record.book.cards;
            let before = cached.unwritten;
            let changed = if same_cards && before != Some(Changed::Cards) {
                Changed::Account
            } else {
                Changed::Cards
            };
            *cached = Cached { record, unwritten: Some(changed) };
            before
        } else {
            self.young.insert(id, Cached { record, unwritten: Some(Changed::Cards) });
            None
        };
        if before.is_none() {
            self.unwritten.push(id);
        }
    }

    /// Writes what is newer than the database's, and forgets what is too much.
    pub(super) fn write<E>(
        &mut self,
        mut write: impl FnMut(&AccountRecord, Changed) -> Result<(), E>,
    ) -> Result<(), E> {
        // By number, so that neighbours in the database are written one after the other.
        self.unwritten.sort_unstable();
        for id in self.unwritten.drain(..) {
            if let Some(cached) = self.young.get_mut(&id)
                && let Some(changed) = cached.unwritten.take()
            {
                write(&cached.record, changed)?;
            }
        }
        if self.young.len() > self.half {
            self.old = std::mem::take(&mut self.young);
        }
        Ok(())
    }
}

type ByAccount<T> = HashMap<AccountId, T, BuildHasherDefault<NumberHasher>>;

/// Hashes a number by one multiplication (Fibonacci hashing: Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4). The bank gives accounts their numbers, so nobody can
/// choose numbers that collide.
#[derive(Clone, Copy, Debug, Default)]
struct NumberHasher(u64);

/// 2 to the power of 64, divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for NumberHasher {
    fn write_i64(&mut self, number: i64) {
        self.0 = (self.0 ^ number.cast_unsigned()).wrapping_mul(GOLDEN);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i64((*byte).into());
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
