//! The audit log in the database.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::read::{all, bounds, one};
use super::row::{instant, long};
use crate::teller::{Audit, AuditEntry};
use crate::{Listing, Page, Result};

/// A page of the log, the latest entry first.
pub(super) async fn log(client: &ClientWrapper, page: Page) -> Result<Listing<AuditEntry>> {
    // Entries are never deleted, so the last number is their count.
    let count = "SELECT coalesce(max(number), 0) FROM audit";
    let total: u64 = one(client, count, &[], |row| long(row, 0)).await?.unwrap_or(0);
    let (size, offset) = bounds(page);
    let last = total.cast_signed().saturating_sub(offset);
    let sql = "SELECT number, at, received_at, actor, act, refusal FROM audit
               WHERE number <= $1 ORDER BY number DESC LIMIT $2";
    let read = |row: &Row| {
        Ok(AuditEntry {
            number: row.try_get(0)?,
            at: instant(row, 1)?,
            audit: Audit { received_at: row.try_get(2)?, actor: row.try_get(3)? },
            act: row.try_get(4)?,
            refusal: row.try_get(5)?,
        })
    };
    Ok(Listing { total, items: all(client, sql, &[&last, &size], read).await? })
}
