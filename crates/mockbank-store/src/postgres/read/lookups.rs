//! What is found by its number or name.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{
    Account, AccountId, BankAccount, Card, CardId, LedgerAccount, Money, User, UserId,
};

use super::{all, one};
use crate::postgres::row::{
    self, account_columns, card_columns, currency, damaged, instant, long, money, number,
    user_columns,
};
use crate::{Counts, Credentials, LedgerTotals, Result, WorldInfo};

pub(in crate::postgres) async fn world(client: &ClientWrapper) -> Result<WorldInfo> {
    let sql = "SELECT seed, model, preset, preset_text, currency, population, start, clock,
                   customers, accounts, cards, transactions FROM world, counts";
    let world = one(client, sql, &[], |row| {
        Ok(WorldInfo {
            seed: row.try_get::<_, i64>(0)?.cast_unsigned(),
            model: long(row, 1)?,
            preset: row.try_get(2)?,
            preset_text: row.try_get(3)?,
            currency: currency(row, 4)?,
            population: long(row, 5)?,
            start: row::day(row.try_get(6)?)?,
            clock: instant(row, 7)?,
            counts: Counts {
                users: long(row, 8)?,
                accounts: long(row, 9)?,
                cards: long(row, 10)?,
                transactions: long(row, 11)?,
            },
        })
    });
    world.await?.ok_or_else(|| damaged("the world has no identity"))
}

pub(in crate::postgres) async fn setting(
    client: &ClientWrapper,
    key: &str,
) -> Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE key = $1";
    one(client, sql, &[&key], |row| Ok(row.try_get(0)?)).await
}

pub(in crate::postgres) async fn user(client: &ClientWrapper, id: UserId) -> Result<Option<User>> {
    let sql = concat!("SELECT ", user_columns!(), " FROM customer u WHERE u.number = $1");
    one(client, sql, &[&id.number()], row::user).await
}

pub(in crate::postgres) async fn credentials(
    client: &ClientWrapper,
    username: &str,
) -> Result<Option<Credentials>> {
    let sql = "SELECT u.number, coalesce(u.password_hash, w.default_password_hash)
               FROM customer u, world w WHERE u.username = $1";
    one(client, sql, &[&username], |row| {
        Ok(Credentials { user: UserId::new(number(row, 0)?), password_hash: row.try_get(1)? })
    })
    .await
}

pub(in crate::postgres) async fn account(
    client: &ClientWrapper,
    id: AccountId,
) -> Result<Option<Account>> {
    let sql = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.number = $1");
    one(client, sql, &[&id.number()], row::account).await
}

pub(in crate::postgres) async fn card(client: &ClientWrapper, id: CardId) -> Result<Option<Card>> {
    let sql = concat!("SELECT ", card_columns!(), " FROM card c WHERE c.number = $1");
    one(client, sql, &[&id.number()], row::card).await
}

/// What stands on the ledger's accounts now: one statement, so that all of it is of one moment.
pub(in crate::postgres) async fn ledger(client: &ClientWrapper) -> Result<LedgerTotals> {
    let sql = "SELECT account, balance FROM ledger_total
               UNION ALL SELECT -1, deposits FROM counts
               UNION ALL SELECT -2, card_debt FROM counts
               ORDER BY 1";
    let mut totals = LedgerTotals {
        bank: BankAccount::ALL.map(|account| (account, Money::ZERO)).to_vec(),
        ..LedgerTotals::default()
    };
    let rows = all(client, sql, &[], |row| Ok((row.try_get(0)?, money(row, 1)?))).await?;
    for (code, balance) in rows {
        match code {
            -1 => totals.deposits = balance.minor().into(),
            -2 => totals.card_debt = balance.minor().into(),
            code => match LedgerAccount::from_code(code) {
                Some(LedgerAccount::Bank(account)) => totals.bank[account as usize].1 = balance,
                Some(LedgerAccount::Hub(hub)) => totals.hubs.push((hub, balance)),
                _ => return Err(damaged("a ledger total belongs to no account of the bank")),
            },
        }
    }
    Ok(totals)
}
