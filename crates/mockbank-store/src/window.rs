//! Pages of ranges of consecutive numbers.

use std::ops::RangeInclusive;

use crate::{Order, Page};

/// How many numbers a range holds.
pub(crate) fn count(range: &RangeInclusive<i64>) -> u64 {
    u64::try_from(range.end() - range.start() + 1).unwrap_or(0)
}

/// The part of a range of consecutive numbers that a page shows; `None` if it shows none.
pub(crate) fn window(
    range: RangeInclusive<i64>,
    order: Order,
    page: Page,
) -> Option<RangeInclusive<i64>> {
    let total = count(&range);
    let offset = page.offset();
    if offset >= total {
        return None;
    }
    let (first, last) = range.into_inner();
    let offset = offset.cast_signed();
    let more = page.size.min(total).cast_signed() - 1;
    Some(match order {
        Order::Ascending => first + offset..=last.min(first + offset + more),
        Order::Descending => first.max(last - offset - more)..=last - offset,
    })
}
