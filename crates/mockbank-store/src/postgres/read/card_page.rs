//! Pages of a card's postings, which lie scattered in its account's book.
//!
//! A card's postings are numbered too, though the numbers are not stored: marks tell how many
//! there were up to a place in the book, and counting goes on from the nearest mark.

use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::Posting;

use super::extent::Extent;
use super::{Params, all, one};
use crate::postgres::row::{self, posting_columns};
use crate::window::{count, window};
use crate::{Order, Page, Result};

/// Up to a sequence of the book, the card has had so many postings.
#[derive(Clone, Copy, Debug)]
struct Mark {
    postings: i64,
    sequence: i64,
}

/// A page of a card's postings within a range of the book.
pub(super) async fn card_page(
    client: &ClientWrapper,
    extent: Extent,
    card: i64,
    sequences: RangeInclusive<i64>,
    order: Order,
    page: Page,
) -> Result<(u64, Vec<Posting>)> {
    let (first, last) = sequences.into_inner();
    let first = ordinal(client, extent, card, first - 1).await? + 1;
    let last = ordinal(client, extent, card, last).await?;
    let total = count(&(first..=last));
    let Some(window) = window(first..=last, order, page) else { return Ok((total, Vec::new())) };
    let mut postings = numbered(client, extent, card, window).await?;
    if order == Order::Descending {
        postings.reverse();
    }
    Ok((total, postings))
}

/// How many postings the card has up to a sequence of the book.
async fn ordinal(client: &ClientWrapper, extent: Extent, card: i64, sequence: i64) -> Result<i64> {
    if sequence >= extent.last {
        return Ok(extent.total);
    }
    if sequence < 1 {
        return Ok(0);
    }
    let sql = "SELECT postings, sequence FROM card_mark WHERE card = $1 AND sequence <= $2
               ORDER BY postings DESC LIMIT 1";
    let before = mark(client, sql, &[&card, &sequence]).await?;
    let sql = "SELECT count(*) FROM posting
               WHERE account = $1 AND sequence > $2 AND sequence <= $3 AND card = $4";
    let params: Params = &[&extent.account, &before.sequence, &sequence, &card];
    let since = one(client, sql, params, |row| Ok(row.try_get::<_, i64>(0)?)).await?;
    Ok(before.postings + since.unwrap_or(0))
}

/// The card's postings with the given numbers, the oldest first.
async fn numbered(
    client: &ClientWrapper,
    extent: Extent,
    card: i64,
    numbers: RangeInclusive<i64>,
) -> Result<Vec<Posting>> {
    let (first, last) = numbers.into_inner();
    let sql = "SELECT postings, sequence FROM card_mark WHERE card = $1 AND postings < $2
               ORDER BY postings DESC LIMIT 1";
    let before = mark(client, sql, &[&card, &first]).await?;
    let sql = concat!(
        "SELECT ",
        posting_columns!(),
        " FROM posting p WHERE p.account = $1 AND p.sequence > $2 AND p.card = $3
         ORDER BY p.sequence LIMIT $4 OFFSET $5"
    );
    let (limit, skipped) = (last - first + 1, first - 1 - before.postings);
    let params: Params = &[&extent.account, &before.sequence, &card, &limit, &skipped];
    all(client, sql, params, |row| row::posting(row, 0)).await
}

/// The mark that a statement finds; without one, the beginning of the book.
async fn mark(client: &ClientWrapper, sql: &str, params: Params<'_>) -> Result<Mark> {
    let read = |row: &_| Ok(Mark { postings: row::long(row, 0)?, sequence: row::long(row, 1)? });
    Ok(one(client, sql, params, read).await?.unwrap_or(Mark { postings: 0, sequence: 0 }))
}
