//! Transactions: one by its identifier, and pages of an account's or a card's.

use std::ops::RangeInclusive;

use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{Account, AccountId, Money, Posting, Stream, TransactionId};
use rusqlite::Connection;

use super::card_page::card_page;
use super::extent::{Extent, List, extent, sequences};
use super::lists::all;
use super::lookups::{account as account_by_id, one};
use super::search::{Content, search};
use crate::sqlite::catalog::Texts;
use crate::sqlite::row::{self, posting_columns};
use crate::window::{count, window};
use crate::{Listing, Order, Page, Result, Transaction, TransactionFilter};

pub(in crate::sqlite) fn transaction(
    connection: &Connection,
    texts: &Texts,
    id: TransactionId,
) -> Result<Option<Transaction>> {
    let transaction = connection.unchecked_transaction()?;
    let Some(extent) = extent(&transaction, List::Account(id.account))? else { return Ok(None) };
    let sequences = if id.reference.stream() == Stream::COMMANDS {
        let sequence = i64::from(id.reference.index());
        sequence..=sequence
    } else {
        let start = id.day.start().seconds();
        sequences(&transaction, &extent, Some(start), Some(start + SECONDS_PER_DAY))?
    };
    let sql = concat!(
        "SELECT ",
        posting_columns!(),
        " FROM posting p WHERE p.account = ? AND p.sequence BETWEEN ? AND ? AND p.reference = ?"
    );
    let (first, last) = sequences.into_inner();
    let params = (extent.account, first, last, id.reference.code());
    let posting = one(&transaction, sql, params, |row| row::posting(row, 0))?;
    posting
        .filter(|posting| posting.transaction_id() == id)
        .map(|posting| texts.transaction(&transaction, posting))
        .transpose()
}

/// A page of a list and its total, both of one moment.
pub(in crate::sqlite) fn transactions(
    connection: &Connection,
    texts: &Texts,
    list: List,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Listing<Transaction>> {
    at_one_moment(connection, || match extent(connection, list)? {
        Some(extent) => page_of(connection, texts, &extent, filter, page),
        None => Ok(Listing { total: 0, items: Vec::new() }),
    })
}

/// An account and a page of its book with its total, all of one moment.
pub(in crate::sqlite) fn account_with_transactions(
    connection: &Connection,
    texts: &Texts,
    account: AccountId,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Option<(Account, Listing<Transaction>)>> {
    at_one_moment(connection, || {
        let Some(account) = account_by_id(connection, account)? else { return Ok(None) };
        let extent = Extent {
            account: account.id.number(),
            card: None,
            last: account.postings.cast_signed(),
            total: account.postings.cast_signed(),
        };
        let listing = page_of(connection, texts, &extent, filter, page)?;
        Ok(Some((account, listing)))
    })
}

/// Reads what does not change meanwhile: begins and ends a transaction with statements that are
/// prepared once, since parsing them anew costs a tenth of a page.
fn at_one_moment<T>(connection: &Connection, read: impl FnOnce() -> Result<T>) -> Result<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let result = read();
    connection.prepare_cached("COMMIT")?.execute([])?;
    result
}

fn page_of(
    connection: &Connection,
    texts: &Texts,
    extent: &Extent,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Listing<Transaction>> {
    let nothing = Listing { total: 0, items: Vec::new() };
    let category = match &filter.category {
        None => None,
        Some(name) => match texts.category(name) {
            None => return Ok(nothing),
            known => known,
        },
    };
    let from = filter.from.map(|day| day.start().seconds());
    let end = filter.to.map(|day| day.start().seconds() + SECONDS_PER_DAY);
    let sequences = sequences(connection, extent, from, end)?;
    let by_content = category.is_some() || filter.search.is_some() || filter.min_amount.is_some();
    let (total, postings) = if by_content {
        let content = Content {
            category,
            min_amount: filter.min_amount.map(Money::minor),
            search: filter.search.as_deref().map(str::to_lowercase),
        };
        search(connection, texts, extent, sequences, &content, filter.order, page)?
    } else if let Some(card) = extent.card {
        card_page(connection, extent, card, sequences, filter.order, page)?
    } else {
        book_page(connection, extent, sequences, filter.order, page)?
    };
    let items = postings.into_iter().map(|posting| texts.transaction(connection, posting));
    Ok(Listing { total, items: items.collect::<Result<_>>()? })
}

/// A page of a whole range of a book: a range itself, wherever it lies.
fn book_page(
    connection: &Connection,
    extent: &Extent,
    sequences: RangeInclusive<i64>,
    order: Order,
    page: Page,
) -> Result<(u64, Vec<Posting>)> {
    /// The postings in a range of a book.
    macro_rules! range {
        ($order:literal) => {
            concat!(
                "SELECT ",
                posting_columns!(),
                " FROM posting p WHERE p.account = ? AND p.sequence BETWEEN ? AND ?
                 ORDER BY p.sequence ",
                $order
            )
        };
    }
    let total = count(&sequences);
    let Some(window) = window(sequences, order, page) else { return Ok((total, Vec::new())) };
    let sql = match order {
        Order::Ascending => range!("ASC"),
        Order::Descending => range!("DESC"),
    };
    let (first, last) = window.into_inner();
    let read = |row: &rusqlite::Row| row::posting(row, 0);
    Ok((total, all(connection, sql, [extent.account, first, last], read)?))
}
