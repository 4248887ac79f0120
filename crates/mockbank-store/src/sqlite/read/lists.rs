//! Pages of accounts and cards.

use mockbank_bank::{Account, AccountId, AccountKind, Card, Currency, UserId};
use rusqlite::{Connection, Params, Row};

use super::lookups::one;
use crate::sqlite::row::{self, ACCOUNT_COLUMNS, account_columns, card_columns, narrow};
use crate::{AccountFilter, AccountLine, Listing, Page, Result};

pub(in crate::sqlite) fn accounts_of(
    connection: &Connection,
    user: UserId,
    filter: AccountFilter,
    page: Page,
) -> Result<Listing<Account>> {
    /// Which accounts: by holder, kind and currency, either of which may be `NULL` for all.
    macro_rules! condition {
        () => {
            " FROM account a WHERE a.user = ?1 AND (?2 IS NULL OR a.kind = ?2)
              AND (?3 IS NULL OR a.currency = ?3) "
        };
    }
    let transaction = connection.unchecked_transaction()?;
    let kind = filter.kind.map(AccountKind::code);
    let currency = filter.currency.map(Currency::code);
    let holder = user.number();
    let total =
        total(&transaction, concat!("SELECT count(*)", condition!()), (holder, kind, currency))?;
    let (limit, offset) = window(page);
    let items = all(
        &transaction,
        concat!(
            "SELECT ",
            account_columns!(),
            condition!(),
            "ORDER BY a.number LIMIT ?4 OFFSET ?5"
        ),
        (holder, kind, currency, limit, offset),
        row::account,
    )?;
    Ok(Listing { total, items })
}

pub(in crate::sqlite) fn accounts(
    connection: &Connection,
    page: Page,
) -> Result<Listing<AccountLine>> {
    let transaction = connection.unchecked_transaction()?;
    let total = total(&transaction, "SELECT accounts FROM world", [])?;
    let items = all(
        &transaction,
        concat!(
            "SELECT ",
            account_columns!(),
            ", u.username, u.first_name, u.last_name
             FROM account a JOIN user u ON u.number = a.user
             ORDER BY a.number LIMIT ? OFFSET ?"
        ),
        window(page),
        |row| {
            Ok(AccountLine {
                account: row::account(row)?,
                username: row.get(ACCOUNT_COLUMNS)?,
                first_name: row.get(ACCOUNT_COLUMNS + 1)?,
                last_name: row.get(ACCOUNT_COLUMNS + 2)?,
            })
        },
    )?;
    Ok(Listing { total, items })
}

pub(in crate::sqlite) fn cards_of(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<Card>> {
    let sql =
        concat!("SELECT ", card_columns!(), " FROM card c WHERE c.account = ? ORDER BY c.number");
    all(connection, sql, [account.number()], row::card)
}

pub(super) fn total(connection: &Connection, sql: &str, params: impl Params) -> Result<u64> {
    Ok(one(connection, sql, params, |row| narrow(row, 0))?.unwrap_or(0))
}

/// `LIMIT` and `OFFSET` of a page.
fn window(page: Page) -> (i64, i64) {
    let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    (bounded(page.size), bounded(page.offset()))
}

/// All rows that a statement gives.
pub(in crate::sqlite) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(read(row)?);
    }
    Ok(items)
}
