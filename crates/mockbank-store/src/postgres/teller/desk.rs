//! Carrying a group of commands out, again where another session or a lost connection got in the
//! way, until it is certain what came of it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::GroupId;

use super::books::{AuditLine, PostgresBooks};
use super::chain::ChainEnd;
use super::group::Mark;
use super::load;
use super::needs::Needs;
use super::trouble::Trouble;
use super::write;
use crate::postgres::address::Address;
use crate::postgres::row::long;
use crate::postgres::schema::SCHEMA;
use crate::postgres::{schema, session};
use crate::teller::judge::judge_all;
use crate::teller::ticket::{Judged, Ticket};
use crate::teller::{Audit, Durability, TellerSettings};
use crate::{Result, StoreError};

/// What a teller's session asks of the server.
///
/// Rows are found by their numbers, in groups of any size, so one plan is good for all. No lock is
/// waited for longer than a step of time takes, and a teller whose machine has gone silent does not
/// hold its locks for long.
const OPTIONS: &str = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off
    -c jit=off -c plan_cache_mode=force_generic_plan -c lock_timeout=20s -c statement_timeout=60s
    -c idle_in_transaction_session_timeout=20s -c tcp_keepalives_idle=10
    -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

/// Numbers of transfers that are taken at once; those of them that a teller has not used when it
/// ends are left out.
const GROUP_NUMBERS: i64 = 4096;

/// Texts that are remembered with their numbers.
const TEXTS: usize = 4096;

/// How often a group that met others' is tried.
const ATTEMPTS: u32 = 16;

/// How often a lost connection is made anew for one group, with pauses that grow from the first to
/// six seconds in all.
const CONNECTIONS: u32 = 8;

/// The pause before a lost connection is made anew for the first time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a teller keeps between its groups.
pub(super) struct Desk {
    address: Address,
    settings: TellerSettings,
    client: Option<ClientWrapper>,
    /// Number of the row in which its groups leave their marks; none before the first.
    teller: Option<i64>,
    /// The last group that was tried.
    group: i64,
    /// Which table is the world.
    world: Option<u32>,
    /// Texts that are in the database for good, with their numbers.
    texts: HashMap<Arc<str>, u32>,
    /// Numbers of transfers that are its own.
    group_numbers: Range<i64>,
    /// Where its last group left the chain of seals.
    chain: ChainEnd,
}

impl Desk {
    pub(super) fn new(address: Address, settings: TellerSettings) -> Self {
        Self {
            address,
            settings,
            client: None,
            teller: None,
            group: 0,
            world: None,
            texts: HashMap::new(),
            group_numbers: 0..0,
            chain: ChainEnd::default(),
        }
    }

    /// Refuses a database without a world, and connects.
    pub(super) async fn open(&mut self) -> Result<()> {
        self.connect().await.map_err(Trouble::into_error)
    }

    /// Carries a group out. When it is given back the group is kept, whatever fails after.
    pub(super) async fn carry_out(&mut self, tickets: &[Ticket]) -> Result<Vec<Result<Judged>>> {
        let (mut conflicts, mut losses) = (0, 0);
        loop {
            let trouble = match self.attempt(tickets).await {
                Ok(judged) => return Ok(judged),
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Conflict(error) if conflicts < ATTEMPTS => {
                    tracing::debug!(%error, "a group of commands met another");
                    conflicts += 1;
                    self.roll_back().await;
                }
                Trouble::Lost(error) if losses < CONNECTIONS => {
                    tracing::warn!(%error, "the teller lost its connection");
                    self.client = None;
                    tokio::time::sleep(pause(losses)).await;
                    losses += 1;
                }
                other => {
                    self.roll_back().await;
                    return Err(other.into_error());
                }
            }
        }
    }

    /// Leaves no row behind, if the server can be reached.
    pub(super) async fn close(&mut self) {
        if let (Some(client), Some(teller)) = (self.client.take(), self.teller.take()) {
            // Whoever finds the row later deletes it.
            let _ = client.execute("DELETE FROM teller WHERE number = $1", &[&teller]).await;
        }
    }

    /// Writes an act that is no command into the audit log.
    pub(super) async fn record(&mut self, audit: Audit, act: String) -> Result<()> {
        let changes = [AuditLine { audit, act, refusal: None }];
        let written = async {
            self.connect().await?;
            let Some(client) = &self.client else { return Err(Trouble::Lost(lost())) };
            write::record(client, &changes).await
        };
        let written: Result<(), Trouble> = written.await;
        if written.is_err() {
            self.roll_back().await;
        }
        written.map_err(Trouble::into_error)
    }

    async fn attempt(&mut self, tickets: &[Ticket]) -> Result<Vec<Result<Judged>>, Trouble> {
        self.connect().await?;
        let needs = Needs::of(tickets);
        self.reserve_numbers(needs.transfers).await?;
        let (Some(client), Some(teller)) = (&self.client, self.teller) else {
            return Err(Trouble::Failed(lost()));
        };
        let begin = load::begin(client, needs, &self.texts, self.group_numbers.start);
        let loaded = Box::pin(begin).await?;
        if self.world.is_some_and(|world| world != loaded.world) {
            return Err(Trouble::Failed(replaced()));
        }
        let mut books =
            PostgresBooks::new(loaded.records, loaded.answers, self.settings.key_lifetime);
        let judged = judge_all(&mut books, &self.settings.policy, tickets)?;
        if books.changes.is_empty() {
            client.batch_execute("COMMIT").await?;
            return Ok(judged);
        }
        self.group += 1;
        let mark = Mark { teller, group: self.group };
        // Whatever comes of it, these numbers are not given out again.
        self.group_numbers.start = books.records.numbers.group;
        Box::pin(self.keep(&books, mark)).await?;
        self.remember(books);
        Ok(judged)
    }

    /// Writes and commits a group.
    async fn keep(&mut self, books: &PostgresBooks, mark: Mark) -> Result<(), Trouble> {
        let Some(client) = &self.client else { return Err(Trouble::Lost(lost())) };
        let lifetime = self.settings.key_lifetime;
        let committed = if let Some(end) = self.chain.expected() {
            write::write_and_commit(client, books, mark, lifetime, end).await
        } else {
            let end = write::write(client, books, mark, lifetime).await?;
            self.chain.found(end);
            write::commit(client, &books.changes, end).await
        };
        match committed {
            Ok(end) => self.chain.leave(end),
            Err(conflict @ Trouble::Conflict(_)) => {
                self.chain.meet();
                return Err(conflict);
            }
            Err(trouble) => {
                self.client = None;
                self.chain.forget();
                if !self.is_kept(mark).await? {
                    return Err(trouble);
                }
            }
        }
        Ok(())
    }

    /// Somebody may have written beside its groups.
    pub(super) fn expect_others(&mut self) {
        self.chain.forget();
    }

    /// Finds out what came of a commit that was not answered.
    async fn is_kept(&mut self, mark: Mark) -> Result<bool, Trouble> {
        let unknown = |error: StoreError| {
            let what = format!("the outcome is unknown, ask again with the same key: {error}");
            Trouble::Failed(StoreError::Database(what.into()))
        };
        for loss in 0..=CONNECTIONS {
            match self.look_for(mark).await {
                Ok(kept) => return Ok(kept),
                Err(Trouble::Lost(_)) if loss < CONNECTIONS => {
                    self.client = None;
                    tokio::time::sleep(pause(loss)).await;
                }
                Err(trouble) => return Err(unknown(trouble.into_error())),
            }
        }
        Err(unknown(lost()))
    }

    async fn look_for(&mut self, mark: Mark) -> Result<bool, Trouble> {
        self.connect().await?;
        let Some(client) = &self.client else { return Err(Trouble::Lost(lost())) };
        // The lock is there once the session that was lost has come to its end.
        let sql = "SELECT last_group FROM teller WHERE number = $1 FOR UPDATE";
        let row = client.query_opt(sql, &[&mark.teller]).await?;
        // Without a row, no group of the last days was kept.
        row.map_or(Ok(false), |row| Ok(long::<i64>(&row, 0)? == mark.group))
    }

    async fn connect(&mut self) -> Result<(), Trouble> {
        if self.client.as_ref().is_some_and(|client| client.is_closed()) {
            self.client = None;
        }
        if self.client.is_none() {
            let commit = match self.settings.durability {
                Durability::Full => "on",
                Durability::Process => "off",
            };
            let options = format!("{OPTIONS} -c synchronous_commit={commit}");
            let manager = self.address.manager(SCHEMA, &options);
            let client = session::connect(manager).await.map_err(Trouble::Lost)?;
            schema::check_current(&client, &self.address).await?;
            self.client = Some(client);
        }
        if let (Some(client), None) = (&self.client, self.teller) {
            let row = client
                .query_one(
                    "WITH gone AS (DELETE FROM teller WHERE used_at < now() - interval '7 days')
                     INSERT INTO teller DEFAULT VALUES RETURNING number,
                         (SELECT tableoid FROM world)",
                    &[],
                )
                .await?;
            let world: u32 = row.try_get(1)?;
            if *self.world.get_or_insert(world) != world {
                return Err(Trouble::Failed(replaced()));
            }
            self.teller = Some(row.try_get(0)?);
        }
        Ok(())
    }

    /// Makes sure that there are numbers for so many transfers, in a transaction of their own.
    async fn reserve_numbers(&mut self, transfers: i64) -> Result<(), Trouble> {
        let left = self.group_numbers.end - self.group_numbers.start;
        if transfers <= left {
            return Ok(());
        }
        let Some(client) = &self.client else { return Err(Trouble::Lost(lost())) };
        let taken = transfers.max(GROUP_NUMBERS);
        let sql = "UPDATE world SET last_group = last_group + $1 WHERE last_group < $2::bigint - $1::bigint
                   RETURNING last_group";
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_opt(&statement, &[&taken, &GroupId::FIRST_SIMULATED]).await?;
        // Without a number, the bank's rules refuse a transfer.
        let last = row.map_or(Ok(i64::MAX - 1), |row| row.try_get::<_, i64>(0))?;
        self.group_numbers = last - taken + 1..last + 1;
        Ok(())
    }

    /// Remembers texts that are in the database for good.
    fn remember(&mut self, books: PostgresBooks) {
        if self.texts.len() >= TEXTS {
            self.texts.clear();
        }
        let texts = books.records.texts.into_iter();
        self.texts.extend(texts.map(|(text, number)| (Arc::from(text), number)));
    }

    /// Ends a transaction that failed; a session that does not answer is given up.
    async fn roll_back(&mut self) {
        if let Some(client) = &self.client
            && client.batch_execute("ROLLBACK").await.is_err()
        {
            self.client = None;
        }
    }
}

fn pause(losses: u32) -> Duration {
    (FIRST_PAUSE * 2_u32.pow(losses.min(16))).min(LONGEST_PAUSE)
}

fn lost() -> StoreError {
    StoreError::Database("the connection is lost".into())
}

fn replaced() -> StoreError {
    StoreError::Database("another world has taken the place of this one; start again".into())
}
