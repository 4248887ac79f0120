//! Lists with filters that only the postings themselves decide.

use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::Posting;

use super::extent::Extent;
use super::{Params, all};
use crate::postgres::catalog::Texts;
use crate::postgres::row::{self, posting_columns};
use crate::{Order, Page, Result};

/// What a posting must hold to be listed.
pub(super) struct Content {
    pub(super) category: Option<u16>,
    pub(super) min_amount: Option<i64>,
    /// In lower case.
    pub(super) search: Option<String>,
}

/// Goes through a range of a book, counts what has the content, and keeps a page of it.
pub(super) async fn search(
    client: &ClientWrapper,
    texts: &Texts,
    extent: Extent,
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
                " FROM posting p WHERE p.account = $1 AND p.sequence BETWEEN $2 AND $3
                 AND ($4::bigint IS NULL OR p.card = $4)
                 AND ($5::integer IS NULL OR p.category = $5)
                 AND ($6::bigint IS NULL OR p.amount >= $6 OR p.amount <= -$6)
                 ORDER BY p.sequence ",
                $order
            )
        };
    }
    let sql = match order {
        Order::Ascending => filtered!("ASC"),
        Order::Descending => filtered!("DESC"),
    };
    let (first, last) = sequences.into_inner();
    let category = content.category.map(i32::from);
    let params: Params =
        &[&extent.account, &first, &last, &extent.card, &category, &content.min_amount];
    let mut postings = all(client, sql, params, |row| row::posting(row, 0)).await?;
    if let Some(needle) = &content.search {
        postings = containing(client, texts, postings, needle).await?;
    }
    let total = postings.len() as u64;
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let on_page = postings.into_iter().skip(place(page.offset())).take(place(page.size));
    Ok((total, on_page.collect()))
}

/// The postings whose description contains a text.
///
/// Letters of either case count as the same, in every script that has cases: which ones the
/// database's own comparison knows depends on how it was set up.
async fn containing(
    client: &ClientWrapper,
    texts: &Texts,
    mut postings: Vec<Posting>,
    needle: &str,
) -> Result<Vec<Posting>> {
    let mut numbers: Vec<u32> = postings.iter().map(|posting| posting.description).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let descriptions = texts.descriptions(client, numbers.iter().copied()).await?;
    let mut matching = Vec::new();
    for number in numbers {
        if descriptions.get(number)?.to_lowercase().contains(needle) {
            matching.push(number);
        }
    }
    postings.retain(|posting| matching.binary_search(&posting.description).is_ok());
    Ok(postings)
}
