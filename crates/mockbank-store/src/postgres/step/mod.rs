//! One step of a world's life: one transaction of the database.

mod copy;
pub(super) mod customers;
mod newcomers;
mod save;

use mockbank_bank::{Account, BankAccount, Card, Instant, PostingBatch, User, UserId};

use super::lock::TIME;
use super::read::{self, one};
use super::row::{instant, long};
use super::session::{Session, wait};
use super::{daily, holds, seals, totals};
use crate::tally::{CustomersMoved, Tally};
use crate::{Books, Counts, Holder, Result, Step, StoreError, WorldInfo};

/// Adds to how much there is, and with it locks the end of the chain of seals.
pub(super) const ADD_TO_COUNTS: &str =
    "UPDATE counts SET customers = customers + $1, accounts = accounts + $2, cards = cards + $3,
         transactions = transactions + $4, deposits = deposits + $5,
         card_debt = card_debt + $6";

/// A step that is being written. Dropped without a commit, it is rolled back.
#[derive(Debug)]
pub(super) struct PostgresStep<'w> {
    session: &'w Session,
    tally: Tally,
    newcomers: newcomers::Newcomers,
    added: Counts,
    /// Sum of the balances that new accounts were opened with, in minor units.
    opened_with: i128,
    /// The world's clock before the step.
    since: Instant,
    /// Whether postings are loaded into a table that this transaction alone has seen.
    first: bool,
    /// Whether something was refused half-way, so that the step can no longer be kept.
    failed: bool,
    committed: bool,
}

impl<'w> PostgresStep<'w> {
    /// The first step of a world that nobody sees yet.
    ///
    /// A table that is emptied in a transaction is new to it, so its rows can be loaded as if they
    /// had always been there: neither the index nor the first clean-up writes their pages again.
    pub(super) fn begin_first(session: &'w Session) -> Result<Self> {
        let mut step = Self::start(session, "BEGIN; TRUNCATE posting")?;
        step.first = true;
        Ok(step)
    }

    /// A later step of a world that nobody sees yet.
    pub(super) fn begin(session: &'w Session) -> Result<Self> {
        Self::start(session, "BEGIN")
    }

    /// A step of a world that tellers may be at work on, who wait until its end.
    pub(super) fn begin_among_tellers(session: &'w Session) -> Result<Self> {
        Self::start(session, &format!("BEGIN; SELECT pg_advisory_xact_lock({TIME})"))
    }

    fn start(session: &'w Session, begin: &str) -> Result<Self> {
        let mut step = Self {
            session,
            tally: Tally::default(),
            newcomers: newcomers::Newcomers::default(),
            added: Counts::default(),
            opened_with: 0,
            since: Instant::default(),
            first: false,
            failed: false,
            committed: false,
        };
        wait(session.batch_execute(begin))?;
        let sql = "SELECT (SELECT coalesce(max(number), -1)::bigint + 1 FROM hub),
                       (SELECT coalesce(max(number), -1)::bigint + 1 FROM category),
                       (SELECT coalesce(max(number), -1)::bigint + 1 FROM place),
                       (SELECT coalesce(max(number), -1)::bigint + 1 FROM description),
                       clock FROM world";
        let begin = one(session, sql, &[], |row| {
            let counts = [long(row, 0)?, long(row, 1)?, long(row, 2)?, long(row, 3)?];
            Ok((counts, instant(row, 4)?))
        });
        if let Some((counts, since)) = wait(begin)? {
            step.tally = Tally::new(counts);
            step.since = since;
        }
        Ok(step)
    }

    /// Does a part of the step, after which a failure spoils the whole.
    fn part<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let result = act(self);
        self.failed |= result.is_err();
        result
    }

    async fn finish(&self, clock: Instant) -> Result<()> {
        totals::add(self.session, self.tally.totals()).await?;
        let posted = self.tally.daily();
        daily::add(self.session, &posted).await?;
        self.advance_world(clock, CustomersMoved::new(&posted, self.opened_with)?).await?;
        match self.tally.sealed() {
            0 => {}
            postings => {
                let span = (self.since, clock);
                seals::append_step(self.session, span, postings, self.tally.sum()).await?;
            }
        }
        holds::expire(self.session, clock).await?;
        Ok(self.session.batch_execute("COMMIT").await?)
    }

    async fn advance_world(&self, clock: Instant, moved: CustomersMoved) -> Result<()> {
        let forward = self.session.prepare_cached("UPDATE world SET clock = $1 WHERE clock <= $1");
        if self.session.execute(&forward.await?, &[&clock.seconds()]).await? == 0 {
            return Err(StoreError::InvalidStep("the clock does not go back".to_owned()));
        }
        let Counts { users, accounts, cards, .. } = self.added;
        let [users, accounts, cards, postings] =
            [users, accounts, cards, self.tally.postings()].map(u64::cast_signed);
        let CustomersMoved { deposits, card_debt } = moved;
        let added: read::Params = &[&users, &accounts, &cards, &postings, &deposits, &card_debt];
        let statement = self.session.prepare_cached(ADD_TO_COUNTS).await?;
        self.session.execute(&statement, added).await?;
        Ok(())
    }
}

impl Step for PostgresStep<'_> {
    fn world(&mut self) -> Result<WorldInfo> {
        wait(read::world(self.session))
    }

    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> Result<()> {
        self.part(|step| {
            wait(customers::add_users(step.session, users))?;
            wait(step.newcomers.add(step.session, accounts, cards))?;
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
        self.part(|step| wait(customers::set_password(step.session, user, hash)))
    }

    fn holders(&mut self, after: i64, limit: usize) -> Result<Vec<Holder>> {
        self.part(|step| {
            wait(step.newcomers.write(step.session))?;
            wait(customers::holders(step.session, after, limit))
        })
    }

    fn inactive_users(&mut self) -> Result<Vec<i64>> {
        self.part(|step| {
            wait(step.newcomers.write(step.session))?;
            wait(customers::inactive_users(step.session))
        })
    }

    fn append(&mut self, postings: &PostingBatch) -> Result<()> {
        self.part(|step| {
            let tally = &mut step.tally;
            wait(copy::postings(step.session, postings, step.first, || tally.take(postings)))
        })
    }

    fn save(&mut self, books: &[Books]) -> Result<()> {
        self.part(|step| {
            let saved = save::Saved::collect(&mut step.tally, &mut step.newcomers, books)?;
            wait(saved.write(step.session))
        })
    }

    fn commit(mut self: Box<Self>, clock: Instant) -> Result<()> {
        if self.failed {
            return Err(StoreError::InvalidStep("a part of it had failed before".to_owned()));
        }
        self.part(|step| {
            step.tally.check_complete(clock)?;
            wait(step.newcomers.write(step.session))?;
            wait(step.finish(clock))?;
            step.committed = true;
            Ok(())
        })
    }
}

impl Drop for PostgresStep<'_> {
    fn drop(&mut self) {
        if !self.committed {
            // Should it fail, the session is lost, and the server rolls back by itself.
            let _ = wait(self.session.batch_execute("ROLLBACK"));
        }
    }
}

fn invalid(why: String) -> StoreError {
    StoreError::InvalidStep(why)
}
