//! Transactions: one by its identifier, and pages of an account's or a card's.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{Account, AccountId, CardId, Money, Posting, Stream, TransactionId};
use tokio_postgres::Row;

use super::card_page::card_page;
use super::extent::{Extent, card_extent, sequences};
use super::search::{Content, search};
use super::{all, bounds, one};
use crate::postgres::catalog::Texts;
use crate::postgres::row::{
    self, ACCOUNT_COLUMNS, POSTING_COLUMNS, account_columns, posting_columns,
};
use crate::window::{count, window};
use crate::{Listing, Order, Page, Result, Transaction, TransactionFilter};

/// Whose transactions to list.
#[derive(Clone, Copy, Debug)]
pub(in crate::postgres) enum List {
    Account(AccountId),
    Card(CardId),
}

pub(in crate::postgres) async fn transaction(
    client: &ClientWrapper,
    texts: &Texts,
    id: TransactionId,
) -> Result<Option<Transaction>> {
    let (account, reference) = (id.account.number(), id.reference.code());
    let read = |row: &Row| row::posting(row, 0);
    let posting = if id.reference.stream() == Stream::COMMANDS {
        let sql = concat!(
            "SELECT ",
            posting_columns!(),
            " FROM posting p WHERE p.account = $1 AND p.sequence = $2 AND p.reference = $3"
        );
        let sequence = i64::from(id.reference.index());
        one(client, sql, &[&account, &sequence, &reference], read).await?
    } else {
        // The bounds stand in sub-queries of their own, so that each is found once and not for
        // every row.
        let sql = concat!(
            "WITH book AS MATERIALIZED (
                 SELECT first_at(number, postings, $2) AS first, first_at(number, postings, $3) AS
                     behind FROM account WHERE number = $1)
             SELECT ",
            posting_columns!(),
            " FROM posting p WHERE p.account = $1 AND p.sequence >= (SELECT first FROM book)
                  AND p.sequence < (SELECT behind FROM book) AND p.reference = $4"
        );
        let start = id.day.start().seconds();
        one(client, sql, &[&account, &start, &(start + SECONDS_PER_DAY), &reference], read).await?
    };
    let Some(posting) = posting.filter(|posting| posting.transaction_id() == id) else {
        return Ok(None);
    };
    Ok(texts.transactions(client, vec![posting]).await?.pop())
}

/// A page of a list and its total.
pub(in crate::postgres) async fn transactions(
    client: &ClientWrapper,
    texts: &Texts,
    list: List,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Listing<Transaction>> {
    match list {
        List::Account(account) => {
            let found = account_with_transactions(client, texts, account, filter, page).await?;
            Ok(found.map_or_else(nothing, |(_, listing)| listing))
        }
        List::Card(card) => match card_extent(client, card).await? {
            Some(extent) => page_of(client, texts, extent, filter, page).await,
            None => Ok(nothing()),
        },
    }
}

/// An account and a page of its book with its total, all of one moment.
pub(in crate::postgres) async fn account_with_transactions(
    client: &ClientWrapper,
    texts: &Texts,
    account: AccountId,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Option<(Account, Listing<Transaction>)>> {
    let whole = TransactionFilter { order: filter.order, ..TransactionFilter::default() };
    if *filter == whole {
        return whole_book(client, texts, account, filter.order, page).await;
    }
    let Some(account) = super::account(client, account).await? else { return Ok(None) };
    let last = account.postings.cast_signed();
    let extent = Extent { account: account.id.number(), card: None, last, total: last };
    let listing = page_of(client, texts, extent, filter, page).await?;
    Ok(Some((account, listing)))
}

/// An account and a page of its whole book, by one statement.
async fn whole_book(
    client: &ClientWrapper,
    texts: &Texts,
    account: AccountId,
    order: Order,
    page: Page,
) -> Result<Option<(Account, Listing<Transaction>)>> {
    /// A row of the account alone, and one for each of the postings in a range of its book: a join
    /// would sort them, and send the account with each.
    macro_rules! and_postings {
        ($range:literal, $order:literal) => {
            concat!(
                "WITH own AS MATERIALIZED (SELECT ",
                account_columns!(),
                " FROM account a WHERE a.number = $1)
                 SELECT own.*, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                     NULL, NULL, NULL FROM own
                 UNION ALL (SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ",
                posting_columns!(),
                " FROM posting p WHERE p.account = $1 AND ",
                $range,
                " ORDER BY p.sequence ",
                $order,
                ")"
            )
        };
    }
    let sql = match order {
        Order::Ascending => and_postings!(
            "p.sequence > $3 AND p.sequence <= least((SELECT postings FROM own), $3 + $2)",
            "ASC"
        ),
        Order::Descending => and_postings!(
            "p.sequence > (SELECT postings FROM own) - $3 - $2
                AND p.sequence <= (SELECT postings FROM own) - $3",
            "DESC"
        ),
    };
    let (size, offset) = bounds(page);
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &[&account.number(), &size, &offset]).await?;
    let mut account = None;
    let mut postings = Vec::with_capacity(rows.len());
    for row in &rows {
        debug_assert_eq!(row.len(), ACCOUNT_COLUMNS + POSTING_COLUMNS);
        if row.try_get::<_, Option<i64>>(0)?.is_some() {
            account = Some(row::account(row)?);
        } else {
            postings.push(row::posting(row, ACCOUNT_COLUMNS)?);
        }
    }
    let Some(account) = account else { return Ok(None) };
    // As they come; what a union says of the order is a habit of the server's and no promise.
    match order {
        Order::Ascending => postings.sort_by_key(|posting| posting.sequence),
        Order::Descending => postings.sort_by_key(|posting| Reverse(posting.sequence)),
    }
    let items = texts.transactions(client, postings).await?;
    let total = account.postings;
    Ok(Some((account, Listing { total, items })))
}

async fn page_of(
    client: &ClientWrapper,
    texts: &Texts,
    extent: Extent,
    filter: &TransactionFilter,
    page: Page,
) -> Result<Listing<Transaction>> {
    let category = match &filter.category {
        None => None,
        Some(name) => match texts.category(name) {
            None => return Ok(nothing()),
            known => known,
        },
    };
    let from = filter.from.map(|day| day.start().seconds());
    let end = filter.to.map(|day| day.start().seconds() + SECONDS_PER_DAY);
    let sequences = sequences(client, extent, from, end).await?;
    let by_content = category.is_some() || filter.search.is_some() || filter.min_amount.is_some();
    let (total, postings) = if by_content {
        let content = Content {
            category,
            min_amount: filter.min_amount.map(Money::minor),
            search: filter.search.as_deref().map(str::to_lowercase),
        };
        search(client, texts, extent, sequences, &content, filter.order, page).await?
    } else if let Some(card) = extent.card {
        card_page(client, extent, card, sequences, filter.order, page).await?
    } else {
        book_page(client, extent, sequences, filter.order, page).await?
    };
    Ok(Listing { total, items: texts.transactions(client, postings).await? })
}

fn nothing() -> Listing<Transaction> {
    Listing { total: 0, items: Vec::new() }
}

/// A page of a whole range of a book: a range itself, wherever it lies.
async fn book_page(
    client: &ClientWrapper,
    extent: Extent,
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
                " FROM posting p WHERE p.account = $1 AND p.sequence BETWEEN $2 AND $3
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
    let read = |row: &Row| row::posting(row, 0);
    Ok((total, all(client, sql, &[&extent.account, &first, &last], read).await?))
}
