//! Rows of the database as the bank's types. What no type can hold is damage, never a panic.

use mockbank_bank::id::MAX_NUMBER;
use mockbank_bank::reference::PostingRef;
use mockbank_bank::rules::CardBook;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Currency, Day,
    GroupId, HubId, Instant, LedgerAccount, Money, Posting, PostingKind, Settings, User, UserId,
};
use tokio_postgres::Row;

use crate::{Result, StoreError};

/// Columns of a customer, in the order that [`user`] reads.
macro_rules! user_columns {
    () => {
        "u.number, u.username, u.first_name, u.last_name, u.email, u.city, u.created_at, u.theme,
         u.notifications"
    };
}

/// Columns of an account, in the order that [`account`] reads.
macro_rules! account_columns {
    () => {
        "a.number, a.customer, a.kind, a.currency, a.status, a.opening_balance, a.balance,
         a.salary, a.employer, a.postings"
    };
}

/// Columns of a card, in the order that [`card`] reads.
macro_rules! card_columns {
    () => {
        "c.number, c.account, c.last_four, c.status, c.credit_limit, c.billing_day, c.profile,
         c.spend, c.issued, c.expires, c.last_bill, c.postings"
    };
}

/// Columns of a posting, in the order that [`posting`] reads.
macro_rules! posting_columns {
    () => {
        "p.account, p.sequence, p.at, p.kind, p.category, p.amount, p.card, p.contra, p.balance,
         p.card_balance, p.description, p.place, p.reference, p.transfer_group"
    };
}

pub(super) use {account_columns, card_columns, posting_columns, user_columns};

/// How many columns [`account`] reads.
pub(super) const ACCOUNT_COLUMNS: usize = 10;

/// How many columns [`posting`] reads.
pub(super) const POSTING_COLUMNS: usize = 14;

pub(super) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: UserId::new(number(row, 0)?),
        username: row.try_get(1)?,
        first_name: row.try_get(2)?,
        last_name: row.try_get(3)?,
        email: row.try_get(4)?,
        city: row.try_get(5)?,
        created_at: instant(row, 6)?,
        settings: Settings { theme: row.try_get(7)?, notifications: row.try_get(8)? },
    })
}

pub(super) fn account(row: &Row) -> Result<Account> {
    let kind = AccountKind::from_code(short(row, 2)?);
    let status = AccountStatus::from_code(short(row, 4)?);
    let employer = row.try_get::<_, Option<i32>>(8)?;
    Ok(Account {
        id: AccountId::new(number(row, 0)?),
        user: UserId::new(number(row, 1)?),
        kind: kind.ok_or_else(|| unknown("account kind"))?,
        currency: currency(row, 3)?,
        status: status.ok_or_else(|| unknown("account status"))?,
        opening_balance: money(row, 5)?,
        balance: money(row, 6)?,
        salary: money(row, 7)?,
        employer: employer.map(|hub| narrow(hub.into()).map(HubId)).transpose()?,
        postings: long(row, 9)?,
    })
}

pub(super) fn card(row: &Row) -> Result<Card> {
    let status = CardStatus::from_code(short(row, 3)?);
    let last_bill = row.try_get::<_, Option<i32>>(10)?;
    Ok(Card {
        id: CardId::new(number(row, 0)?),
        account: AccountId::new(number(row, 1)?),
        last_four: short(row, 2)?,
        status: status.ok_or_else(|| unknown("card status"))?,
        limit: money(row, 4)?,
        billing_day: short(row, 5)?,
        profile: row.try_get(6)?,
        spend: money(row, 7)?,
        issued: day(row.try_get(8)?)?,
        expires: day(row.try_get(9)?)?,
        last_bill: last_bill.map(day).transpose()?,
        postings: long(row, 11)?,
    })
}

/// Where a card stands.
pub(super) fn card_book(card: &Card) -> CardBook {
    CardBook {
        card: card.id,
        status: card.status,
        expires: card.expires,
        limit: card.limit,
        spend: card.spend,
        postings: card.postings,
        last_bill: card.last_bill,
    }
}

/// Reads a posting from the columns from `first` on.
pub(super) fn posting(row: &Row, first: usize) -> Result<Posting> {
    let optional = |column: usize, max: i64| match row.try_get::<_, Option<i64>>(column)? {
        None => Ok(None),
        Some(number) if (1..=max).contains(&number) => Ok(Some(number)),
        Some(_) => Err(unknown("identifier")),
    };
    let kind = PostingKind::from_code(short(row, first + 3)?);
    let contra = LedgerAccount::from_code(row.try_get(first + 7)?);
    let reference = PostingRef::from_code(row.try_get(first + 12)?);
    Ok(Posting {
        account: AccountId::new(number(row, first)?),
        sequence: long(row, first + 1)?,
        at: instant(row, first + 2)?,
        kind: kind.ok_or_else(|| unknown("kind of posting"))?,
        category: integer(row, first + 4)?,
        amount: money(row, first + 5)?,
        card: optional(first + 6, CardId::MAX)?.map(CardId::new),
        contra: contra.ok_or_else(|| unknown("ledger account"))?,
        balance: money(row, first + 8)?,
        card_balance: money(row, first + 9)?,
        description: integer(row, first + 10)?,
        place: integer(row, first + 11)?,
        reference: reference.ok_or_else(|| unknown("reference"))?,
        group: optional(first + 13, GroupId::MAX)?.map(GroupId::new),
    })
}

/// The number of an identifier.
pub(super) fn number(row: &Row, column: usize) -> Result<i64> {
    let number = row.try_get(column)?;
    if (1..=MAX_NUMBER).contains(&number) { Ok(number) } else { Err(unknown("identifier")) }
}

/// A column of 64 bits as a narrower type, or one without a sign.
pub(super) fn long<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    narrow(row.try_get(column)?)
}

/// A column of 32 bits as a narrower type, or one without a sign.
pub(super) fn integer<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    narrow(row.try_get::<_, i32>(column)?.into())
}

/// A column of 16 bits as a narrower type, or one without a sign.
pub(super) fn short<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    narrow(row.try_get::<_, i16>(column)?.into())
}

fn narrow<T: TryFrom<i64>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(|_| unknown("number"))
}

pub(super) fn money(row: &Row, column: usize) -> Result<Money> {
    Ok(Money::from_minor(row.try_get(column)?))
}

pub(super) fn instant(row: &Row, column: usize) -> Result<Instant> {
    Ok(Instant::from_seconds(row.try_get(column)?))
}

pub(super) fn currency(row: &Row, column: usize) -> Result<Currency> {
    Currency::from_code(row.try_get(column)?).ok_or_else(|| unknown("currency"))
}

pub(super) fn day(number: i32) -> Result<Day> {
    Day::from_number(number.into()).map_err(|_| unknown("day"))
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

fn unknown(what: &str) -> StoreError {
    StoreError::Damaged(format!("a row holds no valid {what}"))
}
