//! Where a page of a list stands.

use mockbank_store::Page;
use serde::Serialize;
use utoipa::ToSchema;

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
