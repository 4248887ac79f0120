//! Bulk insertion of postings.

use std::sync::LazyLock;

use mockbank_bank::PostingBatch;
use rusqlite::{Connection, Statement};

use crate::Result;

const COLUMNS: usize = 14;

/// Rows in one statement, tried from the largest on: what a statement costs beside its rows is
/// spread over many, and the rest of a batch needs no statement of its own.
const ROWS: [usize; 3] = [64, 8, 1];

static STATEMENTS: LazyLock<[String; ROWS.len()]> = LazyLock::new(|| {
    ROWS.map(|rows| {
        let row = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
        format!(
            "INSERT INTO posting (account, sequence, at, kind, category, amount, card, contra,
                 balance, card_balance, description, place, reference, transfer_group) VALUES {}",
            vec![row; rows].join(",")
        )
    })
});

/// Inserts a batch; the checks are the caller's.
pub(in crate::sqlite) fn postings(connection: &Connection, batch: &PostingBatch) -> Result<()> {
    let mut start = 0;
    for (rows, sql) in ROWS.into_iter().zip(STATEMENTS.iter()) {
        if batch.len() - start < rows {
            continue;
        }
        let mut statement = connection.prepare_cached(sql)?;
        while batch.len() - start >= rows {
            for row in 0..rows {
                bind(&mut statement, row * COLUMNS, batch, start + row)?;
            }
            statement.raw_execute()?;
            start += rows;
        }
    }
    Ok(())
}

/// Binds a row to the parameters behind `before`.
#[inline]
fn bind(
    statement: &mut Statement,
    before: usize,
    batch: &PostingBatch,
    row: usize,
) -> rusqlite::Result<()> {
    let mut bind = |column: usize, value: i64| statement.raw_bind_parameter(before + column, value);
    bind(1, batch.account[row])?;
    bind(2, batch.sequence[row])?;
    bind(3, batch.at[row])?;
    bind(4, batch.kind[row].into())?;
    bind(5, batch.category[row].into())?;
    bind(6, batch.amount[row])?;
    bind(8, batch.contra[row])?;
    bind(9, batch.balance[row])?;
    bind(10, batch.card_balance[row])?;
    bind(11, batch.description[row].into())?;
    bind(12, batch.place[row].into())?;
    bind(13, batch.reference[row])?;
    statement.raw_bind_parameter(before + 7, some(batch.card[row]))?;
    statement.raw_bind_parameter(before + COLUMNS, some(batch.group[row]))
}

/// A number that batches write as 0 where there is none.
fn some(number: i64) -> Option<i64> {
    (number != 0).then_some(number)
}
