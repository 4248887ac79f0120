//! Reads: look-ups by number, pages of lists, and whole worlds.
//!
//! A book is append-only, so what lies below the count that its account's row gives does not
//! change any more: lists of transactions need no transaction of the database to be of one
//! moment.

mod card_page;
mod directory;
mod extent;
mod lists;
mod lookups;
mod search;
mod snapshot;
mod transactions;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::{Page, Result};

pub(super) use directory::directory;
pub(super) use lists::{accounts, accounts_of, cards_of};
pub(super) use lookups::{account, card, credentials, ledger, setting, user, world};
pub(super) use snapshot::PostgresSnapshot;
pub(super) use transactions::{List, account_with_transactions, transaction, transactions};

/// What a statement's parameters are bound to.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// All rows that a statement gives.
pub(super) async fn all<T>(
    client: &ClientWrapper,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await?.iter().map(read).collect()
}

/// The row that a statement gives, if any.
pub(super) async fn one<T>(
    client: &ClientWrapper,
    sql: &str,
    params: Params<'_>,
    read: impl FnOnce(&Row) -> Result<T>,
) -> Result<Option<T>> {
    let statement = client.prepare_cached(sql).await?;
    client.query_opt(&statement, params).await?.as_ref().map(read).transpose()
}

/// `LIMIT` and `OFFSET` of a page, bounded so that sums of them with counts stay in range.
pub(super) fn bounds(page: Page) -> (i64, i64) {
    let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).min(i64::MAX / 4);
    (bounded(page.size), bounded(page.offset()))
}

/// A limit as the database takes it.
pub(super) fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
