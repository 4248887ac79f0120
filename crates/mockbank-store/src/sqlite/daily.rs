//! What was posted on each day, in the database.

use std::ops::RangeInclusive;

use mockbank_bank::{DailyTotal, Day, PostingKind};
use rusqlite::Connection;

use super::read::all;
use super::row::{damaged, day, narrow};
use crate::Result;
use crate::tally::in_minor_units;

/// Adds what was posted to what the days have.
pub(super) fn add(connection: &Connection, totals: &[DailyTotal]) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO daily_total (day, on_card, kind, category, postings, credits, debits)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (day, on_card, kind, category) DO UPDATE SET
             postings = postings + excluded.postings, credits = credits + excluded.credits,
             debits = debits + excluded.debits",
    )?;
    for total in totals {
        statement.execute((
            total.day.number(),
            total.on_card,
            total.kind.code(),
            total.category,
            total.postings.cast_signed(),
            in_minor_units(total.credits)?,
            in_minor_units(total.debits)?,
        ))?;
    }
    Ok(())
}

/// The totals of some days, by day, side, kind and category.
pub(super) fn totals(
    connection: &Connection,
    days: &RangeInclusive<Day>,
) -> Result<Vec<DailyTotal>> {
    let sql = "SELECT day, on_card, kind, category, postings, credits, debits FROM daily_total
               WHERE day BETWEEN ? AND ? ORDER BY day, on_card, kind, category";
    let days = (days.start().number(), days.end().number());
    all(connection, sql, days, |row| {
        let kind = PostingKind::from_code(narrow(row, 2)?);
        Ok(DailyTotal {
            day: day(row.get(0)?)?,
            on_card: row.get(1)?,
            kind: kind.ok_or_else(|| damaged("a daily total has no kind"))?,
            category: narrow(row, 3)?,
            postings: narrow(row, 4)?,
            credits: row.get::<_, i64>(5)?.into(),
            debits: row.get::<_, i64>(6)?.into(),
        })
    })
}
