//! Transactions: one by its identifier, and pages of an account's or a card's.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{AccountId, CardId, Money, Posting, Stream, TransactionId};
use rusqlite::Connection;

use super::lists::all;
use super::lookups::one;
use crate::sqlite::catalog::Texts;
use crate::sqlite::row::{self, damaged, narrow, number, posting_columns};
use crate::{Listing, Order, Page, Result, Transaction, TransactionFilter};

/// Whose transactions to list.
#[derive(Clone, Copy, Debug)]
pub(in crate::sqlite) enum List {
    Account(AccountId),
    Card(CardId),
}

/// The book that holds a list, and how many of its postings are in the list.
struct Extent {
    account: i64,
    /// The card; `None` for the whole book.
    card: Option<i64>,
    /// Sequence of the book's last posting.
    last: i64,
    total: u64,
}

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
    let transaction = connection.unchecked_transaction()?;
    let nothing = Listing { total: 0, items: Vec::new() };
    let Some(extent) = extent(&transaction, list)? else { return Ok(nothing) };
    let category = match &filter.category {
        None => None,
        Some(name) => match texts.category(name) {
            None => return Ok(nothing),
            known => known,
        },
    };
    let from = filter.from.map(|day| day.start().seconds());
    let end = filter.to.map(|day| day.start().seconds() + SECONDS_PER_DAY);
    let sequences = sequences(&transaction, &extent, from, end)?;
    let by_content = category.is_some() || filter.search.is_some() || filter.min_amount.is_some();
    let (total, postings) = if by_content {
        let content = Content {
            category,
            min_amount: filter.min_amount.map(Money::minor),
            search: filter.search.as_deref().map(str::to_lowercase),
        };
        search(&transaction, texts, &extent, sequences, &content, filter.order, page)?
    } else if extent.card.is_none() {
        book_page(&transaction, &extent, sequences, filter.order, page)?
    } else {
        card_page(&transaction, &extent, sequences, filter, page)?
    };
    let items = postings.into_iter().map(|posting| texts.transaction(&transaction, posting));
    Ok(Listing { total, items: items.collect::<Result<_>>()? })
}

fn extent(connection: &Connection, list: List) -> Result<Option<Extent>> {
    match list {
        List::Account(account) => {
            let sql = "SELECT postings FROM account WHERE number = ?";
            one(connection, sql, [account.number()], |row| {
                let (last, total) = (row.get(0)?, narrow(row, 0)?);
                Ok(Extent { account: account.number(), card: None, last, total })
            })
        }
        List::Card(card) => {
            let sql = "SELECT a.number, a.postings, c.postings
                       FROM card c JOIN account a ON a.number = c.account WHERE c.number = ?";
            one(connection, sql, [card.number()], |row| {
                let (account, last) = (number(row, 0)?, row.get(1)?);
                Ok(Extent { account, card: Some(card.number()), last, total: narrow(row, 2)? })
            })
        }
    }
}

/// The sequences of a book with `from <= at < end`: time never goes back along a book.
fn sequences(
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
    let (first, last) = sequences.into_inner();
    let total = u64::try_from(last - first + 1).unwrap_or(0);
    let offset = page.offset();
    if offset >= total {
        return Ok((total, Vec::new()));
    }
    let offset = offset.cast_signed();
    let more = page.size.min(total).cast_signed() - 1;
    let (sql, first, last) = match order {
        Order::Ascending => (range!("ASC"), first + offset, last.min(first + offset + more)),
        Order::Descending => (range!("DESC"), first.max(last - offset - more), last - offset),
    };
    let read = |row: &rusqlite::Row| row::posting(row, 0);
    Ok((total, all(connection, sql, [extent.account, first, last], read)?))
}

/// A page of a card's postings in a range of the book, through the index over cards.
fn card_page(
    connection: &Connection,
    extent: &Extent,
    sequences: RangeInclusive<i64>,
    filter: &TransactionFilter,
    page: Page,
) -> Result<(u64, Vec<Posting>)> {
    /// The card's entries in the index are skipped before any posting is read.
    macro_rules! entries {
        ($order:literal) => {
            concat!(
                "SELECT ",
                posting_columns!(),
                " FROM (SELECT i.sequence FROM posting i WHERE i.card = ?2
                        AND i.sequence BETWEEN ?3 AND ?4
                        ORDER BY i.sequence ",
                $order,
                " LIMIT ?5 OFFSET ?6) i
                 CROSS JOIN posting p ON p.account = ?1 AND p.sequence = i.sequence
                 ORDER BY i.sequence ",
                $order
            )
        };
    }
    let (first, last) = sequences.into_inner();
    let total = if filter.from.is_none() && filter.to.is_none() {
        extent.total
    } else {
        let sql = "SELECT count(*) FROM posting WHERE card = ? AND sequence BETWEEN ? AND ?";
        one(connection, sql, (extent.card, first, last), |row| narrow(row, 0))?
            .ok_or_else(|| damaged("a count gave nothing"))?
    };
    let offset = page.offset();
    if offset >= total {
        return Ok((total, Vec::new()));
    }
    let sql = match filter.order {
        Order::Ascending => entries!("ASC"),
        Order::Descending => entries!("DESC"),
    };
    let size = page.size.min(total).cast_signed();
    let params = (extent.account, extent.card, first, last, size, offset.cast_signed());
    Ok((total, all(connection, sql, params, |row| row::posting(row, 0))?))
}

/// What a posting must hold to be listed.
struct Content {
    category: Option<u16>,
    min_amount: Option<i64>,
    /// In lower case.
    search: Option<String>,
}

/// Goes through a range of a book, counts what has the content, and keeps a page of it.
fn search(
    connection: &Connection,
    texts: &Texts,
    extent: &Extent,
    sequences: RangeInclusive<i64>,
    content: &Content,
    order: Order,
    page: Page,
) -> Result<(u64, Vec<Posting>)> {
    /// The postings in a range of a book, with the filters that numbers decide.
    macro_rules! filtered {
        ($order:literal) => {
            concat!(
                "SELECT ",
                posting_columns!(),
                " FROM posting p WHERE p.account = ?1 AND p.sequence BETWEEN ?2 AND ?3
                 AND (?4 IS NULL OR p.card = ?4) AND (?5 IS NULL OR p.category = ?5)
                 AND (?6 IS NULL OR p.amount >= ?6 OR p.amount <= -?6)
                 ORDER BY p.sequence ",
                $order
            )
        };
    }
    let mut statement = connection.prepare_cached(match order {
        Order::Ascending => filtered!("ASC"),
        Order::Descending => filtered!("DESC"),
    })?;
    let (first, last) = sequences.into_inner();
    let params = (extent.account, first, last, extent.card, content.category, content.min_amount);
    let mut rows = statement.query(params)?;
    let mut matching = Matching { texts, connection, known: HashMap::new() };
    let window = page.offset()..page.offset().saturating_add(page.size);
    let mut total = 0;
    let mut postings = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(needle) = &content.search
            && !matching.contains(narrow(row, DESCRIPTION)?, needle)?
        {
            continue;
        }
        if window.contains(&total) {
            postings.push(row::posting(row, 0)?);
        }
        total += 1;
    }
    Ok((total, postings))
}

/// Place of the description among the columns of a posting.
const DESCRIPTION: usize = 10;

/// Which descriptions contain a text, each judged once for a list.
struct Matching<'a> {
    texts: &'a Texts,
    connection: &'a Connection,
    known: HashMap<u32, bool>,
}

impl Matching<'_> {
    /// Letters of either case count as the same, in every script that has cases: the
    /// database's own comparison knows those of ASCII alone.
    fn contains(&mut self, description: u32, needle: &str) -> Result<bool> {
        if let Some(known) = self.known.get(&description) {
            return Ok(*known);
        }
        let text = self.texts.description(self.connection, description)?;
        let contains = text.to_lowercase().contains(needle);
        self.known.insert(description, contains);
        Ok(contains)
    }
}
