//! The directory of customers and accounts, filtered and sorted.

use mockbank_bank::UserId;
use rusqlite::Connection;

use super::lists::{all, total};
use crate::sqlite::row::{self, ACCOUNT_COLUMNS, account_columns, number};
use crate::{DirectoryLine, DirectoryQuery, DirectorySort, Listing, Order, Result};

/// A customer's line with and without an account: names and identifiers, as a filter sees them.
const MATCHES: &str = " WHERE u.first_name || ' ' || u.last_name || ' ' || u.username || ' u_'
    || u.number || coalesce(' acc_' || a.number, '') LIKE '%' || ?1 || '%' ESCAPE '\\' ";

const JOINED: &str = " FROM user u LEFT JOIN account a ON a.user = u.number ";

pub(in crate::sqlite) fn directory(
    connection: &Connection,
    query: &DirectoryQuery,
) -> Result<Listing<DirectoryLine>> {
    let transaction = connection.unchecked_transaction()?;
    let text = query.text.as_deref().filter(|text| !text.is_empty()).map(escaped);
    let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let window = (
        text.as_deref(),
        bounded(query.rows.end.saturating_sub(query.rows.start)),
        bounded(query.rows.start),
    );
    let condition = if text.is_some() { MATCHES } else { "" };
    let total = match &text {
        Some(text) => total(&transaction, &["SELECT count(*)", JOINED, MATCHES].concat(), [text])?,
        // Everybody's accounts, and those who have none, from an index alone.
        None => total(
            &transaction,
            "SELECT users + accounts - (SELECT count(DISTINCT user) FROM account) FROM world",
            [],
        )?,
    };
    let sql = [
        concat!("SELECT ", account_columns!(), ", u.number, u.username, u.first_name, u.last_name"),
        JOINED,
        condition,
        ordered(query.sort, query.order),
        " LIMIT ?2 OFFSET ?3",
    ];
    let items = all(&transaction, &sql.concat(), window, |row| {
        let account = row.get::<_, Option<i64>>(0)?.map(|_| row::account(row)).transpose()?;
        Ok(DirectoryLine {
            user: UserId::new(number(row, ACCOUNT_COLUMNS)?),
            username: row.get(ACCOUNT_COLUMNS + 1)?,
            first_name: row.get(ACCOUNT_COLUMNS + 2)?,
            last_name: row.get(ACCOUNT_COLUMNS + 3)?,
            account,
        })
    })?;
    Ok(Listing { total, items })
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
