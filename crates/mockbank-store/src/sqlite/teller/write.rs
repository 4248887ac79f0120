//! What a command changed, as rows.

use std::collections::BTreeMap;

use mockbank_bank::counter::{AccountRecord, Effects, Numbers};
use mockbank_bank::{
    Account, Card, DailySums, Hold, HoldState, LedgerAccount, Posting, PostingBatch, User,
};
use rusqlite::{CachedStatement, Connection};

use super::cache::Changed;
use super::vault::Memory;
use crate::Result;
use crate::seal;
use crate::sqlite::row::damaged;
use crate::sqlite::seals::{self, CommandSeal};
use crate::sqlite::step::{customers, insert};
use crate::sqlite::{daily, holds, totals};
use crate::tally::CustomersMoved;

/// What a group of commands has written so far that is summed up once at its end.
#[derive(Debug)]
pub(super) struct Group {
    before: Numbers,
    postings: PostingBatch,
    seals: Vec<CommandSeal>,
    totals: BTreeMap<LedgerAccount, i128>,
    daily: DailySums,
}

impl Group {
    /// A group that begins where memory stands.
    pub(super) fn begin(memory: &Memory) -> Self {
        Self {
            before: memory.numbers,
            postings: PostingBatch::default(),
            seals: Vec::new(),
            totals: BTreeMap::new(),
            daily: DailySums::default(),
        }
    }

    /// Takes a command's effects into memory, and writes what later commands of the group look up
    /// in the database. The rest is written at the end, once for each account.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        memory: &mut Memory,
        effects: Effects,
    ) -> Result<()> {
        let before = memory.numbers;
        memory.numbers = effects.numbers;
        for (number, text) in &effects.descriptions {
            connection
                .prepare_cached("INSERT INTO description (number, text) VALUES (?, ?)")?
                .execute((number, text))?;
            memory.remember_text(text, *number);
        }
        for (id, user) in &effects.users {
            write_user(connection, user, id.number() >= before.user)?;
        }
        for (user, hash) in &effects.passwords {
            customers::set_password(connection, *user, hash)?;
        }
        for posting in &effects.postings {
            // A command moves a card once at most, so the card stands there as it does in the end.
            if let Some(record) = effects.accounts.get(&posting.account) {
                customers::mark(connection, &record.book, posting.sequence)?;
            }
        }
        for (id, record) in effects.accounts {
            if id.number() >= before.account {
                customers::add_accounts(connection, &[record.account()])?;
            }
            if effects.numbers.card > before.card {
                let new = record.cards.iter().filter(|card| card.id.number() >= before.card);
                customers::add_cards(connection, &new.cloned().collect::<Vec<Card>>())?;
            }
            memory.accounts.change(record);
        }
        for (id, hold) in &effects.holds {
            write_hold(connection, hold, id.number() >= before.hold)?;
        }
        self.post(memory, &effects.postings);
        Ok(())
    }

    /// Writes what is left of the group.
    pub(super) fn finish(&mut self, connection: &Connection, memory: &mut Memory) -> Result<()> {
        insert::postings(connection, &self.postings)?;
        seals::append(connection, &self.seals)?;
        let mut accounts = WriteAccounts::prepare(connection)?;
        memory.accounts.write(|record, changed| accounts.write(record, changed))?;
        if !self.totals.is_empty() {
            totals::add(connection, self.totals.iter().map(|(account, moved)| (*account, *moved)))?;
        }
        let posted = self.daily.totals();
        daily::add(connection, &posted)?;
        let (before, now) = (self.before, memory.numbers);
        if before != now || !self.postings.is_empty() {
            // Accounts that commands open are empty.
            let CustomersMoved { deposits, card_debt } = CustomersMoved::new(&posted, 0)?;
            connection
                .prepare_cached(
                    "UPDATE OR FAIL world SET last_group = ?, users = users + ?, accounts = accounts + ?,
                         cards = cards + ?, transactions = transactions + ?,
                         deposits = deposits + ?, card_debt = card_debt + ?",
                )?
                .execute([
                    now.group - 1,
                    now.user - before.user,
                    now.account - before.account,
                    now.card - before.card,
                    i64::try_from(self.postings.len()).unwrap_or(i64::MAX),
                    deposits,
                    card_debt,
                ])?;
        }
        Ok(())
    }

    /// Seals a command's postings and keeps them for the end of the group.
    fn post(&mut self, memory: &mut Memory, postings: &[Posting]) {
        for together in seal::together(postings) {
            let seal = CommandSeal::new(memory.sealed, together);
            memory.sealed = seal.link();
            self.seals.push(seal);
        }
        for posting in postings {
            self.postings.push(posting);
            self.daily.add_posting(posting);
            if !posting.contra.is_customers() {
                *self.totals.entry(posting.contra).or_default() -=
                    i128::from(posting.amount.minor());
            }
        }
    }
}

/// The statements that write accounts, looked up once for a group.
struct WriteAccounts<'c> {
    account: CachedStatement<'c>,
    card: CachedStatement<'c>,
}

impl<'c> WriteAccounts<'c> {
    fn prepare(connection: &'c Connection) -> Result<Self> {
        Ok(Self {
            account: connection.prepare_cached(
                "UPDATE account SET status = ?, balance = ?, held = ?, postings = ?, latest = ?
                 WHERE number = ?",
            )?,
            card: connection.prepare_cached(
                "UPDATE card SET status = ?, credit_limit = ?, spend = ?, postings = ?
                 WHERE number = ?",
            )?,
        })
    }

    fn write(&mut self, record: &AccountRecord, changed: Changed) -> Result<()> {
        let book = &record.book;
        let Account { id, .. } = record.account;
        let written = self.account.execute([
            book.status.code().into(),
            book.balance.minor(),
            book.held.minor(),
            book.postings.cast_signed(),
            book.latest.seconds(),
            id.number(),
        ])?;
        if written != 1 {
            return Err(damaged(&format!("{id} is gone")));
        }
        if changed == Changed::Cards {
            for card in &book.cards {
                self.card.execute([
                    card.status.code().into(),
                    card.limit.minor(),
                    card.spend.minor(),
                    card.postings.cast_signed(),
                    card.card.number(),
                ])?;
            }
        }
        Ok(())
    }
}

fn write_user(connection: &Connection, user: &User, new: bool) -> Result<()> {
    if new {
        return customers::add_users(connection, std::slice::from_ref(user));
    }
    let settings = &user.settings;
    connection
        .prepare_cached("UPDATE user SET theme = ?, notifications = ? WHERE number = ?")?
        .execute((&settings.theme, settings.notifications, user.id.number()))?;
    Ok(())
}

fn write_hold(connection: &Connection, hold: &Hold, new: bool) -> Result<()> {
    let state = holds::state_code(hold.state);
    let (posted, group) = match hold.state {
        HoldState::Posted { amount, group } => (Some(amount.minor()), Some(group.number())),
        HoldState::Pending | HoldState::Voided | HoldState::Expired => (None, None),
    };
    if !new {
        connection
            .prepare_cached(
                "UPDATE hold SET state = ?, posted = ?, transfer_group = ? WHERE number = ?",
            )?
            .execute((state, posted, group, hold.id.number()))?;
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO hold (number, payer, payee, amount, description, authorised_at,
                 expires_at, state, posted, transfer_group) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            hold.id.number(),
            hold.from.number(),
            hold.to.number(),
            hold.amount.minor(),
            &hold.description,
            hold.authorised_at.seconds(),
            hold.expires_at.seconds(),
            state,
            posted,
            group,
        ))?;
    Ok(())
}
