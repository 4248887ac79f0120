//! Idempotency keys: which requests were answered already, and how.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::Connection;

use crate::sqlite::read;
use crate::sqlite::row::{damaged, narrow};
use crate::sqlite::step::insert::Rows;
use crate::teller::{Idempotency, Reply};
use crate::{Result, StoreError};

/// Old answers that are looked at for each new one: more than one, so that they grow fewer.
const PRUNED_FOR_EACH: usize = 2;

/// The answers of a group of commands, which are written together at its end.
#[derive(Debug, Default)]
pub(super) struct Answers {
    kept: Vec<(Idempotency, Reply)>,
    /// Where the latest answer to a key stands, whoever owns it.
    places: HashMap<String, usize>,
    /// When the latest of the requests was received.
    latest: i64,
}

impl Answers {
    /// Looks a key up among the group's own and those that are written. One that is older than
    /// `lifetime` seconds is forgotten.
    pub(super) fn find(
        &self,
        connection: &Connection,
        key: &Idempotency,
        lifetime: i64,
    ) -> Result<Option<Reply>> {
        let same = |(earlier, _): &&(Idempotency, Reply)| {
            (&earlier.owner, &earlier.key) == (&key.owner, &key.key)
        };
        // Those before it are of other keys, or in the way of two clients who chose the same.
        let known = self.places.get(&key.key);
        match known.and_then(|latest| self.kept[..=*latest].iter().rev().find(same)) {
            Some((earlier, reply)) if earlier.fingerprint == key.fingerprint => {
                Ok(Some(reply.clone()))
            }
            Some(_) => Err(StoreError::KeyReused),
            None => find(connection, key, lifetime),
        }
    }

    /// Keeps the answer to a request whose key was not found.
    pub(super) fn keep(&mut self, key: Idempotency, reply: Reply) {
        self.latest = self.latest.max(key.received_at);
        self.places.insert(key.key.clone(), self.kept.len());
        self.kept.push((key, reply));
    }

    /// Writes the answers, in place of forgotten ones with the same keys, and deletes some of those
    /// that are older than `lifetime` seconds.
    pub(super) fn write(&self, connection: &Connection, lifetime: i64) -> Result<()> {
        if self.kept.is_empty() {
            return Ok(());
        }
        ANSWERS.insert(connection, self.kept.len(), |statement, before, row| {
            let (key, reply) = &self.kept[row];
            statement.raw_bind_parameter(before + 1, &key.owner)?;
            statement.raw_bind_parameter(before + 2, &key.key)?;
            statement.raw_bind_parameter(before + 3, key.fingerprint)?;
            statement.raw_bind_parameter(before + 4, reply.status)?;
            statement.raw_bind_parameter(before + 5, &reply.body)?;
            statement.raw_bind_parameter(before + COLUMNS, key.received_at)
        })?;
        prune(connection, self.latest.saturating_sub(lifetime), self.kept.len())
    }
}

const COLUMNS: usize = 6;

static ANSWERS: LazyLock<Rows> = LazyLock::new(|| {
    let insert = "INSERT OR REPLACE INTO idempotency (owner, key, fingerprint, status, body,
        received_at) VALUES";
    Rows::new(insert, COLUMNS)
});

/// The answer that was given to a key. One that is older than `lifetime` seconds is forgotten.
fn find(connection: &Connection, key: &Idempotency, lifetime: i64) -> Result<Option<Reply>> {
    let sql = "SELECT fingerprint, status, body FROM idempotency
               WHERE owner = ? AND key = ? AND received_at > ?";
    let youngest = key.received_at.saturating_sub(lifetime);
    let found = read::one(connection, sql, (&key.owner, &key.key, youngest), |row| {
        let fingerprint: [u8; 32] =
            row.get(0).map_err(|_| damaged("a kept answer has no valid fingerprint"))?;
        Ok((fingerprint, Reply { status: narrow(row, 1)?, body: row.get(2)? }))
    })?;
    match found {
        None => Ok(None),
        Some((fingerprint, reply)) if fingerprint == key.fingerprint => Ok(Some(reply)),
        Some(_) => Err(StoreError::KeyReused),
    }
}

/// Deletes answers that were received before `before`: the oldest, and in all no more than a few
/// for each of the `kept` new ones, so that no command waits long for it.
fn prune(connection: &Connection, before: i64, kept: usize) -> Result<()> {
    let oldest = "SELECT received_at FROM idempotency ORDER BY number LIMIT 1";
    let oldest: Option<i64> = read::one(connection, oldest, [], |row| Ok(row.get(0)?))?;
    if oldest.is_none_or(|oldest| oldest > before) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "DELETE FROM idempotency WHERE number IN (
                 SELECT number FROM (
                     SELECT number, received_at FROM idempotency ORDER BY number LIMIT ?)
                 WHERE received_at <= ?)",
        )?
        .execute((i64::try_from(kept * PRUNED_FOR_EACH).unwrap_or(i64::MAX), before))?;
    Ok(())
}
