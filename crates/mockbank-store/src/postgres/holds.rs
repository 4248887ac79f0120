//! Holds in the database.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{AccountId, GroupId, Hold, HoldId, HoldState, Instant, Money, UserId};
use tokio_postgres::Row;

use super::read::{Params, all, bounds, one};
use super::row::{damaged, instant, long, money, number};
use crate::{HeldMoney, Listing, Page, Result};

macro_rules! hold_columns {
    () => {
        "number, payer, payee, amount, description, authorised_at, expires_at, state, posted,
         transfer_group"
    };
}

pub(super) use hold_columns;

/// The code of a state, as it is stored.
pub(super) fn state_code(state: HoldState) -> u8 {
    match state {
        HoldState::Pending => 0,
        HoldState::Posted { .. } => 1,
        HoldState::Voided => 2,
        HoldState::Expired => 3,
    }
}

pub(super) async fn hold(client: &ClientWrapper, id: HoldId) -> Result<Option<Hold>> {
    let sql = concat!("SELECT ", hold_columns!(), " FROM hold WHERE number = $1");
    one(client, sql, &[&id.number()], read).await
}

/// The holds on an account's money, the newest first.
pub(super) async fn holds_of(
    client: &ClientWrapper,
    account: AccountId,
    page: Page,
) -> Result<Listing<Hold>> {
    let account = account.number();
    let (limit, offset) = bounds(page);
    let sql = concat!(
        "SELECT ",
        hold_columns!(),
        " FROM hold WHERE payer = $1 ORDER BY number DESC LIMIT $2 OFFSET $3"
    );
    let count = "SELECT count(*) FROM hold WHERE payer = $1";
    let (window, payer): (Params, Params) = (&[&account, &limit, &offset], &[&account]);
    let items = all(client, sql, window, read);
    let total = one(client, count, payer, |row| long(row, 0));
    let (items, total) = tokio::try_join!(items, total)?;
    Ok(Listing { total: total.unwrap_or(0), items })
}

/// Part of an account's balance that holds have set aside.
pub(super) async fn held(client: &ClientWrapper, account: AccountId) -> Result<Option<Money>> {
    let sql = "SELECT held FROM account WHERE number = $1";
    one(client, sql, &[&account.number()], |row| money(row, 0)).await
}

/// The accounts of a customer on whose money there are holds, and what those have set aside.
pub(super) async fn held_of(
    client: &ClientWrapper,
    user: UserId,
) -> Result<Vec<(AccountId, Money)>> {
    let sql = "SELECT number, held FROM account WHERE customer = $1 AND held <> 0 ORDER BY number";
    all(client, sql, &[&user.number()], |row| Ok((AccountId::new(number(row, 0)?), money(row, 1)?)))
        .await
}

/// Up to `limit` accounts that have money set aside or pending holds, by number.
pub(super) async fn held_money(
    client: &ClientWrapper,
    after: i64,
    limit: i64,
) -> Result<Vec<HeldMoney>> {
    let sql = "SELECT number, sum(held)::bigint, sum(pending)::bigint, sum(holds)::bigint FROM (
                   SELECT number, held, 0::bigint AS pending, 0 AS holds FROM account
                   WHERE held <> 0
                   UNION ALL
                   SELECT payer, 0, amount, 1 FROM hold WHERE state = 0) AS both_sides
               WHERE number > $1 GROUP BY number ORDER BY number LIMIT $2";
    all(client, sql, &[&after, &limit], |row| {
        Ok(HeldMoney {
            account: AccountId::new(number(row, 0)?),
            held: money(row, 1)?,
            pending: money(row, 2)?,
            holds: long(row, 3)?,
        })
    })
    .await
}

/// Lets the holds expire whose time is over at `clock`: the money is free again.
pub(super) async fn expire(client: &ClientWrapper, clock: Instant) -> Result<()> {
    let sql = "WITH expired AS (
                   UPDATE hold SET state = 3 WHERE state = 0 AND expires_at <= $1
                   RETURNING payer, amount
               ), freed AS (
                   SELECT payer, sum(amount)::bigint AS amount FROM expired GROUP BY payer
               )
               UPDATE account a SET held = a.held - freed.amount FROM freed
               WHERE a.number = freed.payer";
    let statement = client.prepare_cached(sql).await?;
    client.execute(&statement, &[&clock.seconds()]).await?;
    Ok(())
}

/// Reads a hold from the columns of `hold_columns`.
pub(super) fn read(row: &Row) -> Result<Hold> {
    let invalid = || damaged("a hold has no valid state");
    let state = match row.try_get::<_, i16>(7)? {
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
        description: row.try_get(4)?,
        authorised_at: instant(row, 5)?,
        expires_at: instant(row, 6)?,
        state,
    })
}
