//! Both sides of every transfer, in bounded memory.
//!
//! The two records of a transfer stand in two books, far apart in the order in which a world is
//! read. So each record adds a hash of what both sides must agree on to one of a fixed number of
//! sums, the payer's with one sign and the receiver's with the other. A sum that is not zero at
//! the end betrays a record without its other side, and a second reading of that sum's records
//! alone names it.

use std::collections::BTreeMap;

use mockbank_bank::{LedgerAccount, Posting};

use super::finding::Row;

/// Number of sums: half a megabyte of them.
const SUMS: usize = 1 << 16;

/// What both records of a transfer say: group, payer, receiver, minor units, time.
type Agreed = (i64, i64, i64, i64, i64);

/// Sums over the records of transfers.
#[derive(Debug)]
pub(crate) struct TransferSums(Vec<u64>);

impl TransferSums {
    pub(crate) fn new() -> Self {
        Self(vec![0; SUMS])
    }

    /// Counts a record. Its group must be set.
    pub(crate) fn add(&mut self, posting: &Posting) {
        let Some((agreed, debit)) = agreed(posting) else { return };
        let hash = hash(agreed);
        let sum = &mut self.0[slot(agreed)];
        *sum = if debit { sum.wrapping_add(hash) } else { sum.wrapping_sub(hash) };
    }

    /// The sums that betray a record without its other side; `None` if there is none.
    pub(crate) fn suspects(&self) -> Option<Suspects> {
        let slots: Vec<bool> = self.0.iter().map(|sum| *sum != 0).collect();
        slots.contains(&true).then(|| Suspects { slots, open: BTreeMap::new() })
    }
}

/// The second reading: pairs the records of suspicious sums.
#[derive(Debug)]
pub(crate) struct Suspects {
    slots: Vec<bool>,
    open: BTreeMap<(Agreed, bool), Vec<Row>>,
}

impl Suspects {
    /// Looks at a record, as often as there are records.
    pub(crate) fn look(&mut self, posting: &Posting) {
        let Some((agreed, debit)) = agreed(posting) else { return };
        if !self.slots[slot(agreed)] {
            return;
        }
        if let Some(others) = self.open.get_mut(&(agreed, !debit)) {
            others.pop();
            if others.is_empty() {
                self.open.remove(&(agreed, !debit));
            }
        } else {
            self.open.entry((agreed, debit)).or_default().push(posting.into());
        }
    }

    /// The first record, by book and line, that found no other side.
    pub(crate) fn first(self) -> Option<Row> {
        self.open.into_values().flatten().min_by_key(|row| (row.account, row.sequence))
    }
}

/// What both records say, and whether this one is the payer's; `None` if it is no transfer's.
fn agreed(posting: &Posting) -> Option<(Agreed, bool)> {
    let (LedgerAccount::Deposit(other), None) = (posting.contra, posting.card) else {
        return None;
    };
    let group = posting.group?.number();
    let (own, other) = (posting.account.number(), other.number());
    let (minor, at) = (posting.amount.minor(), posting.at.seconds());
    let debit = minor < 0;
    let (payer, receiver) = if debit { (own, other) } else { (other, own) };
    Some(((group, payer, receiver, minor.wrapping_abs(), at), debit))
}

/// A mixer of 64 bits (the finalizer of `SplitMix64`) chained over the fields.
fn hash((group, payer, receiver, minor, at): Agreed) -> u64 {
    [group, payer, receiver, minor, at].into_iter().fold(0x9e37_79b9_7f4a_7c15, |state, field| {
        let mut mixed: u64 = state ^ field.cast_unsigned();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).wrapping_add(0x9e37_79b9_7f4a_7c15)
    })
}

/// Records of one group share a sum, so that a second reading finds all of them.
fn slot((group, ..): Agreed) -> usize {
    usize::try_from(group.unsigned_abs() % SUMS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use mockbank_bank::catalog::category;
    use mockbank_bank::{AccountId, GroupId, Instant, Money, PostingKind, PostingRef, Stream};

    use super::*;

    fn record(own: i64, other: i64, minor: i64, group: i64) -> Posting {
        Posting {
            account: AccountId::new(own),
            sequence: 1,
            at: Instant::from_seconds(1_735_689_600),
            kind: PostingKind::Transfer,
            category: category::TRANSFER,
            amount: Money::from_minor(minor),
            card: None,
            contra: LedgerAccount::Deposit(AccountId::new(other)),
            balance: Money::ZERO,
            card_balance: Money::ZERO,
            description: 0,
            place: 0,
            reference: PostingRef::new(Stream::COMMANDS, 1).unwrap(),
            group: Some(GroupId::new(group)),
        }
    }

    fn lonely(records: &[Posting]) -> Option<i64> {
        let mut sums = TransferSums::new();
        for record in records {
            sums.add(record);
        }
        let mut suspects = sums.suspects()?;
        for record in records {
            suspects.look(record);
        }
        suspects.first().map(|row| row.account.number())
    }

    #[test]
    fn pairs_are_silent() {
        let pairs = [record(1, 2, -500, 9), record(3, 1, -500, 8), record(1, 3, 500, 8)];
        assert_eq!(lonely(&[pairs[0], pairs[1], pairs[2], record(2, 1, 500, 9)]), None);
    }

    #[test]
    fn a_record_without_its_other_side_is_named() {
        assert_eq!(lonely(&[record(1, 2, -500, 9)]), Some(1));
        assert_eq!(lonely(&[record(4, 2, -500, 9), record(2, 4, 499, 9)]), Some(2));
        assert_eq!(lonely(&[record(4, 2, -500, 9), record(2, 4, 500, 10)]), Some(2));
        assert_eq!(lonely(&[record(4, 2, -500, 9), record(2, 5, 500, 9)]), Some(2));
    }
}
