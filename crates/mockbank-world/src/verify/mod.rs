//! The check of a whole world: every balance recomputed, both sides of every movement found.

mod book;
mod finding;
mod seals;
mod transfers;

use std::collections::BTreeMap;

use mockbank_bank::{Account, BankAccount, DailySums, Day, LedgerAccount, Posting};
use mockbank_store::{HeldMoney, Snapshot, WorldInfo};

use self::book::{BookCheck, CardStand};
use self::finding::minor;
pub use self::finding::{Finding, Row};
use self::seals::SealCheck;
use self::transfers::TransferSums;
use crate::error::{Result, WorldError};
use crate::lines::{Line, Lines};
use crate::watch::{Progress, Watch};

/// Accounts, cards or users read at once.
const BATCH: usize = 4096;

/// What a check looked at, and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The world.
    pub world: WorldInfo,
    /// How much of it was checked until the end, or until the finding.
    pub checked: Checked,
    /// The first thing that does not hold; `None` if everything does.
    pub finding: Option<Finding>,
}

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Customers counted.
    pub users: u64,
    /// Books read from their first line to their last.
    pub accounts: u64,
    /// Cards whose spend was compared with their lines.
    pub cards: u64,
    /// Lines whose balances were recomputed.
    pub transactions: u64,
    /// Records of transfers that found their other side.
    pub transfers: u64,
    /// Totals of the bank and its counterparties that were recomputed.
    pub totals: u64,
    /// Totals of a day and a sort of postings that were added up again.
    pub daily_totals: u64,
    /// Pending holds that were compared with what accounts have set aside.
    pub pending_holds: u64,
    /// Seals that fit what they stand for and the one before.
    pub seals: u64,
}

/// Why a check ends before its end.
enum Stop {
    Found(Finding),
    Failed(WorldError),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}

impl<E: Into<WorldError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Checks a whole world, in memory that does not grow with its postings.
pub fn verify(snapshot: &mut dyn Snapshot, watch: &dyn Watch) -> Result<Report> {
    let world = snapshot.world()?;
    let mut check = Check {
        snapshot,
        watch,
        world,
        lines: Lines::new(),
        checked: Checked::default(),
        totals: BTreeMap::new(),
        transfers: TransferSums::new(),
        daily: DailySums::default(),
        deposits: 0,
        card_debt: 0,
    };
    let finding = match check.run() {
        Ok(()) => None,
        Err(Stop::Found(finding)) => Some(finding),
        Err(Stop::Failed(error)) => return Err(error),
    };
    let Check { world, checked, .. } = check;
    Ok(Report { world, checked, finding })
}

struct Check<'a> {
    snapshot: &'a mut dyn Snapshot,
    watch: &'a dyn Watch,
    world: WorldInfo,
    lines: Lines,
    checked: Checked,
    /// What the postings make of the bank's and the counterparties' accounts.
    totals: BTreeMap<LedgerAccount, i128>,
    transfers: TransferSums,
    /// What the postings make of each day.
    daily: DailySums,
    /// Sum over the customers' deposit accounts.
    deposits: i128,
    /// Sum of what is owed on the customers' cards.
    card_debt: i128,
}

impl Check<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        self.users()?;
        let cards = self.cards()?;
        let mut seals = SealCheck::replay(self.snapshot)?;
        self.checked.seals = seals.checked();
        self.books(&cards, &mut seals)?;
        self.other_sides()?;
        self.holds()?;
        self.bank()?;
        self.counts()?;
        seals.close()?;
        self.days()
    }

    fn users(&mut self) -> Result<(), Stop> {
        let mut after = 0;
        loop {
            let users = self.snapshot.users(after, BATCH)?;
            let Some(last) = users.last() else { return Ok(()) };
            after = last.id.number();
            self.checked.users += users.len() as u64;
        }
    }

    /// Where every card says that it stands, by account.
    fn cards(&mut self) -> Result<Vec<CardStand>, Stop> {
        let (mut stands, mut after) = (Vec::new(), 0);
        loop {
            let cards = self.snapshot.cards(after, BATCH)?;
            let Some(last) = cards.last() else { break };
            after = last.id.number();
            stands.extend(cards.iter().map(CardStand::from));
        }
        stands.sort_by_key(|stand| (stand.account, stand.card));
        Ok(stands)
    }

    /// Reads every book beside the account and the cards whose book it is.
    fn books(&mut self, mut cards: &[CardStand], seals: &mut SealCheck) -> Result<(), Stop> {
        let mut after = 0;
        loop {
            let accounts = self.snapshot.accounts(after, BATCH)?;
            let Some(last) = accounts.last() else { break };
            after = last.id.number();
            for account in &accounts {
                let own = cards.partition_point(|card| card.account <= account.id);
                let (own, rest) = cards.split_at(own);
                self.book(account, own, seals)?;
                cards = rest;
            }
        }
        match self.next_line(None)? {
            Some(stray) => Err(Finding::UnknownAccount((&stray).into()).into()),
            None => Ok(()),
        }
    }

    fn book(
        &mut self,
        account: &Account,
        cards: &[CardStand],
        seals: &mut SealCheck,
    ) -> Result<(), Stop> {
        let mut book = BookCheck::new(account, cards, self.world.clock);
        while let Some(posting) = self.next_line(Some(account))? {
            book.line(&posting)?;
            seals.line(&posting)?;
            self.other_side(&posting);
            self.daily.add_posting(&posting);
        }
        book.close()?;
        if account.currency != self.world.currency && has_moved(account) {
            let (account, currency) = (account.id, account.currency);
            return Err(Finding::Currency { account, currency, world: self.world.currency }.into());
        }
        let opening = LedgerAccount::Bank(BankAccount::OpeningBalances);
        *self.totals.entry(opening).or_default() -= minor(account.opening_balance);
        self.deposits += minor(account.balance);
        self.card_debt += cards.iter().map(|card| minor(card.spend)).sum::<i128>();
        self.checked.accounts += 1;
        self.checked.cards += cards.len() as u64;
        Ok(())
    }

    /// The next line if it stands in this account's book, or any line if `None`.
    fn next_line(&mut self, account: Option<&Account>) -> Result<Option<Posting>, Stop> {
        let posting = match self.lines.peek(self.snapshot)? {
            None => return Ok(None),
            Some(Line::Unreadable(account, sequence)) => {
                return Err(Finding::Unreadable { account, sequence }.into());
            }
            Some(Line::Posting(posting)) => posting,
        };
        match account {
            Some(account) if posting.account > account.id => return Ok(None),
            Some(account) if posting.account < account.id => {
                return Err(Finding::UnknownAccount((&posting).into()).into());
            }
            _ => self.lines.advance(),
        }
        self.checked.transactions = self.lines.read();
        if self.lines.read().is_multiple_of(1 << 16) {
            self.report_progress()?;
        }
        Ok(Some(posting))
    }

    fn report_progress(&self) -> Result<(), Stop> {
        if self.watch.cancelled() {
            return Err(WorldError::Interrupted.into());
        }
        let rows = self.lines.read();
        let total = self.world.counts.transactions;
        self.watch.progress(Progress { done: rows, total, rows });
        Ok(())
    }

    /// Keeps what the line did to the ledger account on its other side.
    fn other_side(&mut self, posting: &Posting) {
        match posting.contra {
            LedgerAccount::Bank(_) | LedgerAccount::Hub(_) => {
                *self.totals.entry(posting.contra).or_default() -= minor(posting.amount);
            }
            LedgerAccount::Deposit(_) if posting.card.is_none() => {
                self.transfers.add(posting);
                self.checked.transfers += 1;
            }
            // The two lines of a card bill stand beside each other: the book pairs them.
            LedgerAccount::Deposit(_) | LedgerAccount::Card(_) => {}
        }
    }

    /// Names a transfer's record without its other side, by a second reading if there is one.
    fn other_sides(&mut self) -> Result<(), Stop> {
        let Some(mut suspects) = self.transfers.suspects() else { return Ok(()) };
        self.lines = Lines::new();
        while let Some(posting) = self.next_line(None)? {
            suspects.look(&posting);
        }
        suspects.first().map_or(Ok(()), |row| Err(Finding::OneSided(row).into()))
    }

    /// Compares what accounts have set aside with the pending holds.
    fn holds(&mut self) -> Result<(), Stop> {
        let mut after = 0;
        loop {
            let accounts = self.snapshot.held(after, BATCH)?;
            let Some(last) = accounts.last() else { return Ok(()) };
            after = last.account.number();
            for HeldMoney { account, held, pending, holds } in accounts {
                if held != pending {
                    let (expected, found) = (minor(pending), minor(held));
                    return Err(Finding::Held { account, expected, found }.into());
                }
                self.checked.pending_holds += holds;
            }
        }
    }

    /// Compares the customers', the bank's and the counterparties' totals, and sums up the ledger.
    fn bank(&mut self) -> Result<(), Stop> {
        let ledger = self.snapshot.ledger()?;
        let customers = [
            ("deposits", self.deposits, ledger.deposits),
            ("card debt", self.card_debt, ledger.card_debt),
        ];
        for (what, expected, found) in customers {
            if expected != found {
                return Err(Finding::Sum { what, expected, found }.into());
            }
        }
        let bank = ledger.bank.iter().map(|(bank, total)| (LedgerAccount::Bank(*bank), *total));
        let hubs = ledger.hubs.iter().map(|(hub, total)| (LedgerAccount::Hub(*hub), *total));
        let mut sum = self.deposits - self.card_debt;
        for (account, total) in bank.chain(hubs) {
            let (expected, found) = (self.totals.remove(&account).unwrap_or(0), minor(total));
            if expected != found {
                return Err(Finding::Total { account, expected, found }.into());
            }
            sum += found;
            self.checked.totals += 1;
        }
        if let Some((&account, &expected)) = self.totals.iter().find(|(_, total)| **total != 0) {
            return Err(Finding::Total { account, expected, found: 0 }.into());
        }
        if sum != 0 {
            return Err(Finding::NotZero(sum).into());
        }
        Ok(())
    }

    /// Compares what is kept of each day.
    fn days(&mut self) -> Result<(), Stop> {
        let expected = self.daily.totals();
        let found = self.snapshot.daily_totals(Day::default()..=Day::MAX)?;
        let differs = expected.iter().zip(&found).find(|(expected, found)| expected != found);
        let longer = expected.get(found.len()).or_else(|| found.get(expected.len()));
        if let Some(total) = differs.map(|(expected, _)| expected).or(longer) {
            return Err(Finding::Day(total.day).into());
        }
        self.checked.daily_totals = expected.len() as u64;
        Ok(())
    }

    fn counts(&self) -> Result<(), Stop> {
        let (counts, checked) = (self.world.counts, self.checked);
        let pairs = [
            ("users", checked.users, counts.users),
            ("accounts", checked.accounts, counts.accounts),
            ("cards", checked.cards, counts.cards),
            ("transactions", checked.transactions, counts.transactions),
        ];
        for (what, expected, found) in pairs {
            if expected != found {
                return Err(Finding::Count { what, expected, found }.into());
            }
        }
        Ok(())
    }
}

/// Whether an account or one of its cards ever had anything on it, by a book that was checked.
fn has_moved(account: &Account) -> bool {
    account.postings > 0 || !account.opening_balance.is_zero()
}
