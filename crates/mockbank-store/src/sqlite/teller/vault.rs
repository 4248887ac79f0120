//! The bank's records as the counter reads them: from memory, else from the database.

use std::collections::HashMap;
use std::sync::Arc;

use mockbank_bank::counter::{AccountRecord, Numbers, Vault};
use mockbank_bank::rules::Book;
use mockbank_bank::{AccountId, CardId, Currency, Hold, HoldId, Instant, User, UserId};
use rusqlite::Connection;

use super::TellerSettings;
use super::cache::Cache;
use crate::seal::{self, SealHash};
use crate::sqlite::row::{self, ACCOUNT_COLUMNS, account_columns, narrow, number};
use crate::sqlite::seals;
use crate::sqlite::{holds, read};
use crate::{Result, StoreError};

/// Texts that are remembered with their numbers.
const TEXTS: usize = 4096;

/// What is in memory of the world. Made again from the database after every failure and every
/// step, so it never says anything else than what is kept.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) clock: Instant,
    pub(super) numbers: Numbers,
    pub(super) currency: Currency,
    pub(super) accounts: Cache,
    pub(super) texts: HashMap<Arc<str>, u32>,
    /// Number and hash of the last seal.
    pub(super) sealed: (i64, SealHash),
}

impl Memory {
    pub(super) fn load(connection: &Connection, settings: &TellerSettings) -> Result<Self> {
        let sql = "SELECT clock, last_group,
                       (SELECT coalesce(max(number), 0) FROM user),
                       (SELECT coalesce(max(number), 0) FROM account),
                       (SELECT coalesce(max(number), 0) FROM card),
                       (SELECT coalesce(max(number), 0) FROM hold),
                       (SELECT coalesce(max(number), -1) FROM description), currency
                   FROM world";
        let read = |row: &rusqlite::Row| {
            let next = |column| row.get::<_, i64>(column).map(|last| last + 1);
            Ok(Self {
                clock: Instant::from_seconds(row.get(0)?),
                numbers: Numbers {
                    group: next(1)?,
                    user: next(2)?,
                    account: next(3)?,
                    card: next(4)?,
                    hold: next(5)?,
                    description: u32::try_from(next(6)?)
                        .map_err(|_| row::damaged("a description has no valid number"))?,
                },
                currency: row::currency(row, 7)?,
                accounts: Cache::new(settings.hot_accounts),
                texts: HashMap::new(),
                sealed: seals::last(connection)?.unwrap_or((0, seal::FIRST)),
            })
        };
        let memory = read::one(connection, sql, [], read)?;
        memory.ok_or_else(|| row::damaged("the world has no identity"))
    }

    pub(super) fn remember_text(&mut self, text: &str, number: u32) {
        if self.texts.len() >= TEXTS {
            self.texts.clear();
        }
        self.texts.insert(Arc::from(text), number);
    }
}

/// Memory, and the database behind it.
pub(super) struct SqliteVault<'a> {
    pub(super) connection: &'a Connection,
    pub(super) memory: &'a mut Memory,
}

impl Vault for SqliteVault<'_> {
    type Error = StoreError;

    fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>> {
        if let Some(record) = self.memory.accounts.get(id) {
            return Ok(Some(record.clone()));
        }
        let record = account(self.connection, id)?;
        if let Some(record) = &record {
            self.memory.accounts.keep(record.clone());
        }
        Ok(record)
    }

    fn account_of_card(&mut self, id: CardId) -> Result<Option<AccountId>> {
        let sql = "SELECT account FROM card WHERE number = ?";
        read::one(self.connection, sql, [id.number()], |row| Ok(AccountId::new(number(row, 0)?)))
    }

    fn hold(&mut self, id: HoldId) -> Result<Option<Hold>> {
        holds::hold(self.connection, id)
    }

    fn user(&mut self, id: UserId) -> Result<Option<User>> {
        read::user(self.connection, id)
    }

    fn has_username(&mut self, username: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM user WHERE username = ?";
        Ok(read::one(self.connection, sql, [username], |_| Ok(()))?.is_some())
    }

    fn description(&mut self, text: &str) -> Result<Option<u32>> {
        if let Some(number) = self.memory.texts.get(text) {
            return Ok(Some(*number));
        }
        let sql = "SELECT min(number) FROM description WHERE text = ? HAVING count(*) > 0";
        let number = read::one(self.connection, sql, [text], |row| narrow(row, 0))?;
        if let Some(number) = number {
            self.memory.remember_text(text, number);
        }
        Ok(number)
    }

    fn numbers(&self) -> Numbers {
        self.memory.numbers
    }

    fn currency(&self) -> Currency {
        self.memory.currency
    }
}

fn account(connection: &Connection, id: AccountId) -> Result<Option<AccountRecord>> {
    let sql = concat!(
        "SELECT ",
        account_columns!(),
        ", a.held, a.latest FROM account a WHERE a.number = ?"
    );
    let book = read::one(connection, sql, [id.number()], |row| {
        let account = row::account(row)?;
        let held = row::money(row, ACCOUNT_COLUMNS)?;
        let latest = Instant::from_seconds(row.get(ACCOUNT_COLUMNS + 1)?);
        Ok((account, held, latest))
    })?;
    let Some((account, held, latest)) = book else { return Ok(None) };
    let cards = read::cards_of(connection, id)?;
    let book = Book {
        account: id,
        status: account.status,
        currency: account.currency,
        balance: account.balance,
        held,
        postings: account.postings,
        latest,
        cards: cards.iter().map(row::card_book).collect(),
    };
    Ok(Some(AccountRecord { account, cards: cards.into(), book }))
}
