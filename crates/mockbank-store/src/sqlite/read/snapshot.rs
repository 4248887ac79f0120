//! Reading a whole world as it stood at one moment.

use std::ops::RangeInclusive;
use std::sync::Arc;

use mockbank_bank::{Account, Card, DailyTotal, Day, PostingBatch, User};

use super::lists::all;
use super::lookups;
use crate::sqlite::catalog::Texts;
use crate::sqlite::pool::{Pool, Pooled};
use crate::sqlite::row::{self, account_columns, card_columns, posting_columns, user_columns};
use crate::sqlite::{daily, holds, seals};
use crate::{HeldMoney, LedgerTotals, Result, Seal, Snapshot, WorldInfo};

/// A read transaction on a connection of its own.
#[derive(Debug)]
pub(in crate::sqlite) struct SqliteSnapshot {
    connection: Pooled<Arc<Pool>>,
    texts: Arc<Texts>,
}

impl SqliteSnapshot {
    pub(in crate::sqlite) fn begin(pool: Arc<Pool>, texts: Arc<Texts>) -> Result<Self> {
        let snapshot = Self { connection: Pooled::take(pool)?, texts };
        // The transaction sees the moment of its first read.
        snapshot.connection.execute_batch("BEGIN")?;
        lookups::world(&snapshot.connection)?;
        Ok(snapshot)
    }
}

impl Drop for SqliteSnapshot {
    fn drop(&mut self) {
        // A connection whose transaction does not end is not used again.
        let _ = self.connection.execute_batch("COMMIT");
    }
}

impl Snapshot for SqliteSnapshot {
    fn world(&mut self) -> Result<WorldInfo> {
        lookups::world(&self.connection)
    }

    fn ledger(&mut self) -> Result<LedgerTotals> {
        lookups::ledger_within(&self.connection)
    }

    fn daily_totals(&mut self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        daily::totals(&self.connection, &days)
    }

    fn users(&mut self, after: i64, limit: usize) -> Result<Vec<User>> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            " FROM user u WHERE u.number > ? ORDER BY u.number LIMIT ?"
        );
        all(&self.connection, sql, (after, bounded(limit)), row::user)
    }

    fn accounts(&mut self, after: i64, limit: usize) -> Result<Vec<Account>> {
        let sql = concat!(
            "SELECT ",
            account_columns!(),
            " FROM account a WHERE a.number > ? ORDER BY a.number LIMIT ?"
        );
        all(&self.connection, sql, (after, bounded(limit)), row::account)
    }

    fn cards(&mut self, after: i64, limit: usize) -> Result<Vec<Card>> {
        let sql = concat!(
            "SELECT ",
            card_columns!(),
            " FROM card c WHERE c.number > ? ORDER BY c.number LIMIT ?"
        );
        all(&self.connection, sql, (after, bounded(limit)), row::card)
    }

    fn held(&mut self, after: i64, limit: usize) -> Result<Vec<HeldMoney>> {
        holds::held_money(&self.connection, after, bounded(limit))
    }

    fn postings(
        &mut self,
        after: (i64, i64),
        last: i64,
        limit: usize,
        out: &mut PostingBatch,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(concat!(
            "SELECT ",
            posting_columns!(),
            " FROM posting p WHERE (p.account, p.sequence) > (?, ?) AND p.account <= ?
             ORDER BY p.account, p.sequence LIMIT ?"
        ))?;
        let mut rows = statement.query((after.0, after.1, last, bounded(limit)))?;
        while let Some(row) = rows.next()? {
            out.push(&row::posting(row, 0)?);
        }
        Ok(())
    }

    fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<Seal>> {
        seals::seals(&self.connection, after, bounded(limit))
    }

    fn description(&mut self, number: u32) -> Result<Arc<str>> {
        self.texts.description(&self.connection, number)
    }

    fn descriptions(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT text FROM description ORDER BY number";
        all(&self.connection, sql, (), |row| Ok(row.get(0)?))
    }
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
