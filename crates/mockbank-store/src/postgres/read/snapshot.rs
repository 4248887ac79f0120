//! Reading a whole world as it stood at one moment.

use std::ops::RangeInclusive;
use std::sync::Arc;

use mockbank_bank::{Account, Card, DailyTotal, Day, PostingBatch, User};

use super::{Params, all, bounded, lookups};
use crate::postgres::catalog::{Texts, texts};
use crate::postgres::row::{self, account_columns, card_columns, posting_columns, user_columns};
use crate::postgres::session::{Session, wait};
use crate::postgres::{daily, holds, seals};
use crate::{HeldMoney, LedgerTotals, Result, Seal, Snapshot, WorldInfo};

/// A read transaction in a session of its own, which it ends with.
#[derive(Debug)]
pub(in crate::postgres) struct PostgresSnapshot {
    session: Session,
    texts: Arc<Texts>,
}

impl PostgresSnapshot {
    pub(in crate::postgres) async fn begin(session: Session, texts: Arc<Texts>) -> Result<Self> {
        session.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // The transaction sees the moment of its first read.
        lookups::world(&session).await?;
        Ok(Self { session, texts })
    }
}

impl Snapshot for PostgresSnapshot {
    fn world(&mut self) -> Result<WorldInfo> {
        wait(lookups::world(&self.session))
    }

    fn ledger(&mut self) -> Result<LedgerTotals> {
        wait(lookups::ledger(&self.session))
    }

    fn daily_totals(&mut self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        wait(daily::totals(&self.session, &days))
    }

    fn users(&mut self, after: i64, limit: usize) -> Result<Vec<User>> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            " FROM customer u WHERE u.number > $1 ORDER BY u.number LIMIT $2"
        );
        wait(all(&self.session, sql, &[&after, &bounded(limit)], row::user))
    }

    fn accounts(&mut self, after: i64, limit: usize) -> Result<Vec<Account>> {
        let sql = concat!(
            "SELECT ",
            account_columns!(),
            " FROM account a WHERE a.number > $1 ORDER BY a.number LIMIT $2"
        );
        wait(all(&self.session, sql, &[&after, &bounded(limit)], row::account))
    }

    fn cards(&mut self, after: i64, limit: usize) -> Result<Vec<Card>> {
        let sql = concat!(
            "SELECT ",
            card_columns!(),
            " FROM card c WHERE c.number > $1 ORDER BY c.number LIMIT $2"
        );
        wait(all(&self.session, sql, &[&after, &bounded(limit)], row::card))
    }

    fn held(&mut self, after: i64, limit: usize) -> Result<Vec<HeldMoney>> {
        wait(holds::held_money(&self.session, after, bounded(limit)))
    }

    fn postings(
        &mut self,
        after: (i64, i64),
        last: i64,
        limit: usize,
        out: &mut PostingBatch,
    ) -> Result<()> {
        let sql = concat!(
            "SELECT ",
            posting_columns!(),
            " FROM posting p WHERE (p.account, p.sequence) > ($1, $2) AND p.account <= $3
             ORDER BY p.account, p.sequence LIMIT $4"
        );
        let params: Params = &[&after.0, &after.1, &last, &bounded(limit)];
        for posting in wait(all(&self.session, sql, params, |row| row::posting(row, 0)))? {
            out.push(&posting);
        }
        Ok(())
    }

    fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<Seal>> {
        wait(seals::seals(&self.session, after, bounded(limit)))
    }

    fn descriptions(&mut self) -> Result<Vec<String>> {
        wait(texts(&self.session, "SELECT number, text FROM description ORDER BY number"))
    }

    fn description(&mut self, number: u32) -> Result<Arc<str>> {
        wait(self.texts.descriptions(&self.session, std::iter::once(number)))?.get(number)
    }
}
