//! Daily settlement: what each day's postings moved on the accounts of the bank and of its
//! counterparties.
//!
//! Customers' postings name the account on their other side. Those sides are added up by account
//! and day, and sums of customers, parts and shards add up again in any order, so nobody has to
//! know all of a day to settle it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use mockbank_bank::{Instant, LedgerAccount, PostingBatch};

/// Accounts and days that are kept at once: with them grows the memory, not with the world.
const MAX_SETTLEMENTS: usize = 1 << 17;

/// Minor units that one settlement may come to, far below what a column of amounts holds.
const MAX_MOVED: u128 = 10u128.pow(17);

/// What was moved on an account in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// What was taken from it, in minor units.
    pub debit: i64,
    /// What was paid into it, in minor units.
    pub credit: i64,
    /// How many postings that is.
    pub postings: i64,
}

/// Settlements of some postings.
///
/// They lie in pages of successive days of one account: postings come in the order of their days,
/// so the index of pages stays in the processor's cache where one of all days and accounts would
/// not.
#[derive(Debug, Default)]
pub struct Settlements {
    /// Where in `pages` an account's days are.
    index: HashMap<u64, usize, BuildHasherDefault<KeyHasher>>,
    pages: Vec<Page>,
    /// Settlements that have postings.
    count: usize,
    /// Sum of all amounts, in minor units: no settlement is larger.
    moved: u128,
}

/// Settlements of an account on successive days.
#[derive(Debug)]
struct Page {
    /// Code of the ledger account.
    account: i64,
    /// Days since 1970-01-01 of the first.
    first_day: u16,
    settlements: [Settlement; PAGE_DAYS as usize],
}

/// Settlements as columns, by day and account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettlementBatch {
    /// Code of the ledger account.
    pub account: Vec<i64>,
    /// Days since 1970-01-01.
    pub day: Vec<i32>,
    /// What was taken from the account, in minor units.
    pub debit: Vec<i64>,
    /// What was paid into the account, in minor units.
    pub credit: Vec<i64>,
    /// Number of postings.
    pub postings: Vec<i64>,
}

/// Bits of a key that tell the page of days.
const PAGE_BITS: u32 = 12;

/// Days of a page: the lower bits of a day's number.
const PAGE_DAYS: u16 = 1 << (u16::BITS - PAGE_BITS);

/// Pages that are kept at once: some 25 megabytes, even if each holds a single day.
const MAX_PAGES: usize = 1 << 16;

impl Settlements {
    /// Adds the other sides of a batch's postings. Those of customers have postings of their own.
    pub fn add(&mut self, postings: &PostingBatch) {
        for ((contra, at), amount) in postings.contra.iter().zip(&postings.at).zip(&postings.amount)
        {
            // Codes that stand for nothing are refused where the postings are written.
            let account =
                LedgerAccount::from_code(*contra).filter(|account| !account.is_customers());
            if account.is_none() {
                continue;
            }
            let day = Instant::from_seconds(*at).day().number();
            let settlement = self.settlement(*contra, day);
            let is_new = settlement.postings == 0;
            let moved = amount.saturating_abs();
            // Without a branch, as nobody can predict signs.
            settlement.credit += if *amount < 0 { moved } else { 0 };
            settlement.debit += if *amount < 0 { 0 } else { moved };
            settlement.postings += 1;
            self.count += usize::from(is_new);
            self.moved += u128::from(moved.unsigned_abs());
        }
    }

    #[inline]
    fn settlement(&mut self, account: i64, day: u16) -> &mut Settlement {
        let (page, slot) = (day / PAGE_DAYS, day % PAGE_DAYS);
        let pages = &mut self.pages;
        let key = account.cast_unsigned() << PAGE_BITS | u64::from(page);
        let place = *self.index.entry(key).or_insert_with(|| {
            let settlements = [Settlement::default(); PAGE_DAYS as usize];
            pages.push(Page { account, first_day: page * PAGE_DAYS, settlements });
            pages.len() - 1
        });
        &mut pages[place].settlements[usize::from(slot)]
    }

    /// Whether it is time to take what there is and start anew.
    pub fn is_full(&self) -> bool {
        self.count >= MAX_SETTLEMENTS || self.pages.len() >= MAX_PAGES || self.moved >= MAX_MOVED
    }

    /// Takes the settlements, by day and account.
    pub fn take(&mut self) -> SettlementBatch {
        let mut sums: Vec<(u16, i64, Settlement)> = Vec::with_capacity(self.count);
        for page in self.pages.drain(..) {
            let slots = (0..PAGE_DAYS).zip(page.settlements);
            let with_postings = slots.filter(|(_, settlement)| settlement.postings > 0);
            sums.extend(
                with_postings
                    .map(|(slot, settlement)| (page.first_day + slot, page.account, settlement)),
            );
        }
        sums.sort_unstable_by_key(|(day, account, _)| (*day, *account));
        self.index.clear();
        (self.count, self.moved) = (0, 0);
        SettlementBatch {
            account: sums.iter().map(|(_, account, _)| *account).collect(),
            day: sums.iter().map(|(day, ..)| i32::from(*day)).collect(),
            debit: sums.iter().map(|(.., sum)| sum.debit).collect(),
            credit: sums.iter().map(|(.., sum)| sum.credit).collect(),
            postings: sums.iter().map(|(.., sum)| sum.postings).collect(),
        }
    }
}

/// Spreads keys, which nobody chooses to collide, faster than the standard library's hasher.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        // Fibonacci hashing; the table looks at the low bits too, so the high ones are folded in.
        let spread = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ spread >> 32;
    }
}

#[cfg(test)]
mod tests {
    use mockbank_bank::{
        AccountId, BankAccount, HubId, Money, Posting, PostingKind, PostingRef, Stream,
    };
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;

    fn posting((contra, at, amount): (LedgerAccount, i64, i64)) -> Posting {
        Posting {
            account: AccountId::new(1),
            sequence: 1,
            at: Instant::from_seconds(at),
            kind: PostingKind::Manual,
            category: 0,
            amount: Money::from_minor(amount),
            card: None,
            contra,
            balance: Money::ZERO,
            card_balance: Money::ZERO,
            description: 0,
            place: 0,
            reference: PostingRef::new(Stream::COMMANDS, 1).unwrap(),
            group: None,
        }
    }

    fn batch(moves: &[(LedgerAccount, i64, i64)]) -> PostingBatch {
        let mut batch = PostingBatch::default();
        for moved in moves {
            batch.push(&posting(*moved));
        }
        batch
    }

    #[test]
    fn a_day_of_an_account_is_one_sum_of_the_other_side() {
        let (hub, bank) = (LedgerAccount::Hub(HubId(3)), LedgerAccount::Bank(BankAccount::Cash));
        let customer = LedgerAccount::Deposit(AccountId::new(2));
        let mut settlements = Settlements::default();
        settlements.add(&batch(&[
            (hub, 0, -500),
            (customer, 1, -7),
            (hub, DAY - 1, 200),
            (bank, DAY, 40),
            (hub, DAY, -1),
        ]));
        let taken = settlements.take();
        assert_eq!(
            taken,
            SettlementBatch {
                account: vec![hub.code(), bank.code(), hub.code()],
                day: vec![0, 1, 1],
                debit: vec![200, 40, 0],
                credit: vec![500, 0, 1],
                postings: vec![2, 1, 1],
            }
        );
        assert_eq!(settlements.take(), SettlementBatch::default());
    }

    #[test]
    fn memory_and_sums_are_bounded() {
        let hub = LedgerAccount::Hub(HubId(0));
        let mut settlements = Settlements::default();
        let days: Vec<_> = (0..1 << 16).map(|day| (hub, day * DAY, -1)).collect();
        settlements.add(&batch(&days));
        assert!(!settlements.is_full());
        let others: Vec<_> =
            (0..1 << 16).map(|day| (LedgerAccount::Hub(HubId(1)), day * DAY, -1)).collect();
        settlements.add(&batch(&others));
        assert!(settlements.is_full());
        assert_eq!(settlements.take().day.len(), 1 << 17);
        assert!(!settlements.is_full());
        let most = Money::MAX_MOVEMENT.minor();
        settlements.add(&batch(&vec![(hub, 0, most); 100_000]));
        assert!(settlements.is_full());
        assert_eq!(settlements.take().debit, [most * 100_000]);
    }

    proptest! {
        #[test]
        fn parts_add_up(
            moves in prop::collection::vec((0..3_u32, 0..3_i64, -50..50_i64), 0..40),
            cut: prop::sample::Index,
        ) {
            let moves: Vec<_> = moves
                .into_iter()
                .map(|(hub, day, amount)| (LedgerAccount::Hub(HubId(hub)), day * DAY, amount))
                .collect();
            let (one, other) = moves.split_at(cut.index(moves.len() + 1));
            let net = |moves: &[_]| {
                let mut settlements = Settlements::default();
                settlements.add(&batch(moves));
                let taken = settlements.take();
                taken.credit.iter().sum::<i64>() - taken.debit.iter().sum::<i64>()
            };
            prop_assert_eq!(net(one) + net(other), net(&moves));
            prop_assert_eq!(net(&moves), -moves.iter().map(|(_, _, amount)| amount).sum::<i64>());
        }
    }
}
