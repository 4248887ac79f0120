//! What was posted on each day, in the database.

use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{DailyTotal, Day, PostingKind};

use super::read::{Params, all};
use super::row::{damaged, day, integer, long, short};
use crate::Result;
use crate::tally::in_minor_units;

/// Adds what was posted to what the days have.
pub(super) async fn add(client: &ClientWrapper, totals: &[DailyTotal]) -> Result<()> {
    if totals.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO daily_total AS d
                   (day, on_card, kind, category, postings, credits, debits)
               SELECT * FROM unnest($1::integer[], $2::boolean[], $3::smallint[], $4::integer[],
                   $5::bigint[], $6::bigint[], $7::bigint[])
               ON CONFLICT (day, on_card, kind, category) DO UPDATE SET
                   postings = d.postings + excluded.postings,
                   credits = d.credits + excluded.credits, debits = d.debits + excluded.debits";
    let column = |sum: fn(&DailyTotal) -> i128| {
        totals.iter().map(|total| in_minor_units(sum(total))).collect::<Result<Vec<i64>>>()
    };
    let days: Vec<i32> = totals.iter().map(|total| total.day.number().into()).collect();
    let on_card: Vec<bool> = totals.iter().map(|total| total.on_card).collect();
    let kinds: Vec<i16> = totals.iter().map(|total| total.kind.code().into()).collect();
    let categories: Vec<i32> = totals.iter().map(|total| total.category.into()).collect();
    let postings: Vec<i64> = totals.iter().map(|total| total.postings.cast_signed()).collect();
    let (credits, debits) = (column(|total| total.credits)?, column(|total| total.debits)?);
    let statement = client.prepare_cached(sql).await?;
    let columns: Params = &[&days, &on_card, &kinds, &categories, &postings, &credits, &debits];
    client.execute(&statement, columns).await?;
    Ok(())
}

/// The totals of some days, by day, side, kind and category.
pub(super) async fn totals(
    client: &ClientWrapper,
    days: &RangeInclusive<Day>,
) -> Result<Vec<DailyTotal>> {
    let sql = "SELECT day, on_card, kind, category, postings, credits, debits FROM daily_total
               WHERE day BETWEEN $1 AND $2 ORDER BY day, on_card, kind, category";
    let [first, last] = [days.start(), days.end()].map(|day| i32::from(day.number()));
    all(client, sql, &[&first, &last], |row| {
        let kind = PostingKind::from_code(short(row, 2)?);
        Ok(DailyTotal {
            day: day(row.try_get(0)?)?,
            on_card: row.try_get(1)?,
            kind: kind.ok_or_else(|| damaged("a daily total has no kind"))?,
            category: integer(row, 3)?,
            postings: long(row, 4)?,
            credits: row.try_get::<_, i64>(5)?.into(),
            debits: row.try_get::<_, i64>(6)?.into(),
        })
    })
    .await
}
