//! What a step has posted so far, checked as it comes and held against the books at its end.

use std::collections::HashMap;

use mockbank_bank::rules::{Book, CardBook};
use mockbank_bank::{
    BankAccount, DailySums, DailyTotal, HubId, Instant, LedgerAccount, Money, PostingBatch,
    PostingKind, Stream,
};

use crate::{BookRun, Result, RunSum, StoreError};

/// Where a ledger account stood before its first posting of the step, and stands after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Balance before, in minor units.
    pub(crate) before: i64,
    /// Balance after, in minor units.
    pub(crate) after: i64,
    /// Number of postings.
    pub(crate) postings: i64,
}

/// Postings of a book that is not saved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenBook {
    /// The deposit account's balance, and all postings of the book.
    pub(crate) deposit: Run,
    /// Sequence of the last posting.
    pub(crate) sequence: i64,
    /// Instant of the last posting.
    pub(crate) latest: i64,
    /// The cards that moved.
    pub(crate) cards: Vec<(i64, Run)>,
    /// Marks on the way: the card, its postings in this step up to there, and the sequence.
    pub(crate) marks: Vec<(i64, i64, i64)>,
    /// What a seal stands for.
    run: BookRun,
}

/// A book's sequences between two marks of a card.
const MARK_EVERY: i64 = 64;

/// Whether cards are marked behind the posting with a sequence.
pub(crate) fn is_marked(sequence: i64) -> bool {
    sequence % MARK_EVERY == 0
}

/// The marks that are due behind the posting with a sequence, for a book that stands there: cards
/// with the number of their postings so far.
pub(crate) fn marks_of(book: &Book, sequence: i64) -> impl Iterator<Item = (i64, i64)> {
    let due = is_marked(sequence);
    let cards = book.cards.iter().filter(move |card| due && card.postings > 0);
    cards.map(|card| (card.card.number(), card.postings.cast_signed()))
}

/// Sums of a step. Memory follows the books that are not saved yet, not the world.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    bank: [i128; BankAccount::ALL.len()],
    hubs: Vec<i128>,
    /// Sum over the postings whose other side is a posting too.
    paired: i128,
    daily: DailySums,
    postings: u64,
    latest: i64,
    open: HashMap<i64, OpenBook>,
    /// Sum over the books that are saved, and how many postings that is.
    sum: RunSum,
    sealed: u64,
    categories: usize,
    places: usize,
    descriptions: usize,
}

impl Tally {
    /// A tally of nothing, in a world with these numbers of hubs, categories, places and
    /// descriptions.
    pub(crate) fn new([hubs, categories, places, descriptions]: [u32; 4]) -> Self {
        Self {
            hubs: vec![0; hubs as usize],
            categories: categories as usize,
            places: places as usize,
            descriptions: descriptions as usize,
            ..Self::default()
        }
    }

    pub(crate) fn postings(&self) -> u64 {
        self.postings
    }

    /// Postings of the saved books that the step's seal stands for.
    pub(crate) fn sealed(&self) -> u64 {
        self.sealed
    }

    /// Sum over the saved books' postings that the step's seal stands for.
    pub(crate) fn sum(&self) -> RunSum {
        self.sum
    }

    /// Moves one of the bank's accounts.
    pub(crate) fn book(&mut self, account: BankAccount, amount: i128) {
        self.bank[account as usize] += amount;
    }

    /// Takes a batch in, or refuses it for what contradicts itself.
    pub(crate) fn take(&mut self, batch: &PostingBatch) -> Result<()> {
        self.check_numbers(batch)?;
        for row in 0..batch.len() {
            self.take_other_side(batch.contra[row], batch.amount[row])?;
            self.take_daily(batch, row)?;
        }
        let mut start = 0;
        while start < batch.len() {
            let account = batch.account[start];
            let rows = batch.account[start..].iter().take_while(|other| **other == account).count();
            self.take_run(batch, start..start + rows)?;
            start += rows;
        }
        self.postings += batch.len() as u64;
        Ok(())
    }

    /// Forgets a book that is saved now, after holding the postings against it. Gives back what
    /// the postings did; `None` where there were none.
    pub(crate) fn close(&mut self, book: &Book) -> Result<Option<OpenBook>> {
        let Some(open) = self.open.remove(&book.account.number()) else { return Ok(None) };
        let agrees = open.sequence == book.postings.cast_signed()
            && open.deposit.after == book.balance.minor()
            && open.latest == book.latest.seconds()
            && open.cards.iter().all(|(card, run)| {
                let agrees = |book: &CardBook| i128::from(run.after) == negated(book.spend);
                book.cards.iter().find(|book| book.card.number() == *card).is_some_and(agrees)
            });
        if agrees {
            if !open.run.is_empty() {
                self.sum.add(&open.run);
                self.sealed += open.run.len() as u64;
            }
            return Ok(Some(open));
        }
        invalid(format!("the book of {} is not where its postings end", book.account))
    }

    /// Refuses a step that is not finished at `clock`.
    pub(crate) fn check_complete(&self, clock: Instant) -> Result<()> {
        if let Some(account) = self.open.keys().min() {
            return invalid(format!("the book of acc_{account} was not saved"));
        }
        if self.paired != 0 {
            return invalid(format!(
                "postings between customers do not cancel out: {} too much",
                self.paired
            ));
        }
        if self.latest > clock.seconds() {
            return invalid(format!(
                "there is a posting of {}, later than the clock",
                Instant::from_seconds(self.latest)
            ));
        }
        Ok(())
    }

    /// The bank's and the counterparties' accounts that moved.
    pub(crate) fn totals(&self) -> impl Iterator<Item = Moved> {
        let bank = BankAccount::ALL.into_iter().map(LedgerAccount::Bank).zip(self.bank);
        let hubs = (0..).map(|hub| LedgerAccount::Hub(HubId(hub))).zip(self.hubs.iter().copied());
        bank.chain(hubs).filter(|(_, moved)| *moved != 0)
    }

    /// What was posted on each day.
    pub(crate) fn daily(&self) -> Vec<DailyTotal> {
        self.daily.totals()
    }

    #[inline]
    fn take_daily(&mut self, batch: &PostingBatch, row: usize) -> Result<()> {
        let Some(kind) = PostingKind::from_code(batch.kind[row]) else {
            return invalid(format!("{} is no kind of posting", batch.kind[row]));
        };
        let at = Instant::from_seconds(batch.at[row]);
        self.daily.add(at, batch.card[row] != 0, kind, batch.category[row], batch.amount[row]);
        Ok(())
    }

    fn check_numbers(&self, batch: &PostingBatch) -> Result<()> {
        let below = |largest: Option<usize>, count| largest.is_none_or(|number| number < count);
        let category = batch.category.iter().max().map(|number| usize::from(*number));
        let place = batch.place.iter().max().map(|number| *number as usize);
        let description = batch.description.iter().max().map(|number| *number as usize);
        if below(category, self.categories)
            && below(place, self.places)
            && below(description, self.descriptions)
        {
            return Ok(());
        }
        invalid("a posting has a category, place or description that the world lacks".to_owned())
    }

    #[inline]
    fn take_other_side(&mut self, contra: i64, amount: i64) -> Result<()> {
        let amount = i128::from(amount);
        let total = match LedgerAccount::from_code(contra) {
            Some(LedgerAccount::Bank(account)) => &mut self.bank[account as usize],
            Some(LedgerAccount::Hub(HubId(hub))) => match self.hubs.get_mut(hub as usize) {
                Some(total) => total,
                None => return invalid(format!("there is no hub {hub}")),
            },
            Some(LedgerAccount::Deposit(_) | LedgerAccount::Card(_)) => {
                self.paired += amount;
                return Ok(());
            }
            None => return invalid(format!("{contra} is no ledger account")),
        };
        *total -= amount;
        Ok(())
    }

    /// Takes consecutive rows of one book in.
    fn take_run(&mut self, batch: &PostingBatch, rows: std::ops::Range<usize>) -> Result<()> {
        let first = rows.start;
        let account = batch.account[first];
        let book = self.open.entry(account).or_insert_with(|| {
            let moved = if batch.card[first] == 0 { batch.amount[first] } else { 0 };
            let before = batch.balance[first].wrapping_sub(moved);
            OpenBook {
                deposit: Run { before, after: before, postings: 0 },
                sequence: batch.sequence[first].wrapping_sub(1),
                latest: batch.at[first],
                cards: Vec::new(),
                marks: Vec::new(),
                run: BookRun::default(),
            }
        });
        book.run.reserve(rows.len());
        for row in rows {
            if !book.take(batch, row) {
                let sequence = batch.sequence[row];
                return invalid(format!(
                    "posting {sequence} of acc_{account} does not go on from the one before it"
                ));
            }
            if batch.reference[row] & 0xff != i64::from(Stream::COMMANDS.code()) {
                book.run.push_row(batch, row);
            }
            if is_marked(book.sequence) {
                book.mark();
            }
        }
        self.latest = self.latest.max(book.latest);
        Ok(())
    }
}

impl OpenBook {
    /// Takes a row in; false if it does not go on from the one before it.
    #[inline]
    fn take(&mut self, batch: &PostingBatch, row: usize) -> bool {
        let (amount, card) = (batch.amount[row], batch.card[row]);
        let in_order = batch.sequence[row] == self.sequence + 1 && batch.at[row] >= self.latest;
        self.sequence = batch.sequence[row];
        self.latest = batch.at[row];
        self.deposit.postings += 1;
        if card == 0 {
            return in_order && self.deposit.moves(amount, batch.balance[row]);
        }
        let stays = batch.balance[row] == self.deposit.after;
        let after = batch.card_balance[row];
        let index = self.cards.iter().position(|(known, _)| *known == card);
        let index = index.unwrap_or_else(|| {
            let before = after.wrapping_sub(amount);
            self.cards.push((card, Run { before, after: before, postings: 0 }));
            self.cards.len() - 1
        });
        let run = &mut self.cards[index].1;
        run.postings += 1;
        in_order && stays && run.moves(amount, after)
    }

    /// Marks the cards that have moved since they were marked last.
    fn mark(&mut self) {
        let Self { cards, marks, sequence, .. } = self;
        for (card, run) in cards {
            let last = marks.iter().rev().find(|(marked, ..)| marked == card);
            if last.is_none_or(|(_, postings, _)| *postings < run.postings) {
                marks.push((*card, run.postings, *sequence));
            }
        }
    }
}

impl Run {
    /// Goes on to the balance after `amount`; false if that is another one.
    #[inline]
    fn moves(&mut self, amount: i64, after: i64) -> bool {
        let agrees = self.after.checked_add(amount) == Some(after);
        self.after = after;
        agrees
    }
}

/// By how much the customers' accounts and cards moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CustomersMoved {
    /// The sum of the deposit accounts, in minor units.
    pub(crate) deposits: i64,
    /// The sum of what is owed on cards, in minor units.
    pub(crate) card_debt: i64,
}

impl CustomersMoved {
    /// What postings moved, and accounts that were opened with so many minor units.
    pub(crate) fn new(totals: &[DailyTotal], opened_with: i128) -> Result<Self> {
        let net = |on_card| -> i128 {
            totals.iter().filter(|total| total.on_card == on_card).map(DailyTotal::net).sum()
        };
        Ok(Self {
            deposits: in_minor_units(net(false) + opened_with)?,
            card_debt: in_minor_units(-net(true))?,
        })
    }
}

/// A sum in the width of the database's integers.
pub(crate) fn in_minor_units(sum: i128) -> Result<i64> {
    i64::try_from(sum).or_else(|_| invalid(format!("a sum grows too large: {sum}")))
}

fn invalid<T>(why: String) -> Result<T> {
    Err(StoreError::InvalidStep(why))
}

/// A ledger account and how much it moved.
pub(crate) type Moved = (LedgerAccount, i128);

/// Minor units of an amount with the other sign, in the width of sums.
fn negated(amount: Money) -> i128 {
    -i128::from(amount.minor())
}
