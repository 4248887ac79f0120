//! Daily settlement: what each day's postings moved on the accounts of the bank and of its
//! counterparties.
//!
//! Customers' postings name the account on their other side. Those sides are added up by account
//! and day, and sums of customers, parts and shards add up again in any order, so nobody has to
//! know all of a day to settle it.

use mockbank_bank::{BankAccount, HubId, Instant, LedgerAccount, PostingBatch};

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
/// Postings come customer by customer, each through all days, and the settlements of all days do
/// not fit a core's cache. Those of a few successive days do: so movements wait, apart by pages of
/// such days, and are added up many at a time.
#[derive(Debug)]
pub struct Settlements {
    /// Counterparties; their accounts come first, then the bank's own.
    hubs: u32,
    /// By the number of the page.
    days: Vec<Days>,
    /// Movements that wait in all pages of days.
    waiting: usize,
    pages: Vec<Page>,
    /// Settlements that have postings, waiting ones left out.
    count: usize,
    /// Sum of all amounts, in minor units: no settlement is larger.
    moved: u128,
}

/// A page of successive days.
#[derive(Debug, Default)]
struct Days {
    waiting: Vec<Movement>,
    /// For each account where in `pages` it is, or [`NOWHERE`]; empty before the first movement.
    pages: Vec<u32>,
}

/// The other side of a posting.
#[derive(Debug)]
struct Movement {
    /// Index of the account.
    account: u32,
    /// Days from the first one of the page.
    day: u16,
    /// Minor units, seen from the customer.
    amount: i64,
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

/// Days of a page.
const PAGE_DAYS: u16 = 16;

/// Pages that are kept at once: some 25 megabytes, even if each holds a single day.
const MAX_PAGES: usize = 1 << 16;

/// Movements that wait at once: two megabytes.
const MAX_WAITING: usize = 1 << 17;

/// Place of a page that is not there yet.
const NOWHERE: u32 = u32::MAX;

impl Settlements {
    /// For a world with so many counterparties.
    pub fn new(hubs: u32) -> Self {
        Self { hubs, days: Vec::new(), waiting: 0, pages: Vec::new(), count: 0, moved: 0 }
    }

    /// Adds the other sides of a batch's postings. Those of customers have postings of their own.
    pub fn add(&mut self, postings: &PostingBatch) {
        for ((contra, at), amount) in postings.contra.iter().zip(&postings.at).zip(&postings.amount)
        {
            // Codes that stand for nothing are refused where the postings are written.
            let Some(account) = self.index_of(*contra) else { continue };
            let day = Instant::from_seconds(*at).day().number();
            let page = usize::from(day / PAGE_DAYS);
            if self.days.len() <= page {
                self.days.resize_with(page + 1, Days::default);
            }
            let movement = Movement { account, day: day % PAGE_DAYS, amount: *amount };
            self.days[page].waiting.push(movement);
            self.waiting += 1;
            self.moved += u128::from(amount.unsigned_abs());
        }
        if self.waiting >= MAX_WAITING {
            self.add_up();
        }
    }

    /// Index of an account; `None` for customers'.
    #[inline]
    fn index_of(&self, contra: i64) -> Option<u32> {
        match LedgerAccount::from_code(contra)? {
            LedgerAccount::Hub(hub) => Some(hub.0).filter(|hub| *hub < self.hubs),
            LedgerAccount::Bank(account) => self.hubs.checked_add(account as u32),
            LedgerAccount::Deposit(_) | LedgerAccount::Card(_) => None,
        }
    }

    /// Adds up all movements that wait.
    fn add_up(&mut self) {
        self.waiting = 0;
        let Self { hubs, days, pages, count, .. } = self;
        let accounts = *hubs as usize + BankAccount::ALL.len();
        for (number, days) in (0..).zip(days).filter(|(_, days)| !days.waiting.is_empty()) {
            days.pages.resize(accounts, NOWHERE);
            for Movement { account, day, amount } in days.waiting.drain(..) {
                let place = &mut days.pages[account as usize];
                if *place == NOWHERE {
                    *place = u32::try_from(pages.len()).unwrap_or(NOWHERE);
                    pages.push(Page::new(account_of(account, *hubs), number * PAGE_DAYS));
                }
                let settlement = &mut pages[*place as usize].settlements[usize::from(day)];
                *count += usize::from(settlement.postings == 0);
                // Without a branch, as nobody can predict signs.
                settlement.credit -= amount.min(0);
                settlement.debit += amount.max(0);
                settlement.postings += 1;
            }
        }
    }

    /// Whether it is time to take what there is and start anew.
    pub fn is_full(&self) -> bool {
        self.count >= MAX_SETTLEMENTS || self.pages.len() >= MAX_PAGES || self.moved >= MAX_MOVED
    }

    /// Takes the settlements, by day and account.
    pub fn take(&mut self) -> SettlementBatch {
        self.add_up();
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
        self.days.iter_mut().for_each(|days| days.pages.clear());
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

impl Page {
    fn new(account: LedgerAccount, first_day: u16) -> Self {
        Self { account: account.code(), first_day, settlements: Default::default() }
    }
}

/// The account of an index in a world with so many counterparties.
fn account_of(index: u32, hubs: u32) -> LedgerAccount {
    match index.checked_sub(hubs) {
        None => LedgerAccount::Hub(HubId(index)),
        Some(number) => LedgerAccount::Bank(BankAccount::ALL[number as usize]),
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
    const HUBS: u32 = 4;

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
        let mut settlements = Settlements::new(HUBS);
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
        let mut settlements = Settlements::new(HUBS);
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
                let mut settlements = Settlements::new(HUBS);
                settlements.add(&batch(moves));
                let taken = settlements.take();
                taken.credit.iter().sum::<i64>() - taken.debit.iter().sum::<i64>()
            };
            prop_assert_eq!(net(one) + net(other), net(&moves));
            prop_assert_eq!(net(&moves), -moves.iter().map(|(_, _, amount)| amount).sum::<i64>());
        }
    }
}
