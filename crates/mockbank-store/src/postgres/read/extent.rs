//! Which part of a book a list is.

use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::CardId;

use super::{Params, one};
use crate::Result;
use crate::postgres::row::{long, number};

/// The book that holds a list, and how many of its postings are in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) account: i64,
    /// The card; `None` for the whole book.
    pub(super) card: Option<i64>,
    /// Sequence of the book's last posting.
    pub(super) last: i64,
    pub(super) total: i64,
}

pub(super) async fn card_extent(client: &ClientWrapper, card: CardId) -> Result<Option<Extent>> {
    let sql = "SELECT a.number, a.postings, c.postings
               FROM card c JOIN account a ON a.number = c.account WHERE c.number = $1";
    one(client, sql, &[&card.number()], |row| {
        let (account, last, total) = (number(row, 0)?, long(row, 1)?, long(row, 2)?);
        Ok(Extent { account, card: Some(card.number()), last, total })
    })
    .await
}

/// The sequences of a book with `from <= at < end`: time never goes back along a book.
pub(super) async fn sequences(
    client: &ClientWrapper,
    extent: Extent,
    from: Option<i64>,
    end: Option<i64>,
) -> Result<RangeInclusive<i64>> {
    let whole = 1..=extent.last;
    if from.is_none() && end.is_none() {
        return Ok(whole);
    }
    let sql = "SELECT coalesce(first_at($1, $2, $3), 1), coalesce(first_at($1, $2, $4) - 1, $2)";
    let params: Params = &[&extent.account, &extent.last, &from, &end];
    let found = one(client, sql, params, |row| Ok(row.try_get(0)?..=row.try_get(1)?)).await?;
    Ok(found.unwrap_or(whole))
}
