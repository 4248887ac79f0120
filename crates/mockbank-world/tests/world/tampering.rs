//! A world is spoiled in every way that the check claims to see, and the check must name it.

use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use mockbank_bank::{
    Account, Card, Currency, DailyTotal, Day, LedgerAccount, Money, PostingBatch, PostingKind, User,
};
use mockbank_store::{HeldMoney, LedgerTotals, Result, Seal, Snapshot, WorldInfo};
use mockbank_world::{Unwatched, verify};
use tempfile::TempDir;

use crate::{make, snapshot};

static WORLD: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    make(folder.path(), 60, 60);
    folder
});

/// What is done to what a snapshot gives.
enum Tamper {
    World(fn(&mut WorldInfo)),
    Ledger(fn(&mut LedgerTotals)),
    Account(fn(&mut Account)),
    Card(fn(&mut Card)),
    /// To the batch that all postings fit in, and the first row of the kind.
    Posting(PostingKind, fn(&mut PostingBatch, usize)),
    Seals(fn(&mut Vec<Seal>)),
    Days(fn(&mut Vec<DailyTotal>)),
    LostUser,
    LostAccount,
}

/// A snapshot that lies.
struct Tampered {
    honest: Box<dyn Snapshot>,
    tamper: Tamper,
}

impl Snapshot for Tampered {
    fn world(&mut self) -> Result<WorldInfo> {
        let mut world = self.honest.world()?;
        if let Tamper::World(tamper) = self.tamper {
            tamper(&mut world);
        }
        Ok(world)
    }

    fn ledger(&mut self) -> Result<LedgerTotals> {
        let mut ledger = self.honest.ledger()?;
        if let Tamper::Ledger(tamper) = self.tamper {
            tamper(&mut ledger);
        }
        Ok(ledger)
    }

    fn daily_totals(&mut self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        let mut totals = self.honest.daily_totals(days)?;
        if let Tamper::Days(tamper) = self.tamper {
            tamper(&mut totals);
        }
        Ok(totals)
    }

    fn users(&mut self, after: i64, limit: usize) -> Result<Vec<User>> {
        let mut users = self.honest.users(after, limit)?;
        if matches!(self.tamper, Tamper::LostUser) && after == 0 {
            users.remove(3);
        }
        Ok(users)
    }

    fn accounts(&mut self, after: i64, limit: usize) -> Result<Vec<Account>> {
        let mut accounts = self.honest.accounts(after, limit)?;
        match self.tamper {
            Tamper::Account(tamper) if after == 0 => tamper(&mut accounts[4]),
            Tamper::LostAccount if after == 0 => drop(accounts.remove(4)),
            _ => {}
        }
        Ok(accounts)
    }

    fn cards(&mut self, after: i64, limit: usize) -> Result<Vec<Card>> {
        let mut cards = self.honest.cards(after, limit)?;
        match self.tamper {
            Tamper::Card(tamper) if after == 0 => tamper(&mut cards[4]),
            _ => {}
        }
        Ok(cards)
    }

    fn held(&mut self, after: i64, limit: usize) -> Result<Vec<HeldMoney>> {
        self.honest.held(after, limit)
    }

    fn postings(
        &mut self,
        after: (i64, i64),
        last: i64,
        limit: usize,
        out: &mut PostingBatch,
    ) -> Result<()> {
        self.honest.postings(after, last, limit, out)?;
        if let Tamper::Posting(kind, tamper) = self.tamper
            && after == (0, 0)
        {
            let row = out.kind.iter().position(|code| *code == kind.code()).unwrap();
            tamper(out, row);
        }
        Ok(())
    }

    fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<Seal>> {
        let mut seals = self.honest.seals(after, limit)?;
        match self.tamper {
            Tamper::Seals(tamper) if after == 0 => tamper(&mut seals),
            _ => {}
        }
        Ok(seals)
    }

    fn description(&mut self, number: u32) -> Result<Arc<str>> {
        self.honest.description(number)
    }

    fn descriptions(&mut self) -> Result<Vec<String>> {
        self.honest.descriptions()
    }
}

/// What the check says of a world that was spoiled.
#[track_caller]
fn check(tamper: Tamper, expected: &str) {
    let mut tampered = Tampered { honest: snapshot(WORLD.path()), tamper };
    let report = verify(&mut tampered, &Unwatched).unwrap();
    let finding = report.finding.map_or("everything holds".to_owned(), |found| found.to_string());
    assert!(finding.contains(expected), "{finding:?} does not say {expected:?}");
}

fn remove(batch: &mut PostingBatch, row: usize) {
    let kept: Vec<_> = batch.iter().enumerate().filter(|(at, _)| *at != row).collect();
    batch.clear();
    for (_, posting) in kept {
        batch.push(&posting);
    }
}

#[test]
fn an_honest_world_holds() {
    check(Tamper::World(|_| {}), "everything holds");
}

#[test]
fn balances_that_lines_do_not_make() {
    use PostingKind::{CardPayment, Payroll, Purchase};
    let balance = "the balance after it is";
    check(
        Tamper::Posting(Purchase, |rows, at| rows.amount[at] -= 1),
        "the card's balance after it",
    );
    check(Tamper::Posting(Payroll, |rows, at| rows.amount[at] += 1), balance);
    check(Tamper::Posting(CardPayment, |rows, at| rows.amount[at] += 1), balance);
    check(Tamper::Posting(Purchase, |rows, at| rows.balance[at] += 1), balance);
    check(Tamper::Posting(Purchase, |rows, at| rows.card_balance[at] += 1), "the card's balance");
    check(Tamper::Account(|account| account.balance = Money::ZERO), "acc_5: the balance is 0");
    check(Tamper::Account(|account| account.opening_balance = Money::ZERO), balance);
    check(Tamper::Card(|card| card.spend = Money::from_minor(-1)), "card_5: -1 owed");
}

#[test]
fn lines_that_are_missing_or_misplaced() {
    use PostingKind::{Payroll, Purchase};
    check(Tamper::Posting(Payroll, remove), "should stand here");
    check(Tamper::Posting(Purchase, |rows, at| rows.sequence[at] += 1), "should stand here");
    check(Tamper::Posting(Purchase, |rows, at| rows.at[at] = 0), "dated before the line");
    check(Tamper::Posting(Purchase, |rows, at| rows.at[at] += 1 << 30), "the world's clock");
    check(Tamper::Posting(Purchase, |rows, at| rows.card[at] = 59), "card_59 is not a card of");
    check(Tamper::Posting(Purchase, |rows, at| rows.kind[at] = 99), "cannot be read");
    check(Tamper::LostAccount, "(line 1 of acc_5): there is no such account");
}

#[test]
fn movements_with_one_side() {
    use PostingKind::{CardPayment, Payroll, Purchase, Transfer};
    let deposit = |rows: &mut PostingBatch, at: usize| {
        rows.contra[at] = LedgerAccount::from_code((1 << 2) | 2).unwrap().code();
    };
    check(Tamper::Posting(Purchase, deposit), "the other side of the movement is missing");
    check(Tamper::Posting(CardPayment, deposit), "without a group");
    check(Tamper::Posting(Payroll, deposit), "without a group");
    check(Tamper::Posting(Transfer, |rows, at| rows.group[at] = 0), "a transfer without a group");
    check(Tamper::Posting(Transfer, |rows, at| rows.group[at] += 1), "the other side of");
    check(Tamper::Posting(Payroll, |rows, at| rows.contra[at] += 4), "the total is");
}

#[test]
fn totals_and_counts() {
    check(Tamper::Ledger(|ledger| ledger.bank[0].1 = Money::ZERO), "bank:opening-balances");
    check(Tamper::Ledger(|ledger| ledger.hubs[0].1 = Money::from_minor(1)), "hub:");
    check(Tamper::Ledger(|ledger| ledger.hubs.truncate(1)), "the total is 0");
    check(Tamper::Ledger(|ledger| ledger.deposits += 1), "deposits: ");
    check(Tamper::Ledger(|ledger| ledger.card_debt = 0), "card debt: 0 in all");
    check(Tamper::LostUser, "counts 60 users and has 59");
    check(Tamper::World(|world| world.counts.cards += 1), "counts 61 cards and has 60");
    check(Tamper::World(|world| world.counts.accounts -= 1), "counts 59 accounts and has 60");
    check(Tamper::World(|world| world.counts.transactions += 1), "transactions and has");
    check(Tamper::Account(|account| account.postings += 1), "acc_5: counts");
    check(Tamper::Card(|card| card.postings += 1), "card_5: counts");
}

#[test]
fn money_in_another_currency() {
    let kept = "acc_5: kept in EUR, and money moved on it in a world kept in USD";
    check(Tamper::Account(|account| account.currency = Currency::EUR), kept);
    check(Tamper::World(|world| world.currency = Currency::EUR), "acc_1: kept in USD, and money");
    // Without a line, an opening balance tells.
    let folder = TempDir::new().unwrap();
    make(folder.path(), 5, 0);
    let tamper = Tamper::Account(|account| account.currency = Currency::EUR);
    let mut tampered = Tampered { honest: snapshot(folder.path()), tamper };
    let finding = verify(&mut tampered, &Unwatched).unwrap().finding;
    assert_eq!(finding.map(|found| found.to_string()).as_deref(), Some(kept));
}

#[test]
fn totals_of_days() {
    check(Tamper::Days(|days| days[0].postings += 1), "the totals of 2025-01-01 are not");
    check(Tamper::Days(|days| days[7].credits += 1), "are not what its postings make");
    check(Tamper::Days(|days| days[7].debits += 1), "are not what its postings make");
    check(Tamper::Days(|days| _ = days.remove(3)), "the totals of 2025-01-01 are not");
    check(Tamper::Days(|days| _ = days.pop()), "the totals of 2025-03-01 are not");
    check(Tamper::Days(|days| days.push(days[0])), "the totals of 2025-01-01 are not");
}

#[test]
fn what_was_sealed() {
    use PostingKind::Purchase;
    let sealed = "are not those that were sealed";
    check(Tamper::Posting(Purchase, |rows, at| rows.category[at] ^= 1), sealed);
    check(Tamper::Posting(Purchase, |rows, at| rows.description[at] ^= 1), sealed);
    check(Tamper::Posting(Purchase, |rows, at| rows.place[at] ^= 1), sealed);
    check(Tamper::Posting(Purchase, |rows, at| rows.reference[at] += 1 << 8), sealed);
    check(Tamper::Seals(Vec::clear), "for which no seal stands");
    check(Tamper::Seals(|seals| seals[0].hash[0] ^= 1), "seal 1 was made for something else");
    check(Tamper::Seals(|seals| seals[0].number = 2), "seal 1 was made for something else");
}
