//! Records of accounts in memory.

use std::collections::HashMap;

use mockbank_bank::AccountId;
use mockbank_bank::counter::AccountRecord;

/// The accounts that commands touched lately.
///
/// Two generations: what is touched moves to the young one, and when that is half of the capacity
/// the old one is forgotten. So no more than the capacity is kept, without a list of last uses.
/// What is not written to the database yet is kept until it is.
#[derive(Debug)]
pub(super) struct Cache {
    young: HashMap<AccountId, Cached>,
    old: HashMap<AccountId, Cached>,
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
            young: HashMap::new(),
            old: HashMap::new(),
            unwritten: Vec::new(),
            half: (capacity / 2).max(1),
        }
    }

    pub(super) fn get(&mut self, id: AccountId) -> Option<&AccountRecord> {
        if !self.young.contains_key(&id) {
            let cached = self.old.remove(&id)?;
            self.young.insert(id, cached);
        }
        self.young.get(&id).map(|cached| &cached.record)
    }

    /// Keeps a record as the database has it.
    pub(super) fn keep(&mut self, record: AccountRecord) {
        self.young.insert(record.book.account, Cached { record, unwritten: None });
    }

    /// Keeps a record that is newer than the database's.
    pub(super) fn change(&mut self, record: AccountRecord) {
        let id = record.book.account;
        let before = self.young.remove(&id).or_else(|| self.old.remove(&id));
        let same_cards = before.as_ref().is_some_and(|before| {
            before.unwritten != Some(Changed::Cards)
                && before.record.book.cards == record.book.cards
        });
        if before.is_none_or(|before| before.unwritten.is_none()) {
            self.unwritten.push(id);
        }
        let changed = if same_cards { Changed::Account } else { Changed::Cards };
        self.young.insert(id, Cached { record, unwritten: Some(changed) });
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
