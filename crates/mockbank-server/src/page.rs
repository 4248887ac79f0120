//! Pages of lists.

use std::ops::RangeInclusive;

use mockbank_store::Page;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::query::parameter;

/// Pages that can be asked for.
const PAGES: RangeInclusive<u64> = 1..=2_147_483_647;
/// Items that a page can have.
const LIMITS: RangeInclusive<u64> = 1..=100;
/// Items on a page unless asked for otherwise.
const DEFAULT_LIMIT: u64 = 20;

/// Which page of a list.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Which page, from 1.
    #[serde(default = "first_page", deserialize_with = "page_number")]
    #[param(required = false, minimum = 1, maximum = 2_147_483_647, default = 1)]
    page: u64,
    /// Items on a page.
    #[serde(default = "default_limit", deserialize_with = "page_limit")]
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: u64,
}

fn first_page() -> u64 {
    1
}

fn default_limit() -> u64 {
    DEFAULT_LIMIT
}

fn page_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole_number(deserializer, PAGES)
}

fn page_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole_number(deserializer, LIMITS)
}

fn whole_number<'de, D: Deserializer<'de>>(
    deserializer: D,
    range: RangeInclusive<u64>,
) -> Result<u64, D::Error> {
    let expected = format_args!("a whole number from {} to {}", range.start(), range.end());
    parameter(deserializer, expected, |text| {
        text.parse().ok().filter(|number| range.contains(number))
    })
}

impl From<Paging> for Page {
    fn from(paging: Paging) -> Self {
        Self { number: paging.page, size: paging.limit }
    }
}

/// Where a page stands in its list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// This page, from 1.
    #[schema(minimum = 1, example = 1)]
    page: u64,
    /// Items on a page.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    limit: u64,
    /// Items on all pages.
    #[schema(example = 45)]
    total_items: u64,
    /// Pages; 0 for an empty list.
    #[schema(example = 3)]
    total_pages: u64,
    /// Whether there is a page after this one.
    #[schema(example = true)]
    has_next: bool,
    /// Whether there is a page before this one.
    has_prev: bool,
}

impl Meta {
    /// Of a page of a list with `total` items.
    pub(crate) fn new(page: Page, total: u64) -> Self {
        let total_pages = total.div_ceil(page.size);
        Self {
            page: page.number,
            limit: page.size,
            total_items: total,
            total_pages,
            has_next: page.number < total_pages,
            has_prev: page.number > 1,
        }
    }
}
