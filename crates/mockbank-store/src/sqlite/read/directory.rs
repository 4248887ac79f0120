//! The directory of customers and accounts, filtered and sorted.

use std::sync::{Mutex, PoisonError, TryLockError};

use mockbank_bank::UserId;
use rusqlite::{Connection, Row};

use super::index::{self, Index, Key};
use super::lists::{all, total};
use super::lookups::one;
use crate::sqlite::row::{self, ACCOUNT_COLUMNS, account_columns, number};
use crate::{DirectoryLine, DirectoryQuery, DirectorySort, Listing, Order, Result};

/// A customer's line with and without an account: names and identifiers, as a filter sees them.
const MATCHES: &str = " WHERE u.first_name || ' ' || u.last_name || ' ' || u.username || ' u_'
    || u.number || coalesce(' acc_' || a.number, '') LIKE '%' || ?1 || '%' ESCAPE '\\' ";

const JOINED: &str = " FROM user u LEFT JOIN account a ON a.user = u.number ";

const COLUMNS: &str =
    concat!("SELECT ", account_columns!(), ", u.number, u.username, u.first_name, u.last_name");

/// The directory of a store: in memory, unless the world has too many accounts for that.
#[derive(Debug)]
pub(in crate::sqlite) struct Directory {
    index: Mutex<Index>,
    most_accounts: u64,
}

impl Directory {
    /// A directory that is kept in memory for worlds of up to so many accounts.
    pub(in crate::sqlite) fn new(most_accounts: u64) -> Self {
        Self { index: Mutex::default(), most_accounts }
    }

    pub(in crate::sqlite) fn read(
        &self,
        connection: &Connection,
        query: &DirectoryQuery,
    ) -> Result<Listing<DirectoryLine>> {
        let transaction = connection.unchecked_transaction()?;
        let version = index::version(&transaction)?;
        let lines = version.users.max(version.accounts).cast_unsigned();
        if lines > self.most_accounts {
            return from_database(&transaction, query);
        }
        let by_number =
            query.sort == DirectorySort::Number && query.text.as_deref().is_none_or(str::is_empty);
        let mut index = match self.index.try_lock() {
            Ok(index) => index,
            // The first screen need not wait until the names are read.
            Err(TryLockError::WouldBlock) if by_number => return whole(&transaction, query),
            Err(_) => self.index.lock().unwrap_or_else(PoisonError::into_inner),
        };
        if by_number && !index.knows(version) {
            return whole(&transaction, query);
        }
        let read = index.refresh(&transaction, version, query.sort)?;
        tracing::trace!(?read, "the directory is up to date");
        let (total, keys) = index.find(query);
        drop(index);
        Ok(Listing { total, items: lines_of(&transaction, &keys)? })
    }
}

/// The directory by the database's own means: every line is looked at.
fn from_database(
    transaction: &Connection,
    query: &DirectoryQuery,
) -> Result<Listing<DirectoryLine>> {
    match query.text.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => matching(transaction, query, &escaped(text)),
        None => whole(transaction, query),
    }
}

fn whole(transaction: &Connection, query: &DirectoryQuery) -> Result<Listing<DirectoryLine>> {
    // Everybody's accounts, and those who have none, from an index alone.
    let total = total(
        transaction,
        "SELECT users + accounts - (SELECT count(DISTINCT user) FROM account) FROM world",
        [],
    )?;
    let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows = &query.rows;
    let window = (bounded(rows.end.saturating_sub(rows.start)), bounded(rows.start));
    let sql = [COLUMNS, JOINED, ordered(query.sort, query.order), " LIMIT ? OFFSET ?"].concat();
    Ok(Listing { total, items: all(transaction, &sql, window, line)? })
}

/// Looks at every line once, for its keys alone, and then reads those that are asked for.
fn matching(
    transaction: &Connection,
    query: &DirectoryQuery,
    pattern: &str,
) -> Result<Listing<DirectoryLine>> {
    let order = ordered(query.sort, query.order);
    let sql = ["SELECT u.number, a.number", JOINED, MATCHES, order].concat();
    let keys: Vec<Key> = all(transaction, &sql, [pattern], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let bounded = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (start, end) = (bounded(query.rows.start), bounded(query.rows.end));
    let wanted = keys.get(start.min(keys.len())..end.min(keys.len())).unwrap_or_default();
    Ok(Listing { total: keys.len() as u64, items: lines_of(transaction, wanted)? })
}

/// Lines by their keys.
fn lines_of(transaction: &Connection, keys: &[Key]) -> Result<Vec<DirectoryLine>> {
    let sql = [COLUMNS, " FROM user u LEFT JOIN account a ON a.number = ?2 WHERE u.number = ?1"];
    let sql = sql.concat();
    keys.iter().filter_map(|key| one(transaction, &sql, *key, line).transpose()).collect()
}

fn line(row: &Row) -> Result<DirectoryLine> {
    let account = row.get::<_, Option<i64>>(0)?.map(|_| row::account(row)).transpose()?;
    Ok(DirectoryLine {
        user: UserId::new(number(row, ACCOUNT_COLUMNS)?),
        username: row.get(ACCOUNT_COLUMNS + 1)?,
        first_name: row.get(ACCOUNT_COLUMNS + 2)?,
        last_name: row.get(ACCOUNT_COLUMNS + 3)?,
        account,
    })
}

const fn ordered(sort: DirectorySort, order: Order) -> &'static str {
    match (sort, order) {
        (DirectorySort::Number, Order::Ascending) => "ORDER BY u.number, a.number",
        (DirectorySort::Number, Order::Descending) => "ORDER BY u.number DESC, a.number DESC",
        (DirectorySort::Name, Order::Ascending) => {
            "ORDER BY u.last_name, u.first_name, u.number, a.number"
        }
        (DirectorySort::Name, Order::Descending) => {
            "ORDER BY u.last_name DESC, u.first_name DESC, u.number DESC, a.number DESC"
        }
        (DirectorySort::Balance, Order::Ascending) => "ORDER BY a.balance, u.number, a.number",
        (DirectorySort::Balance, Order::Descending) => {
            "ORDER BY a.balance DESC, u.number DESC, a.number DESC"
        }
    }
}

/// The text as a pattern that matches nothing but itself.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
