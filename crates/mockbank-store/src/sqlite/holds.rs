//! Holds in the database.

use mockbank_bank::{AccountId, GroupId, Hold, HoldId, HoldState, Instant, Money, UserId};
use rusqlite::{Connection, Row};

use super::read::{all, one};
use super::row::{damaged, money, narrow, number};
use crate::{HeldMoney, Listing, Page, Result};

macro_rules! hold_columns {
    () => {
        "number, payer, payee, amount, description, authorised_at, expires_at, state, posted,
         transfer_group"
    };
}

/// The code of a state, as it is stored.
pub(super) fn state_code(state: HoldState) -> u8 {
    match state {
        HoldState::Pending => 0,
        HoldState::Posted { .. } => 1,
        HoldState::Voided => 2,
        HoldState::Expired => EXPIRED,
    }
}

const EXPIRED: u8 = 3;

pub(super) fn hold(connection: &Connection, id: HoldId) -> Result<Option<Hold>> {
    let sql = concat!("SELECT ", hold_columns!(), " FROM hold WHERE number = ?");
    one(connection, sql, [id.number()], read)
}

/// The holds on an account's money, the newest first.
pub(super) fn holds_of(
    connection: &Connection,
    account: AccountId,
    page: Page,
) -> Result<Listing<Hold>> {
    let transaction = connection.unchecked_transaction()?;
    let count = "SELECT count(*) FROM hold WHERE payer = ?";
    let total = one(&transaction, count, [account.number()], |row| {
        Ok(row.get::<_, i64>(0)?.cast_unsigned())
    })?;
    let sql = concat!(
        "SELECT ",
        hold_columns!(),
        " FROM hold WHERE payer = ? ORDER BY number DESC LIMIT ? OFFSET ?"
    );
    let bounded = |number| i64::try_from(number).unwrap_or(i64::MAX);
    let bounds = (account.number(), bounded(page.size), bounded(page.offset()));
    Ok(Listing { total: total.unwrap_or(0), items: all(&transaction, sql, bounds, read)? })
}

/// Part of an account's balance that holds have set aside.
pub(super) fn held(connection: &Connection, account: AccountId) -> Result<Option<Money>> {
    let sql = "SELECT held FROM account WHERE number = ?";
    one(connection, sql, [account.number()], |row| money(row, 0))
}

/// The accounts of a customer on whose money there are holds, and what those have set aside.
pub(super) fn held_of(connection: &Connection, user: UserId) -> Result<Vec<(AccountId, Money)>> {
    let sql = "SELECT number, held FROM account WHERE user = ? AND held <> 0 ORDER BY number";
    all(connection, sql, [user.number()], |row| {
        Ok((AccountId::new(number(row, 0)?), money(row, 1)?))
    })
}

/// Up to `limit` accounts that have money set aside or pending holds, by number.
pub(super) fn held_money(
    connection: &Connection,
    after: i64,
    limit: i64,
) -> Result<Vec<HeldMoney>> {
    let sql = "SELECT number, sum(held), sum(pending), sum(holds) FROM (
                   SELECT number, held, 0 AS pending, 0 AS holds FROM account WHERE held <> 0
                   UNION ALL
                   SELECT payer, 0, amount, 1 FROM hold WHERE state = 0)
               WHERE number > ? GROUP BY number ORDER BY number LIMIT ?";
    all(connection, sql, [after, limit], |row| {
        Ok(HeldMoney {
            account: AccountId::new(number(row, 0)?),
            held: money(row, 1)?,
            pending: money(row, 2)?,
            holds: narrow(row, 3)?,
        })
    })
}

/// Lets the holds expire whose time is over at `clock`: the money is free again.
pub(super) fn expire(connection: &Connection, clock: Instant) -> Result<()> {
    let mut due = connection.prepare_cached(
        "SELECT number, payer, amount FROM hold WHERE state = 0 AND expires_at <= ?",
    )?;
    let mut rows = due.query([clock.seconds()])?;
    let mut expired: Vec<[i64; 3]> = Vec::new();
    while let Some(row) = rows.next()? {
        expired.push([row.get(0)?, row.get(1)?, row.get(2)?]);
    }
    let mut free =
        connection.prepare_cached("UPDATE account SET held = held - ? WHERE number = ?")?;
    let mut close = connection.prepare_cached("UPDATE hold SET state = ? WHERE number = ?")?;
    for [hold, payer, amount] in expired {
        free.execute([amount, payer])?;
        close.execute((EXPIRED, hold))?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Hold> {
    let invalid = || damaged("a hold has no valid state");
    let state = match row.get::<_, i64>(7)? {
        0 => HoldState::Pending,
        1 => HoldState::Posted {
            amount: money(row, 8).map_err(|_| invalid())?,
            group: GroupId::new(number(row, 9)?),
        },
        2 => HoldState::Voided,
        3 => HoldState::Expired,
        _ => return Err(invalid()),
    };
    Ok(Hold {
        id: HoldId::new(number(row, 0)?),
        from: AccountId::new(number(row, 1)?),
        to: AccountId::new(number(row, 2)?),
        amount: money(row, 3)?,
        description: row.get(4)?,
        authorised_at: Instant::from_seconds(row.get(5)?),
        expires_at: Instant::from_seconds(row.get(6)?),
        state,
    })
}
