//! One step of a world's life: one transaction of the database.

pub(super) mod customers;
pub(super) mod insert;

use mockbank_bank::{Account, BankAccount, Card, Instant, PostingBatch, User, UserId};
use rusqlite::Connection;

use super::{daily, holds, read, seals, totals};
use crate::tally::{CustomersMoved, Tally};
use crate::{Books, Counts, Holder, Result, Step, StoreError, WorldInfo};

/// A step that is being written. Dropped without a commit, it is rolled back.
#[derive(Debug)]
pub(super) struct SqliteStep<'w> {
    connection: &'w mut Connection,
    tally: Tally,
    added: Counts,
    /// Sum of the balances that new accounts were opened with, in minor units.
    opened_with: i128,
    /// The world's clock before the step.
    since: Instant,
    /// Whether something was refused half-way, so that the step can no longer be kept.
    failed: bool,
}

impl<'w> SqliteStep<'w> {
    pub(super) fn begin(connection: &'w mut Connection) -> Result<Self> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let begin = connection.query_row(
            "SELECT (SELECT coalesce(max(number), -1) + 1 FROM hub),
                 (SELECT coalesce(max(number), -1) + 1 FROM category),
                 (SELECT coalesce(max(number), -1) + 1 FROM place),
                 (SELECT coalesce(max(number), -1) + 1 FROM description),
                 (SELECT clock FROM world)",
            [],
            |row| Ok(([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?], row.get(4)?)),
        );
        let mut step = Self {
            connection,
            tally: Tally::default(),
            added: Counts::default(),
            opened_with: 0,
            since: Instant::default(),
            failed: false,
        };
        let (counts, since) = begin?;
        step.tally = Tally::new(counts);
        step.since = Instant::from_seconds(since);
        Ok(step)
    }

    /// Does a part of the step, after which a failure spoils the whole.
    fn part<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let result = act(self);
        self.failed |= result.is_err();
        result
    }

    fn seal(&self, clock: Instant) -> Result<()> {
        match self.tally.sealed() {
            0 => Ok(()),
            postings => {
                seals::append_step(self.connection, (self.since, clock), postings, self.tally.sum())
            }
        }
    }

    fn advance_world(&self, clock: Instant, moved: CustomersMoved) -> Result<()> {
        let moved = self.connection.execute(
            "UPDATE world SET clock = ?1, users = users + ?2, accounts = accounts + ?3,
                 cards = cards + ?4, transactions = transactions + ?5,
                 deposits = deposits + ?6, card_debt = card_debt + ?7 WHERE clock <= ?1",
            [
                clock.seconds(),
                self.added.users.cast_signed(),
                self.added.accounts.cast_signed(),
                self.added.cards.cast_signed(),
                self.tally.postings().cast_signed(),
                moved.deposits,
                moved.card_debt,
            ],
        )?;
        if moved == 0 {
            return Err(StoreError::InvalidStep("the clock does not go back".to_owned()));
        }
        Ok(())
    }
}

impl Step for SqliteStep<'_> {
    fn world(&mut self) -> Result<WorldInfo> {
        read::world(self.connection)
    }

    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> Result<()> {
        self.part(|step| {
            customers::add(step.connection, users, accounts, cards)?;
            let opening: i128 = accounts.iter().map(|account| account.opening_balance).sum();
            step.tally.book(BankAccount::OpeningBalances, -opening);
            step.opened_with += opening;
            step.added.users += users.len() as u64;
            step.added.accounts += accounts.len() as u64;
            step.added.cards += cards.len() as u64;
            Ok(())
        })
    }

    fn set_password(&mut self, user: UserId, hash: &str) -> Result<()> {
        self.part(|step| customers::set_password(step.connection, user, hash))
    }

    fn holders(&mut self, after: i64, limit: usize) -> Result<Vec<Holder>> {
        customers::holders(self.connection, after, limit)
    }

    fn inactive_users(&mut self) -> Result<Vec<i64>> {
        customers::inactive_users(self.connection)
    }

    fn append(&mut self, postings: &PostingBatch) -> Result<()> {
        self.part(|step| {
            step.tally.take(postings)?;
            insert::postings(step.connection, postings)
        })
    }

    fn save(&mut self, books: &[Books]) -> Result<()> {
        self.part(|step| customers::save(step.connection, &mut step.tally, books))
    }

    fn commit(mut self: Box<Self>, clock: Instant) -> Result<()> {
        if self.failed {
            return Err(StoreError::InvalidStep("a part of it had failed before".to_owned()));
        }
        self.part(|step| {
            step.tally.check_complete(clock)?;
            totals::add(step.connection, step.tally.totals())?;
            let posted = step.tally.daily();
            daily::add(step.connection, &posted)?;
            step.advance_world(clock, CustomersMoved::new(&posted, step.opened_with)?)?;
            step.seal(clock)?;
            holds::expire(step.connection, clock)?;
            Ok(step.connection.execute_batch("COMMIT")?)
        })
    }
}

impl Drop for SqliteStep<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // Should it fail, the connection refuses the next step, and a new one rolls back.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}
