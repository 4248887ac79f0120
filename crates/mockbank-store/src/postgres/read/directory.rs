//! The directory of customers and accounts, filtered and sorted.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::UserId;
use tokio_postgres::Row;

use super::{Params, all, one};
use crate::postgres::row::{self, ACCOUNT_COLUMNS, account_columns, long, number};
use crate::{DirectoryLine, DirectoryQuery, DirectorySort, Listing, Order, Result};

/// Customers with their accounts, whose names and identifiers contain a text: `NULL` for all.
const LINES: &str = " FROM customer u LEFT JOIN account a ON a.customer = u.number
    WHERE $1::text IS NULL OR concat_ws(' ', u.first_name, u.last_name, u.username,
        'u_' || u.number, 'acc_' || a.number) ILIKE '%' || $1 || '%'";

const COLUMNS: &str =
    concat!("SELECT ", account_columns!(), ", u.number, u.username, u.first_name, u.last_name");

pub(in crate::postgres) async fn directory(
    client: &ClientWrapper,
    query: &DirectoryQuery,
) -> Result<Listing<DirectoryLine>> {
    let pattern = query.text.as_deref().filter(|text| !text.is_empty()).map(escaped);
    let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows = &query.rows;
    let (limit, offset) = (bounded(rows.end.saturating_sub(rows.start)), bounded(rows.start));
    let sql = [COLUMNS, LINES, ordered(query.sort, query.order), " LIMIT $2 OFFSET $3"].concat();
    let count = ["SELECT count(*)", LINES].concat();
    let params: Params = &[&pattern, &limit, &offset];
    let items = all(client, &sql, params, line);
    let total = one(client, &count, &params[..1], |row| long(row, 0));
    let (items, total) = tokio::try_join!(items, total)?;
    Ok(Listing { total: total.unwrap_or(0), items })
}

fn line(row: &Row) -> Result<DirectoryLine> {
    let account = row.try_get::<_, Option<i64>>(0)?.map(|_| row::account(row)).transpose()?;
    Ok(DirectoryLine {
        user: UserId::new(number(row, ACCOUNT_COLUMNS)?),
        username: row.try_get(ACCOUNT_COLUMNS + 1)?,
        first_name: row.try_get(ACCOUNT_COLUMNS + 2)?,
        last_name: row.try_get(ACCOUNT_COLUMNS + 3)?,
        account,
    })
}

/// The order of bytes, whatever the database's own is; what has no account has the least.
const fn ordered(sort: DirectorySort, order: Order) -> &'static str {
    match (sort, order) {
        (DirectorySort::Number, Order::Ascending) => " ORDER BY u.number, a.number",
        (DirectorySort::Number, Order::Descending) => " ORDER BY u.number DESC, a.number DESC",
        (DirectorySort::Name, Order::Ascending) => {
            " ORDER BY u.last_name COLLATE \"C\", u.first_name COLLATE \"C\", u.number, a.number"
        }
        (DirectorySort::Name, Order::Descending) => {
            " ORDER BY u.last_name COLLATE \"C\" DESC, u.first_name COLLATE \"C\" DESC,
                  u.number DESC, a.number DESC"
        }
        (DirectorySort::Balance, Order::Ascending) => {
            " ORDER BY a.balance NULLS FIRST, u.number, a.number"
        }
        (DirectorySort::Balance, Order::Descending) => {
            " ORDER BY a.balance DESC NULLS LAST, u.number DESC, a.number DESC"
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
