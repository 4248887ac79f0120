//! Insertion of many rows.

use std::sync::LazyLock;

use mockbank_bank::PostingBatch;
use rusqlite::{Connection, Statement};

use crate::Result;

/// Rows in one statement, tried from the largest on: what a statement costs beside its rows is
/// spread over many, and the rest of a batch needs no statement of its own.
const MANY: &[usize] = &[64, 8, 1];

/// The statements that put rows of one sort into their table.
///
/// Where a row is refused, those before it stay until the transaction is rolled back, which is the
/// caller's to do. A statement of many rows that took them back by itself would first copy every
/// page that it changes.
pub(in crate::sqlite) struct Rows {
    /// How many rows a statement inserts, and the statement.
    statements: Vec<(usize, String)>,
    columns: usize,
}

impl Rows {
    /// Rows of so many columns of a table; `into` names the table and the columns.
    pub(in crate::sqlite) fn new(into: &str, columns: usize) -> Self {
        Self::in_statements_of(MANY, into, columns)
    }

    /// Rows of a table with a check that calls a function. `SQLite` expects that any function may
    /// abort its statement, so one of many rows would copy the pages that it changes after all.
    pub(in crate::sqlite) fn one_by_one(into: &str, columns: usize) -> Self {
        Self::in_statements_of(&[1], into, columns)
    }

    fn in_statements_of(sizes: &[usize], into: &str, columns: usize) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        let statement = |rows: usize| {
            format!("INSERT OR FAIL INTO {into} VALUES {}", vec![&*row; rows].join(","))
        };
        Self { statements: sizes.iter().map(|rows| (*rows, statement(*rows))).collect(), columns }
    }

    /// Inserts `count` rows. `bind` binds a row, counted from 0, to the parameters behind a number
    /// of others.
    pub(in crate::sqlite) fn insert(
        &self,
        connection: &Connection,
        count: usize,
        mut bind: impl FnMut(&mut Statement, usize, usize) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut start = 0;
        for (rows, sql) in &self.statements {
            if count - start < *rows {
                continue;
            }
            let mut statement = connection.prepare_cached(sql)?;
            while count - start >= *rows {
                for row in 0..*rows {
                    bind(&mut statement, row * self.columns, start + row)?;
                }
                statement.raw_execute()?;
                start += rows;
            }
        }
        Ok(())
    }
}

const COLUMNS: usize = 14;

static POSTINGS: LazyLock<Rows> = LazyLock::new(|| {
    let into = "posting (account, sequence, at, kind, category, amount, card, contra, balance,
        card_balance, description, place, reference, transfer_group)";
    Rows::new(into, COLUMNS)
});

/// Inserts a batch; the checks are the caller's, and so is a rollback where it fails.
pub(in crate::sqlite) fn postings(connection: &Connection, batch: &PostingBatch) -> Result<()> {
    POSTINGS.insert(connection, batch.len(), |statement, before, row| {
        bind(statement, before, batch, row)
    })
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
