//! Which page of a list is asked for.

use std::ops::RangeInclusive;

use mockbank_store::Page;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use super::query::parameter;

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
