//! Idempotency keys: which requests were answered already, and how.

use rusqlite::Connection;

use crate::sqlite::read;
use crate::sqlite::row::{damaged, narrow};
use crate::teller::{Idempotency, Reply};
use crate::{Result, StoreError};

/// Old answers that are looked at for each new one: more than one, so that they grow fewer.
const PRUNED_FOR_EACH: usize = 2;

/// The answer that was given to a key. One that is older than `lifetime` seconds is forgotten.
pub(super) fn find(
    connection: &Connection,
    key: &Idempotency,
    lifetime: i64,
) -> Result<Option<Reply>> {
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

/// Keeps the answer to a request, in place of a forgotten one with the same key.
pub(super) fn keep(connection: &Connection, key: &Idempotency, reply: &Reply) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO idempotency (owner, key, fingerprint, status, body, received_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            &key.owner,
            &key.key,
            key.fingerprint,
            reply.status,
            &reply.body,
            key.received_at,
        ))?;
    Ok(())
}

/// Deletes answers that were received before `before`: the oldest, and in all no more than a few
/// for each of the `kept` new ones, so that no command waits long for it.
pub(super) fn prune(connection: &Connection, before: i64, kept: usize) -> Result<()> {
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
