//! Which part of a book a list is.

use std::ops::RangeInclusive;

use mockbank_bank::{AccountId, CardId};
use rusqlite::Connection;

use super::lookups::one;
use crate::Result;
use crate::sqlite::row::number;

/// Whose transactions to list.
#[derive(Clone, Copy, Debug)]
pub(in crate::sqlite) enum List {
    Account(AccountId),
    Card(CardId),
}

/// The book that holds a list, and how many of its postings are in the list.
pub(super) struct Extent {
    pub(super) account: i64,
    /// The card; `None` for the whole book.
    pub(super) card: Option<i64>,
    /// Sequence of the book's last posting.
    pub(super) last: i64,
    pub(super) total: i64,
}

pub(super) fn extent(connection: &Connection, list: List) -> Result<Option<Extent>> {
    match list {
        List::Account(account) => {
            let sql = "SELECT postings FROM account WHERE number = ?";
            one(connection, sql, [account.number()], |row| {
                let last = row.get(0)?;
                Ok(Extent { account: account.number(), card: None, last, total: last })
            })
        }
        List::Card(card) => {
            let sql = "SELECT a.number, a.postings, c.postings
                       FROM card c JOIN account a ON a.number = c.account WHERE c.number = ?";
            one(connection, sql, [card.number()], |row| {
                let (account, last, total) = (number(row, 0)?, row.get(1)?, row.get(2)?);
                Ok(Extent { account, card: Some(card.number()), last, total })
            })
        }
    }
}

/// The sequences of a book with `from <= at < end`: time never goes back along a book.
pub(super) fn sequences(
    connection: &Connection,
    extent: &Extent,
    from: Option<i64>,
    end: Option<i64>,
) -> Result<RangeInclusive<i64>> {
    let first = match from {
        Some(from) => first_at(connection, extent, from)?,
        None => 1,
    };
    let last = match end {
        Some(end) => first_at(connection, extent, end)? - 1,
        None => extent.last,
    };
    Ok(first..=last)
}

/// The first sequence of a book whose posting is not before `at`; one past the last if none is.
fn first_at(connection: &Connection, extent: &Extent, at: i64) -> Result<i64> {
    let (mut low, mut high) = (1, extent.last + 1);
    let mut statement =
        connection.prepare_cached("SELECT at FROM posting WHERE account = ? AND sequence = ?")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let found: i64 = statement.query_row([extent.account, middle], |row| row.get(0))?;
        if found < at { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}
