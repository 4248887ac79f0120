//! Pages of a card's postings, which lie scattered in its account's book.
//!
//! A card's postings are numbered too, though the numbers are not stored: marks tell how many
//! there were up to a place in the book, and counting goes on from the nearest mark.

use std::ops::RangeInclusive;

use mockbank_bank::Posting;
use rusqlite::{Connection, Params};

use super::extent::Extent;
use super::lookups::one;
use crate::sqlite::row::{self, posting_columns};
use crate::window::{count, window};
use crate::{Order, Page, Result};

/// Up to a sequence of the book, the card has had so many postings.
#[derive(Clone, Copy, Debug)]
struct Mark {
    postings: i64,
    sequence: i64,
}

/// A page of a card's postings within a range of the book.
pub(super) fn card_page(
    connection: &Connection,
    extent: &Extent,
    card: i64,
    sequences: RangeInclusive<i64>,
    order: Order,
    page: Page,
) -> Result<(u64, Vec<Posting>)> {
    let (first, last) = sequences.into_inner();
    let first = ordinal(connection, extent, card, first - 1)? + 1;
    let last = ordinal(connection, extent, card, last)?;
    let total = count(&(first..=last));
    let Some(window) = window(first..=last, order, page) else { return Ok((total, Vec::new())) };
    let mut postings = numbered(connection, extent, card, window)?;
    if order == Order::Descending {
        postings.reverse();
    }
    Ok((total, postings))
}

/// How many postings the card has up to a sequence of the book.
fn ordinal(connection: &Connection, extent: &Extent, card: i64, sequence: i64) -> Result<i64> {
    if sequence >= extent.last {
        return Ok(extent.total);
    }
    if sequence < 1 {
        return Ok(0);
    }
    let sql = "SELECT postings, sequence FROM card_mark WHERE card = ? AND sequence <= ?
               ORDER BY postings DESC LIMIT 1";
    let before = mark(connection, sql, [card, sequence])?.unwrap_or(Mark::START);
    let sql = "SELECT count(*) FROM posting
               WHERE account = ? AND sequence > ? AND sequence <= ? AND card = ?";
    let params = [extent.account, before.sequence, sequence, card];
    let since: i64 = one(connection, sql, params, |row| Ok(row.get(0)?))?.unwrap_or(0);
    Ok(before.postings + since)
}

/// The card's postings with the given numbers, the oldest first.
fn numbered(
    connection: &Connection,
    extent: &Extent,
    card: i64,
    numbers: RangeInclusive<i64>,
) -> Result<Vec<Posting>> {
    let (first, last) = numbers.into_inner();
    let sql = "SELECT postings, sequence FROM card_mark WHERE card = ? AND postings < ?
               ORDER BY postings DESC LIMIT 1";
    let before = mark(connection, sql, [card, first])?.unwrap_or(Mark::START);
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        posting_columns!(),
        " FROM posting p WHERE p.account = ? AND p.sequence > ? AND p.card = ?
         ORDER BY p.sequence"
    ))?;
    let mut rows = statement.query([extent.account, before.sequence, card])?;
    let mut number = before.postings;
    let mut postings = Vec::new();
    while number < last
        && let Some(row) = rows.next()?
    {
        number += 1;
        if number >= first {
            postings.push(row::posting(row, 0)?);
        }
    }
    Ok(postings)
}

impl Mark {
    /// Before the first posting of the book.
    const START: Self = Self { postings: 0, sequence: 0 };
}

fn mark(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<Mark>> {
    one(connection, sql, params, |row| Ok(Mark { postings: row.get(0)?, sequence: row.get(1)? }))
}
