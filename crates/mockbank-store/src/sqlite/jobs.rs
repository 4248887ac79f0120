//! Jobs in the database. One process at a time writes a folder, so whatever is at work when another
//! begins to write is at work no more.

use rusqlite::Connection;

use super::read::one;
use super::row::damaged;
use crate::Result;
use crate::teller::job::{JobRecord, JobState, KEPT, RenderJob};

const RUNNING: i64 = 0;
const ENDED: i64 = 1;
const INTERRUPTED: i64 = 2;

pub(super) fn begin(connection: &Connection, body: RenderJob) -> Result<i64> {
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

/// Keeps what a job looks like.
pub(super) fn keep(connection: &Connection, number: i64, body: &[u8], ended: bool) -> Result<()> {
    let state = if ended { ENDED } else { RUNNING };
    let sql = "UPDATE job SET state = ?, body = ? WHERE number = ?";
    connection.prepare_cached(sql)?.execute((state, body, number))?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, number: i64) -> Result<()> {
    connection.execute("DELETE FROM job WHERE number = ?", [number])?;
    Ok(())
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
