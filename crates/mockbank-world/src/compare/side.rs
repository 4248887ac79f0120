//! One of two worlds, read one day of one book at a time.

use std::fmt;

use mockbank_bank::{AccountId, Day, Instant, Posting, PostingBatch};
use mockbank_sim::{Customer, World};
use mockbank_store::Snapshot;

use crate::create::Recipe;
use crate::error::{Result, WorldError};

/// Rows read at once.
const BATCH: usize = 1 << 14;

/// Bits of a number that a customer's later accounts share with the first one.
const SHARED_BITS: u32 = 32;

/// Where lines come from.
pub(super) enum Source<'a> {
    /// A store, by account.
    Stored {
        snapshot: &'a mut dyn Snapshot,
        /// Account and sequence of the last line read.
        after: (i64, i64),
        /// The last account.
        last: i64,
    },
    /// A simulation, by customer.
    Simulated {
        world: Box<World>,
        from: Instant,
        to: Instant,
        next: i64,
        /// The last customer.
        last: i64,
        /// The account whose book is wanted, if not all are.
        account: Option<i64>,
    },
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stored { .. } => "Stored",
            Self::Simulated { .. } => "Simulated",
        })
    }
}

impl<'a> Source<'a> {
    pub(super) fn stored(snapshot: &'a mut dyn Snapshot, account: Option<AccountId>) -> Self {
        let account = account.map(AccountId::number);
        Self::Stored {
            snapshot,
            after: (account.unwrap_or(0), 0),
            last: account.unwrap_or(i64::MAX),
        }
    }

    pub(super) fn simulated(recipe: &Recipe, account: Option<AccountId>) -> Result<Self> {
        let account = account.map(AccountId::number);
        let users = i64::from(recipe.users);
        let holder = account.map(holder_of);
        Ok(Self::Simulated {
            world: Box::new(recipe.world()),
            from: recipe.start.start(),
            to: recipe.end()?,
            next: holder.unwrap_or(1).max(1),
            last: holder.map_or(users, |holder| holder.min(users)),
            account,
        })
    }

    /// Puts the next lines into an empty batch; none if there are no more.
    fn read(&mut self, batch: &mut PostingBatch) -> Result<()> {
        match self {
            Self::Stored { snapshot, after, last } => {
                snapshot.postings(*after, *last, BATCH, batch)?;
                if let (Some(account), Some(sequence)) =
                    (batch.account.last(), batch.sequence.last())
                {
                    *after = (*account, *sequence);
                }
                Ok(())
            }
            Self::Simulated { world, from, to, next, last, .. } => {
                while batch.is_empty() && *next <= *last {
                    let mut customer = Customer::from_newcomer(world, &world.newcomer(*next))?;
                    world.simulate(&mut customer, *from, *to, batch)?;
                    *next += 1;
                }
                Ok(())
            }
        }
    }

    /// What orders an account's book among the others.
    fn order(&self, account: i64) -> (i64, i64) {
        match self {
            Self::Stored { .. } => (0, account),
            Self::Simulated { .. } => (holder_of(account), account),
        }
    }

    fn is_wanted(&self, line: &Posting) -> bool {
        match self {
            Self::Stored { .. } => true,
            Self::Simulated { account, .. } => {
                account.is_none_or(|account| line.account.number() == account)
            }
        }
    }
}

/// The customer who holds a simulated account.
pub(super) const fn holder_of(account: i64) -> i64 {
    account & ((1 << SHARED_BITS) - 1)
}

/// A world on the way through its books.
#[derive(Debug)]
pub(super) struct Side<'a> {
    source: Source<'a>,
    batch: PostingBatch,
    /// The lines of the batch, those that come first at the end.
    waiting: Vec<Posting>,
    day: Vec<Posting>,
    read: u64,
}

impl<'a> Side<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        let batch = PostingBatch::default();
        Self { source, batch, waiting: Vec::new(), day: Vec::new(), read: 0 }
    }

    /// The lines of one day in one book; none if there are no more.
    pub(super) const fn day(&self) -> &Vec<Posting> {
        &self.day
    }

    /// Where that day stands in the order of both worlds.
    pub(super) fn place(&self) -> Option<((i64, i64), Day)> {
        let first = self.day.first()?;
        Some((self.source.order(first.account.number()), first.at.day()))
    }

    /// Lines read so far.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// How much of the world is read: lines of a stored one, customers of a simulated one.
    pub(super) fn done(&self) -> u64 {
        match &self.source {
            Source::Stored { .. } => self.read,
            Source::Simulated { next, .. } => (next - 1).unsigned_abs(),
        }
    }

    /// Goes on to the next day.
    pub(super) fn load(&mut self) -> Result<()> {
        self.day.clear();
        while let Some(line) = self.peek()? {
            let belongs =
                |first: &Posting| (first.account, first.at.day()) == (line.account, line.at.day());
            if !self.day.first().is_none_or(belongs) {
                return Ok(());
            }
            self.day.push(line);
            self.waiting.pop();
            self.read += 1;
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<Posting>> {
        while self.waiting.is_empty() {
            self.batch.clear();
            self.source.read(&mut self.batch)?;
            if self.batch.is_empty() {
                return Ok(None);
            }
            for row in 0..self.batch.len() {
                let unreadable = WorldError::Unreadable {
                    account: self.batch.account[row],
                    sequence: self.batch.sequence[row],
                };
                let line = self.batch.get(row).ok_or(unreadable)?;
                if self.source.is_wanted(&line) {
                    self.waiting.push(line);
                }
            }
            // A simulation gives a customer's books as their days went by.
            self.waiting.sort_by_key(|line| std::cmp::Reverse((line.account, line.sequence)));
        }
        Ok(self.waiting.last().copied())
    }
}
