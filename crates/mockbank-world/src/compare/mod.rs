//! Two worlds line by line.
//!
//! A transaction's identifier is made of the account, the day and what made it, so the same line
//! has the same identifier in both worlds, and a line that only one of them has is found as such.
//! Both worlds are read side by side, one day of one book at a time.

mod holders;
mod side;
mod summary;

use std::collections::{BTreeMap, VecDeque};

use mockbank_bank::{Account, AccountId, Catalog, LedgerAccount, Posting};
use mockbank_store::Snapshot;

use crate::create::Recipe;
use crate::error::{Result, WorldError};
use crate::watch::{Progress, Watch};

pub use holders::Holders;
use side::{Side, Source};
pub use summary::{Comparison, Rows, Tally};

/// A line in which two worlds differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only the second world has it.
    Added(Posting),
    /// Only the first world has it.
    Removed(Posting),
    /// Both have it, and something other than its place in the book and the running balances
    /// differs.
    Changed {
        /// The line in the first world.
        before: Posting,
        /// The line in the second world.
        after: Posting,
    },
}

impl Difference {
    /// The line in the first and in the second world.
    pub const fn lines(&self) -> [Option<&Posting>; 2] {
        match self {
            Self::Added(after) => [None, Some(after)],
            Self::Removed(before) => [Some(before), None],
            Self::Changed { before, after } => [Some(before), Some(after)],
        }
    }

    /// The line in the second world, or in the first where the second has none.
    pub const fn line(&self) -> &Posting {
        match self {
            Self::Added(line) | Self::Removed(line) | Self::Changed { after: line, .. } => line,
        }
    }
}

/// Walks through two worlds and finds the lines in which they differ.
///
/// Lines that are the same but for their place in the book and the balances after them are no
/// differences: these follow from earlier ones. They are counted as [`Comparison::carried`].
#[derive(Debug)]
pub struct Comparing<'a> {
    before: Side<'a>,
    after: Side<'a>,
    catalogs: [Catalog; 2],
    same_catalog: bool,
    found: VecDeque<Difference>,
    summary: Comparison,
    progress: Progress,
}

/// An account that is not there has the same lines in both worlds, which would say nothing.
fn must_have(accounts: &[Account], wanted: AccountId) -> Result<()> {
    if accounts.iter().any(|account| account.id == wanted) {
        return Ok(());
    }
    Err(WorldError::NoAccount(wanted))
}

impl<'a> Comparing<'a> {
    /// Compares stored worlds, in the order of accounts, or one account's book alone. The
    /// catalogues are those of the snapshots' worlds.
    ///
    /// # Errors
    /// If a store fails, or [`WorldError::NoAccount`].
    pub fn stored(
        [before, after]: [(&'a mut dyn Snapshot, &Catalog); 2],
        account: Option<AccountId>,
    ) -> Result<Self> {
        let total = before.0.world()?.counts.transactions + after.0.world()?.counts.transactions;
        let catalogs = [
            crate::export::full_catalog(before.0, before.1)?,
            crate::export::full_catalog(after.0, after.1)?,
        ];
        let holders = match account {
            None => holders::stored(before.0, after.0)?,
            Some(account) => {
                let after_the_last = account.number() - 1;
                let mut first = before.0.accounts(after_the_last, 1)?;
                first.extend(after.0.accounts(after_the_last, 1)?);
                must_have(&first, account)?;
                Holders::default()
            }
        };
        let sides =
            [before, after].map(|(snapshot, _)| Side::new(Source::stored(snapshot, account)));
        Self::new(sides, catalogs, holders, total)
    }

    /// Compares worlds that are simulated side by side and kept nowhere, in the order of
    /// customers, or one account's book alone.
    ///
    /// # Errors
    /// If the simulation fails, or [`WorldError::NoAccount`].
    pub fn simulated([before, after]: [&Recipe; 2], account: Option<AccountId>) -> Result<Self> {
        let sources = [Source::simulated(before, account)?, Source::simulated(after, account)?];
        let worlds = [before.world(), after.world()];
        let catalogs = [0, 1].map(|place: usize| Catalog::clone(worlds[place].catalog()));
        let users = [before.users, after.users].map(i64::from);
        let holders = match account {
            None => holders::simulated([&worlds[0], &worlds[1]], users),
            Some(account) => {
                let holder = side::holder_of(account.number());
                let mut theirs = Vec::new();
                for (world, users) in worlds.iter().zip(users) {
                    if (1..=users).contains(&holder) {
                        theirs.extend(world.newcomer(holder).accounts);
                    }
                }
                must_have(&theirs, account)?;
                Holders::default()
            }
        };
        let total = users.iter().sum::<i64>().unsigned_abs();
        Self::new(sources.map(Side::new), catalogs, holders, total)
    }

    fn new(
        [mut before, mut after]: [Side<'a>; 2],
        catalogs: [Catalog; 2],
        holders: Holders,
        total: u64,
    ) -> Result<Self> {
        before.load()?;
        after.load()?;
        Ok(Self {
            same_catalog: catalogs[0] == catalogs[1],
            catalogs,
            before,
            after,
            found: VecDeque::new(),
            summary: Comparison { holders, ..Comparison::default() },
            progress: Progress { done: 0, total, rows: 0 },
        })
    }

    /// The texts behind the numbers in the lines of the first and of the second world.
    pub const fn catalogs(&self) -> &[Catalog; 2] {
        &self.catalogs
    }

    /// The next line that differs.
    ///
    /// # Errors
    /// If a world cannot be read or simulated, and [`WorldError::Interrupted`].
    pub fn next(&mut self, watch: &dyn Watch) -> Result<Option<Difference>> {
        loop {
            if let Some(difference) = self.found.pop_front() {
                return Ok(Some(difference));
            }
            if watch.cancelled() {
                return Err(WorldError::Interrupted);
            }
            if !self.compare_day()? {
                return Ok(None);
            }
            self.progress.done = self.before.done() + self.after.done();
            self.progress.rows = self.before.read() + self.after.read();
            watch.progress(self.progress);
        }
    }

    /// What was found so far; all of it, once [`next`](Self::next) gave `None`.
    pub const fn summary(&self) -> &Comparison {
        &self.summary
    }

    /// Compares the next day of a book; false if there is none.
    fn compare_day(&mut self) -> Result<bool> {
        let (has_before, has_after) = match (self.before.place(), self.after.place()) {
            (None, None) => return Ok(false),
            (Some(before), Some(after)) => (before <= after, after <= before),
            (before, after) => (before.is_some(), after.is_some()),
        };
        let empty = Vec::new();
        let before = if has_before { self.before.day() } else { &empty };
        let after = if has_after { self.after.day() } else { &empty };
        if self.same_catalog && before == after {
            self.summary.same += before.len() as u64;
            self.before.load()?;
            self.after.load()?;
            return Ok(true);
        }
        let mut found = Vec::new();
        let mut only_after: BTreeMap<i64, &Posting> =
            after.iter().map(|line| (line.reference.code(), line)).collect();
        for line in before {
            match only_after.remove(&line.reference.code()) {
                None => found.push(Difference::Removed(*line)),
                Some(other) if !self.is_same_movement(line, other) => {
                    found.push(Difference::Changed { before: *line, after: *other });
                }
                Some(other) if is_same_state(line, other) => self.summary.same += 1,
                Some(_) => self.summary.carried += 1,
            }
        }
        found.extend(only_after.into_values().map(|line| Difference::Added(*line)));
        found.sort_by_key(|difference| (difference.line().at, difference.line().reference));
        for difference in &found {
            self.summary.add(difference, &self.catalogs);
        }
        self.found.extend(found);
        if has_before {
            self.before.load()?;
        }
        if has_after {
            self.after.load()?;
        }
        Ok(true)
    }

    /// Whether two lines tell of the same movement. Numbers of the catalogue stand for texts,
    /// which another preset may have numbered otherwise.
    fn is_same_movement(&self, before: &Posting, after: &Posting) -> bool {
        let same_numbers = before.category == after.category
            && before.description == after.description
            && before.place == after.place
            && before.contra == after.contra;
        let same_texts =
            if self.same_catalog { same_numbers } else { self.is_same_text(before, after) };
        same_texts
            && before.at == after.at
            && before.kind == after.kind
            && before.amount == after.amount
            && before.card == after.card
            && before.group == after.group
    }

    fn is_same_text(&self, before: &Posting, after: &Posting) -> bool {
        let [old, new] = &self.catalogs;
        let contra = |catalog: &Catalog, line: &Posting| match line.contra {
            LedgerAccount::Hub(hub) => {
                Err(catalog.hubs.get(hub.0 as usize).map(|hub| (hub.role, hub.name.clone())))
            }
            other => Ok(other),
        };
        old.categories.get(usize::from(before.category))
            == new.categories.get(usize::from(after.category))
            && old.descriptions.get(before.description as usize)
                == new.descriptions.get(after.description as usize)
            && old.places.get(before.place as usize) == new.places.get(after.place as usize)
            && contra(old, before) == contra(new, after)
    }
}

fn is_same_state(before: &Posting, after: &Posting) -> bool {
    before.sequence == after.sequence
        && before.balance == after.balance
        && before.card_balance == after.card_balance
}
