//! What was posted on each day, in the database.

use std::ops::RangeInclusive;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{DailyTotal, Day, PostingKind};
use tokio_postgres::types::ToSql;

use super::read::all;
use super::row::{damaged, day, integer, long, short};
use super::step::customers::column;
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
    let statement = client.prepare_cached(sql).await?;
    client.execute(&statement, &Columns::of(totals)?.params()).await?;
    Ok(())
}

/// What was posted, by column.
pub(super) struct Columns {
    day: Vec<i32>,
    on_card: Vec<bool>,
    kind: Vec<i16>,
    category: Vec<i32>,
    postings: Vec<i64>,
    credits: Vec<i64>,
    debits: Vec<i64>,
}

impl Columns {
    pub(super) fn of(totals: &[DailyTotal]) -> Result<Self> {
        let sums = |sum: fn(&DailyTotal) -> i128| {
            totals.iter().map(|total| in_minor_units(sum(total))).collect::<Result<Vec<i64>>>()
        };
        Ok(Self {
            day: column(totals, |total| total.day.number().into()),
            on_card: column(totals, |total| total.on_card),
            kind: column(totals, |total| total.kind.code().into()),
            category: column(totals, |total| total.category.into()),
            postings: column(totals, |total| total.postings.cast_signed()),
            credits: sums(|total| total.credits)?,
            debits: sums(|total| total.debits)?,
        })
    }

    /// The columns in the order in which the table has them.
    pub(super) fn params(&self) -> [&(dyn ToSql + Sync); 7] {
        let Self { day, on_card, kind, category, postings, credits, debits } = self;
        [day, on_card, kind, category, postings, credits, debits]
    }
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
