//! The audit log in the database.

use mockbank_bank::Instant;
use rusqlite::Connection;

use super::read::{all, one};
use crate::teller::{Audit, AuditEntry};
use crate::{Listing, Page, Result};

pub(super) fn append(
    connection: &Connection,
    at: Instant,
    audit: &Audit,
    act: &str,
    refusal: Option<&str>,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit (at, received_at, actor, act, refusal) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute((at.seconds(), audit.received_at, &audit.actor, act, refusal))?;
    Ok(())
}

/// A page of the log, the latest entry first.
pub(super) fn log(connection: &Connection, page: Page) -> Result<Listing<AuditEntry>> {
    let transaction = connection.unchecked_transaction()?;
    // Entries are never deleted, so the last number is their count.
    let count = "SELECT coalesce(max(number), 0) FROM audit";
    let total =
        one(&transaction, count, [], |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))?.unwrap_or(0);
    let last = i64::try_from(total.saturating_sub(page.offset())).unwrap_or(0);
    let sql = "SELECT number, at, received_at, actor, act, refusal FROM audit
               WHERE number <= ? ORDER BY number DESC LIMIT ?";
    let size = i64::try_from(page.size).unwrap_or(i64::MAX);
    let items = all(&transaction, sql, (last, size), |row| {
        Ok(AuditEntry {
            number: row.get(0)?,
            at: Instant::from_seconds(row.get(1)?),
            audit: Audit { received_at: row.get(2)?, actor: row.get(3)? },
            act: row.get(4)?,
            refusal: row.get(5)?,
        })
    })?;
    Ok(Listing { total, items })
}
