//! Customers within a step: adding them, and handing them to the simulation.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::rules::Book;
use mockbank_bank::{Account, AccountStatus, Card, Day, Instant, Money, User, UserId};

use super::invalid;
use crate::postgres::read::{Params, all, bounded};
use crate::postgres::row::{
    self, ACCOUNT_COLUMNS, account_columns, card_columns, instant, user_columns,
};
use crate::{Holder, Result};

/// One value of each row.
pub(in crate::postgres) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

async fn insert(client: &ClientWrapper, sql: &str, columns: Params<'_>) -> Result<()> {
    let statement = client.prepare_cached(sql).await?;
    client.execute(&statement, columns).await?;
    Ok(())
}

pub(in crate::postgres) async fn add_users(client: &ClientWrapper, users: &[User]) -> Result<()> {
    let sql = "INSERT INTO customer (number, username, first_name, last_name, email, city,
                   created_at, theme, notifications)
               SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::text[]),
                   unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
                   unnest($7::bigint[]), unnest($8::text[]), unnest($9::boolean[])";
    let columns: Params = &[
        &column(users, |user| user.id.number()),
        &column(users, |user| user.username.as_str()),
        &column(users, |user| user.first_name.as_str()),
        &column(users, |user| user.last_name.as_str()),
        &column(users, |user| user.email.as_str()),
        &column(users, |user| user.city.as_str()),
        &column(users, |user| user.created_at.seconds()),
        &column(users, |user| user.settings.theme.as_str()),
        &column(users, |user| user.settings.notifications),
    ];
    insert(client, sql, columns).await
}

/// A row of a new account, as its first postings have left it.
pub(in crate::postgres) struct NewAccount {
    pub(in crate::postgres) account: Account,
    /// What holds have set aside.
    pub(in crate::postgres) held: Money,
    /// Instant of the last posting.
    pub(in crate::postgres) latest: Instant,
}

impl NewAccount {
    /// One that has had no posting.
    pub(in crate::postgres) fn unmoved(account: Account) -> Self {
        Self { account, held: Money::ZERO, latest: Instant::default() }
    }
}

/// Refuses accounts and cards that have moved before they are there.
pub(super) fn check_new(accounts: &[Account], cards: &[Card]) -> Result<()> {
    if let Some(account) = accounts.iter().find(|account| account.postings != 0) {
        return Err(invalid(format!("{} is new and has postings", account.id)));
    }
    if let Some(card) = cards.iter().find(|card| card.postings != 0) {
        return Err(invalid(format!("{} is new and has postings", card.id)));
    }
    Ok(())
}

pub(in crate::postgres) async fn insert_accounts(
    client: &ClientWrapper,
    rows: &[NewAccount],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO account (number, customer, kind, currency, status, opening_balance,
                   balance, salary, employer, held, postings, latest)
               SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::smallint[]),
                   unnest($4::text[]), unnest($5::smallint[]), unnest($6::bigint[]),
                   unnest($7::bigint[]), unnest($8::bigint[]), unnest($9::bigint[]),
                   unnest($10::bigint[]), unnest($11::bigint[]), unnest($12::bigint[])";
    let columns: Params = &[
        &column(rows, |row| row.account.id.number()),
        &column(rows, |row| row.account.user.number()),
        &column(rows, |row| i16::from(row.account.kind.code())),
        &column(rows, |row| row.account.currency.code()),
        &column(rows, |row| i16::from(row.account.status.code())),
        &column(rows, |row| row.account.opening_balance.minor()),
        &column(rows, |row| row.account.balance.minor()),
        &column(rows, |row| row.account.salary.minor()),
        &column(rows, |row| row.account.employer.map(|hub| i64::from(hub.0))),
        &column(rows, |row| row.held.minor()),
        &column(rows, |row| row.account.postings.cast_signed()),
        &column(rows, |row| row.latest.seconds()),
    ];
    insert(client, sql, columns).await
}

pub(in crate::postgres) async fn insert_cards(
    client: &ClientWrapper,
    cards: &[Card],
) -> Result<()> {
    if cards.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO card (number, account, last_four, status, credit_limit, billing_day,
                   profile, spend, issued, expires, last_bill, postings)
               SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::integer[]),
                   unnest($4::smallint[]), unnest($5::bigint[]), unnest($6::smallint[]),
                   unnest($7::text[]), unnest($8::bigint[]), unnest($9::integer[]),
                   unnest($10::integer[]), unnest($11::integer[]), unnest($12::bigint[])";
    let day = |day: Day| i32::from(day.number());
    let columns: Params = &[
        &column(cards, |card| card.id.number()),
        &column(cards, |card| card.account.number()),
        &column(cards, |card| i32::from(card.last_four)),
        &column(cards, |card| i16::from(card.status.code())),
        &column(cards, |card| card.limit.minor()),
        &column(cards, |card| i16::from(card.billing_day)),
        &column(cards, |card| card.profile.as_str()),
        &column(cards, |card| card.spend.minor()),
        &column(cards, |card| day(card.issued)),
        &column(cards, |card| day(card.expires)),
        &column(cards, |card| card.last_bill.map(day)),
        &column(cards, |card| card.postings.cast_signed()),
    ];
    insert(client, sql, columns).await
}

pub(super) async fn set_password(client: &ClientWrapper, user: UserId, hash: &str) -> Result<()> {
    let sql = "UPDATE customer SET password_hash = $1 WHERE number = $2";
    let statement = client.prepare_cached(sql).await?;
    match client.execute(&statement, &[&hash, &user.number()]).await? {
        0 => Err(invalid(format!("there is no customer {user}"))),
        _ => Ok(()),
    }
}

/// Up to `limit` customers with a number above `after`, in three queries whatever the limit.
pub(super) async fn holders(
    client: &ClientWrapper,
    after: i64,
    limit: usize,
) -> Result<Vec<Holder>> {
    let sql = concat!(
        "SELECT ",
        user_columns!(),
        ", coalesce(m.content, ''::bytea) AS content
         FROM customer u LEFT JOIN memory m ON m.customer = u.number
         WHERE u.number > $1 ORDER BY u.number LIMIT $2"
    );
    let read = |row: &tokio_postgres::Row| {
        Ok(Holder { user: row::user(row)?, accounts: Vec::new(), memory: row.try_get("content")? })
    };
    let mut holders = all(client, sql, &[&after, &bounded(limit)], read).await?;
    if let Some(last) = holders.last().map(|holder| holder.user.id.number()) {
        add_books(client, &mut holders, &[&after, &last]).await?;
        add_card_books(client, &mut holders, &[&after, &last]).await?;
    }
    Ok(holders)
}

/// Customers whose first account is not active; the index is asked only about those accounts.
pub(super) async fn inactive_users(client: &ClientWrapper) -> Result<Vec<i64>> {
    let sql = "SELECT a.customer FROM account a WHERE a.status <> $1 AND NOT EXISTS
               (SELECT 1 FROM account b WHERE b.customer = a.customer AND b.number < a.number)
               ORDER BY a.customer";
    let active = i16::from(AccountStatus::Active.code());
    all(client, sql, &[&active], |row| Ok(row.try_get(0)?)).await
}

async fn add_books(
    client: &ClientWrapper,
    holders: &mut [Holder],
    users: Params<'_>,
) -> Result<()> {
    let sql = concat!(
        "SELECT ",
        account_columns!(),
        ", a.held, a.latest FROM account a WHERE a.customer > $1 AND a.customer <= $2
         ORDER BY a.customer, a.number"
    );
    let read = |row: &tokio_postgres::Row| {
        let account = row::account(row)?;
        let book = Book {
            account: account.id,
            status: account.status,
            currency: account.currency,
            balance: account.balance,
            held: row::money(row, ACCOUNT_COLUMNS)?,
            postings: account.postings,
            latest: instant(row, ACCOUNT_COLUMNS + 1)?,
            cards: Vec::new(),
        };
        Ok((account, book))
    };
    let mut holders = holders.iter_mut().peekable();
    for (account, book) in all(client, sql, users, read).await? {
        while holders.next_if(|holder| holder.user.id < account.user).is_some() {}
        match holders.peek_mut() {
            Some(holder) if holder.user.id == account.user => {
                holder.accounts.push((account, Vec::new(), book));
            }
            _ => return Err(row::damaged(&format!("{} has no holder", account.id))),
        }
    }
    Ok(())
}

async fn add_card_books(
    client: &ClientWrapper,
    holders: &mut [Holder],
    users: Params<'_>,
) -> Result<()> {
    let sql = concat!(
        "SELECT ",
        card_columns!(),
        " FROM account a JOIN card c ON c.account = a.number
         WHERE a.customer > $1 AND a.customer <= $2 ORDER BY a.customer, a.number, c.number"
    );
    let mut books = holders.iter_mut().flat_map(|holder| &mut holder.accounts).peekable();
    for card in all(client, sql, users, row::card).await? {
        while books.next_if(|(account, _, _)| account.id != card.account).is_some() {}
        let Some((_, cards, book)) = books.peek_mut() else {
            return Err(row::damaged(&format!("{} has no account", card.id)));
        };
        book.cards.push(row::card_book(&card));
        cards.push(card);
    }
    Ok(())
}
