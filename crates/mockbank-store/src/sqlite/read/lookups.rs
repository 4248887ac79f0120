//! What is found by its number or name.

use mockbank_bank::{
    Account, AccountId, BankAccount, Card, CardId, Instant, LedgerAccount, Money, User, UserId,
};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::sqlite::row::{
    self, account_columns, card_columns, currency, damaged, narrow, number, user_columns,
};
use crate::{Counts, Credentials, LedgerTotals, Result, WorldInfo};

pub(in crate::sqlite) fn world(connection: &Connection) -> Result<WorldInfo> {
    let sql = "SELECT seed, model, preset, preset_text, currency, population, start, clock,
                   users, accounts, cards, transactions FROM world";
    let world = one(connection, sql, [], |row| {
        Ok(WorldInfo {
            seed: row.get::<_, i64>(0)?.cast_unsigned(),
            model: narrow(row, 1)?,
            preset: row.get(2)?,
            preset_text: row.get(3)?,
            currency: currency(row, 4)?,
            population: narrow(row, 5)?,
            start: row::day(row.get(6)?)?,
            clock: Instant::from_seconds(row.get(7)?),
            counts: Counts {
                users: narrow(row, 8)?,
                accounts: narrow(row, 9)?,
                cards: narrow(row, 10)?,
                transactions: narrow(row, 11)?,
            },
        })
    })?;
    world.ok_or_else(|| damaged("the world has no identity"))
}

pub(in crate::sqlite) fn setting(connection: &Connection, key: &str) -> Result<Option<String>> {
    one(connection, "SELECT value FROM setting WHERE key = ?", [key], |row| Ok(row.get(0)?))
}

pub(in crate::sqlite) fn user(connection: &Connection, id: UserId) -> Result<Option<User>> {
    let sql = concat!("SELECT ", user_columns!(), " FROM user u WHERE u.number = ?");
    one(connection, sql, [id.number()], row::user)
}

pub(in crate::sqlite) fn credentials(
    connection: &Connection,
    username: &str,
) -> Result<Option<Credentials>> {
    let sql = "SELECT u.number, coalesce(u.password_hash, w.default_password_hash)
               FROM user u, world w WHERE u.username = ?";
    one(connection, sql, [username], |row| {
        Ok(Credentials { user: UserId::new(number(row, 0)?), password_hash: row.get(1)? })
    })
}

pub(in crate::sqlite) fn account(
    connection: &Connection,
    id: AccountId,
) -> Result<Option<Account>> {
    let sql = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.number = ?");
    one(connection, sql, [id.number()], row::account)
}

pub(in crate::sqlite) fn card(connection: &Connection, id: CardId) -> Result<Option<Card>> {
    let sql = concat!("SELECT ", card_columns!(), " FROM card c WHERE c.number = ?");
    one(connection, sql, [id.number()], row::card)
}

/// What stands on the ledger's accounts now.
pub(in crate::sqlite) fn ledger(connection: &Connection) -> Result<LedgerTotals> {
    ledger_within(&*connection.unchecked_transaction()?)
}

/// What stands on the ledger's accounts, within a transaction, from the sums that are kept.
pub(super) fn ledger_within(transaction: &Connection) -> Result<LedgerTotals> {
    let customers = one(transaction, "SELECT deposits, card_debt FROM world", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let (deposits, card_debt) = customers.ok_or_else(|| damaged("the world has no identity"))?;
    let mut totals = LedgerTotals {
        deposits: deposits.into(),
        card_debt: card_debt.into(),
        bank: BankAccount::ALL.map(|account| (account, Money::ZERO)).to_vec(),
        hubs: Vec::new(),
    };
    let mut statement =
        transaction.prepare_cached("SELECT account, balance FROM ledger_total ORDER BY account")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let balance = row::money(row, 1)?;
        match LedgerAccount::from_code(row.get(0)?) {
            Some(LedgerAccount::Bank(account)) => totals.bank[account as usize].1 = balance,
            Some(LedgerAccount::Hub(hub)) => totals.hubs.push((hub, balance)),
            _ => return Err(damaged("a ledger total belongs to no account of the bank")),
        }
    }
    Ok(totals)
}

/// The row that a statement gives, if any.
pub(in crate::sqlite) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row(params, |row| Ok(read(row))).optional()?.transpose()
}
