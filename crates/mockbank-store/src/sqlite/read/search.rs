//! Lists with filters that only the postings themselves decide.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use mockbank_bank::Posting;
use rusqlite::Connection;

use super::extent::Extent;
use crate::sqlite::catalog::Texts;
use crate::sqlite::row::{self, narrow, posting_columns};
use crate::{Order, Page, Result};

/// What a posting must hold to be listed.
pub(super) struct Content {
    pub(super) category: Option<u16>,
    pub(super) min_amount: Option<i64>,
    /// In lower case.
    pub(super) search: Option<String>,
}

/// Goes through a range of a book, counts what has the content, and keeps a page of it.
pub(super) fn search(
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
