//! Jobs in the database. One process at a time writes a folder, so whatever is at work when another
//! begins to write is at work no more.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;

use super::read::one;
use super::row::damaged;
use super::teller::Clerk;
use crate::Result;
use crate::teller::counter::Counter;
use crate::teller::job::{JobEntry, JobRecord, JobState, KEPT, RenderJob};

const RUNNING: i64 = 0;
const ENDED: i64 = 1;
const INTERRUPTED: i64 = 2;

/// A job of this process.
pub(super) struct SqliteJob {
    counter: Arc<Counter<Clerk>>,
    number: i64,
}

impl SqliteJob {
    pub(super) async fn begin(counter: &Arc<Counter<Clerk>>, body: RenderJob) -> Result<Self> {
        let number = counter.exclusive(|clerk| begin(clerk.connection(), body)).await??;
        Ok(Self { counter: Arc::clone(counter), number })
    }
}

#[async_trait]
impl JobEntry for SqliteJob {
    fn number(&self) -> i64 {
        self.number
    }

    async fn keep(&self, body: Vec<u8>, ended: bool) -> Result<()> {
        let (number, state) = (self.number, if ended { ENDED } else { RUNNING });
        let keep = move |clerk: &mut Clerk| {
            let sql = "UPDATE job SET state = ?, body = ? WHERE number = ?";
            clerk.connection().prepare_cached(sql)?.execute((state, body, number))?;
            Ok(())
        };
        self.counter.exclusive(keep).await?
    }

    async fn remove(&self) -> Result<()> {
        let number = self.number;
        let remove = move |clerk: &mut Clerk| {
            clerk.connection().execute("DELETE FROM job WHERE number = ?", [number])?;
            Ok(())
        };
        self.counter.exclusive(remove).await?
    }
}

impl Drop for SqliteJob {
    fn drop(&mut self) {
        let number = self.number;
        self.counter.push(move |clerk| {
            // Whoever writes next says so if the disk does not take it now.
            let _ = interrupt(clerk.connection(), number..=number);
        });
    }
}

fn begin(connection: &Connection, body: RenderJob) -> Result<i64> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("INSERT INTO job (state, body) VALUES (?, x'')", [RUNNING])?;
    let number = transaction.last_insert_rowid();
    let sql = "UPDATE job SET body = ? WHERE number = ?";
    transaction.execute(sql, (body(number), number))?;
    let sql = "DELETE FROM job WHERE number <= ? AND state <> ?";
    transaction.execute(sql, (number - KEPT, RUNNING))?;
    transaction.commit()?;
    Ok(number)
}

/// Says of jobs that were at work that they are no more.
pub(super) fn interrupt(
    connection: &Connection,
    numbers: std::ops::RangeInclusive<i64>,
) -> Result<()> {
    let sql = "UPDATE job SET state = ? WHERE state = ? AND number BETWEEN ? AND ?";
    connection.execute(sql, (INTERRUPTED, RUNNING, numbers.start(), numbers.end()))?;
    Ok(())
}

pub(super) fn job(connection: &Connection, number: i64) -> Result<Option<JobRecord>> {
    one(connection, "SELECT state, body FROM job WHERE number = ?", [number], |row| {
        let state = match row.get(0)? {
            RUNNING => JobState::Running,
            ENDED => JobState::Ended,
            INTERRUPTED => JobState::Interrupted,
            _ => return Err(damaged("a job has no valid state")),
        };
        Ok(JobRecord { state, body: row.get(1)? })
    })
}
