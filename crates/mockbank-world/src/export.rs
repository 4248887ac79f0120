//! Stored worlds that go to an archive, and the lines of a statement.

use std::ops::RangeInclusive;

use mockbank_bank::id::MAX_NUMBER;
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, Day, Money, Posting, PostingBatch, User,
};
use mockbank_sim::{LabelBatch, World};
use mockbank_store::Snapshot;

use crate::archive::{Archive, ArchivePart, Archived, Piece};
use crate::crime::{Crime, Truth};
use crate::error::{Result, WorldError};
use crate::evolve::world_of;
use crate::watch::{Progress, Watch};

/// Rows read at once.
const BATCH: usize = 1 << 14;

/// Bits of a number that a customer's later accounts and cards share with the first one.
const SHARED_BITS: u32 = 32;

/// Writes parts of a stored world, as it stands in the snapshot. Numbers count by their lower 32
/// bits, which a customer's accounts and cards share, so they come into the customer's part.
///
/// Crime is labelled where [`crate::has_labels`] says so: a label counts where the posting that it
/// names stands in the store.
///
/// Stopped by the watch, it leaves the finished parts and nothing of the others.
pub fn export(
    snapshot: &mut dyn Snapshot,
    pieces: &[Piece],
    archive: &dyn Archive,
    watch: &dyn Watch,
) -> Result<Archived> {
    let info = snapshot.world()?;
    let progress = Progress { done: 0, total: info.counts.transactions, rows: 0 };
    let world = world_of(&info).ok().filter(World::has_crime);
    let truth = world.map(|world| Truth::of(world, &info));
    let labels = LabelBatch::default();
    let mut exporting = Exporting { snapshot, watch, progress, truth, labels };
    for piece in pieces {
        let mut part = archive.part(piece.part).map_err(WorldError::Archive)?;
        exporting.labels.clear();
        if let Some(truth) = &mut exporting.truth {
            truth.labels(&piece.numbers, &mut exporting.labels)?;
        }
        let written =
            bands(&piece.numbers).try_for_each(|numbers| exporting.write(&numbers, part.as_mut()));
        match written {
            Err(WorldError::Interrupted) => {
                let transactions = exporting.progress.rows;
                return Ok(Archived { transactions, interrupted: true });
            }
            other => other?,
        }
        part.finish().map_err(WorldError::Archive)?;
    }
    Ok(Archived { transactions: exporting.progress.rows, interrupted: false })
}

/// The ranges of numbers that belong to a part; `numbers` are those of the first accounts.
fn bands(numbers: &RangeInclusive<i64>) -> impl Iterator<Item = RangeInclusive<i64>> {
    let last = (1 << SHARED_BITS) - 1;
    let (from, to) = (*numbers.start(), last.min(*numbers.end()));
    (0..=MAX_NUMBER >> SHARED_BITS).map(move |band| {
        let base = band << SHARED_BITS;
        // The first part also has the numbers whose lower bits are zero.
        let from = if from <= 1 { 0 } else { from };
        (base + from).max(1)..=base + to
    })
}

struct Exporting<'a> {
    snapshot: &'a mut dyn Snapshot,
    watch: &'a dyn Watch,
    progress: Progress,
    truth: Option<Truth>,
    /// Those of the part's customers.
    labels: LabelBatch,
}

impl Exporting<'_> {
    fn write(&mut self, numbers: &RangeInclusive<i64>, part: &mut dyn ArchivePart) -> Result<()> {
        let snapshot = &mut *self.snapshot;
        each(
            numbers,
            |user: &User| user.id.number(),
            |after, limit| Ok(snapshot.users(after, limit)?),
            |users| part.add_customers(users, &[], &[]).map_err(WorldError::Archive),
        )?;
        each(
            numbers,
            |account: &Account| account.id.number(),
            |after, limit| Ok(snapshot.accounts(after, limit)?),
            |accounts| part.add_customers(&[], accounts, &[]).map_err(WorldError::Archive),
        )?;
        each(
            numbers,
            |card: &Card| card.id.number(),
            |after, limit| Ok(snapshot.cards(after, limit)?),
            |cards| part.add_customers(&[], &[], cards).map_err(WorldError::Archive),
        )?;
        self.write_postings(numbers, part)
    }

    fn write_postings(
        &mut self,
        numbers: &RangeInclusive<i64>,
        part: &mut dyn ArchivePart,
    ) -> Result<()> {
        let mut batch = PostingBatch::with_capacity(BATCH);
        let mut after = (numbers.start() - 1, i64::MAX);
        loop {
            if self.watch.cancelled() {
                return Err(WorldError::Interrupted);
            }
            batch.clear();
            self.snapshot.postings(after, *numbers.end(), BATCH, &mut batch)?;
            let (Some(account), Some(sequence)) = (batch.account.last(), batch.sequence.last())
            else {
                return Ok(());
            };
            after = (*account, *sequence);
            part.add_postings(&batch).map_err(WorldError::Archive)?;
            if let Some(Truth { world, .. }) = &self.truth {
                let crime = Crime::of(world, &batch, &self.labels);
                part.add_crime(&crime).map_err(WorldError::Archive)?;
            }
            self.progress.rows += batch.len() as u64;
            self.progress.done = self.progress.rows;
            self.watch.progress(self.progress);
        }
    }
}

/// Hands on everything with a number in the range, batch after batch.
fn each<T>(
    numbers: &RangeInclusive<i64>,
    number: impl Fn(&T) -> i64,
    mut read: impl FnMut(i64, usize) -> Result<Vec<T>>,
    mut write: impl FnMut(&[T]) -> Result<()>,
) -> Result<()> {
    let mut after = numbers.start() - 1;
    loop {
        let left = usize::try_from(numbers.end() - after).unwrap_or(0);
        let items = read(after, left.min(BATCH))?;
        let Some(last) = items.last().map(&number) else { return Ok(()) };
        let within = items.partition_point(|item| number(item) <= *numbers.end());
        write(&items[..within])?;
        if within < items.len() {
            return Ok(());
        }
        after = last;
    }
}

/// The catalogue with the descriptions that were added to the world since it was made.
pub fn full_catalog(snapshot: &mut dyn Snapshot, catalog: &Catalog) -> Result<Catalog> {
    let descriptions = snapshot.descriptions()?;
    Ok(Catalog { descriptions, ..catalog.clone() })
}

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementOf {
    /// A deposit account.
    Account(AccountId),
    /// A card.
    Card(CardId),
}

/// What stands on a statement.
#[derive(Clone, Debug)]
pub struct StatementLines {
    /// Whose it is.
    pub owner: User,
    /// The account, or the one that pays the card's bill.
    pub account: Account,
    /// The card, if it is a card's statement.
    pub card: Option<Card>,
    /// Balance before the first line.
    pub opening: Money,
    /// Balance after the last line.
    pub closing: Money,
    /// The lines, the oldest first.
    pub postings: Vec<Posting>,
}

/// Reads the lines of an account or a card on the days `from` to `to`, with the balances at both
/// ends; `None` if there is no such account or card.
pub fn statement_lines(
    snapshot: &mut dyn Snapshot,
    of: StatementOf,
    (from, to): (Day, Day),
) -> Result<Option<StatementLines>> {
    let card = match of {
        StatementOf::Account(_) => None,
        StatementOf::Card(id) => {
            match snapshot.cards(id.number() - 1, 1)?.into_iter().find(|card| card.id == id) {
                None => return Ok(None),
                found => found,
            }
        }
    };
    let id = match (of, &card) {
        (StatementOf::Account(id), _) => id,
        (StatementOf::Card(_), Some(card)) => card.account,
        (StatementOf::Card(_), None) => return Ok(None),
    };
    let mut accounts = snapshot.accounts(id.number() - 1, 1)?.into_iter();
    let Some(account) = accounts.find(|account| account.id == id) else { return Ok(None) };
    let mut users = snapshot.users(account.user.number() - 1, 1)?.into_iter();
    let Some(owner) = users.find(|user| user.id == account.user) else { return Ok(None) };
    let opening = if card.is_some() { Money::ZERO } else { account.opening_balance };
    let mut lines =
        StatementLines { owner, account, card, opening, closing: opening, postings: Vec::new() };
    lines.read(snapshot, (from, to))?;
    Ok(Some(lines))
}

impl StatementLines {
    fn read(&mut self, snapshot: &mut dyn Snapshot, (from, to): (Day, Day)) -> Result<()> {
        let account = self.account.id.number();
        let card = self.card.as_ref().map(|card| card.id);
        let mut batch = PostingBatch::with_capacity(BATCH);
        let mut sequence = 0;
        loop {
            batch.clear();
            snapshot.postings((account, sequence), account, BATCH, &mut batch)?;
            let Some(last) = batch.sequence.last() else { return Ok(()) };
            sequence = *last;
            for posting in batch.iter().filter(|posting| posting.card == card) {
                let day = posting.at.day();
                if day > to {
                    return Ok(());
                }
                self.closing = if card.is_some() { posting.card_balance } else { posting.balance };
                if day < from {
                    self.opening = self.closing;
                } else {
                    self.postings.push(posting);
                }
            }
        }
    }
}
