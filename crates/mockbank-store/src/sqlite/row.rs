//! Rows of the database as the bank's types. What no type can hold is damage, never a panic.

use mockbank_bank::id::MAX_NUMBER;
use mockbank_bank::reference::PostingRef;
use mockbank_bank::rules::CardBook;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Currency, Day,
    GroupId, HubId, Instant, LedgerAccount, Money, Posting, PostingKind, Settings, User, UserId,
};
use rusqlite::Row;

use crate::{Result, StoreError};

/// Columns of a user, in the order that [`user`] reads.
macro_rules! user_columns {
    () => {
        "u.number, u.username, u.first_name, u.last_name, u.email, u.city, u.created_at, u.theme,
         u.notifications"
    };
}

/// Columns of an account, in the order that [`account`] reads.
macro_rules! account_columns {
    () => {
        "a.number, a.user, a.kind, a.currency, a.status, a.opening_balance, a.balance, a.salary,
         a.employer, a.postings"
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

pub(super) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: UserId::new(number(row, 0)?),
        username: row.get(1)?,
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        email: row.get(4)?,
        city: row.get(5)?,
        created_at: Instant::from_seconds(row.get(6)?),
        settings: Settings { theme: row.get(7)?, notifications: row.get(8)? },
    })
}

pub(super) fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: AccountId::new(number(row, 0)?),
        user: UserId::new(number(row, 1)?),
        kind: AccountKind::from_code(narrow(row, 2)?).ok_or_else(|| unknown("account kind"))?,
        currency: currency(row, 3)?,
        status: AccountStatus::from_code(narrow(row, 4)?)
            .ok_or_else(|| unknown("account status"))?,
        opening_balance: money(row, 5)?,
        balance: money(row, 6)?,
        salary: money(row, 7)?,
        employer: match row.get::<_, Option<i64>>(8)? {
            None => None,
            Some(_) => Some(HubId(narrow(row, 8)?)),
        },
        postings: narrow(row, 9)?,
    })
}

pub(super) fn card(row: &Row) -> Result<Card> {
    Ok(Card {
        id: CardId::new(number(row, 0)?),
        account: AccountId::new(number(row, 1)?),
        last_four: narrow(row, 2)?,
        status: CardStatus::from_code(narrow(row, 3)?).ok_or_else(|| unknown("card status"))?,
        limit: money(row, 4)?,
        billing_day: narrow(row, 5)?,
        profile: row.get(6)?,
        spend: money(row, 7)?,
        issued: day(row.get(8)?)?,
        expires: day(row.get(9)?)?,
        last_bill: row.get::<_, Option<i64>>(10)?.map(day).transpose()?,
        postings: narrow(row, 11)?,
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
    let optional = |column: usize, max: i64| match row.get::<_, Option<i64>>(column)? {
        None => Ok(None),
        Some(number) if (1..=max).contains(&number) => Ok(Some(number)),
        Some(_) => Err(unknown("identifier")),
    };
    Ok(Posting {
        account: AccountId::new(number(row, first)?),
        sequence: narrow(row, first + 1)?,
        at: Instant::from_seconds(row.get(first + 2)?),
        kind: PostingKind::from_code(narrow(row, first + 3)?)
            .ok_or_else(|| unknown("kind of posting"))?,
        category: narrow(row, first + 4)?,
        amount: money(row, first + 5)?,
        card: optional(first + 6, CardId::MAX)?.map(CardId::new),
        contra: LedgerAccount::from_code(row.get(first + 7)?)
            .ok_or_else(|| unknown("ledger account"))?,
        balance: money(row, first + 8)?,
        card_balance: money(row, first + 9)?,
        description: narrow(row, first + 10)?,
        place: narrow(row, first + 11)?,
        reference: PostingRef::from_code(row.get(first + 12)?)
            .ok_or_else(|| unknown("reference"))?,
        group: optional(first + 13, GroupId::MAX)?.map(GroupId::new),
    })
}

/// The number of an identifier.
pub(super) fn number(row: &Row, column: usize) -> Result<i64> {
    let number = row.get(column)?;
    if (1..=MAX_NUMBER).contains(&number) { Ok(number) } else { Err(unknown("identifier")) }
}

/// An integer of a narrower type.
pub(super) fn narrow<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    T::try_from(row.get(column)?).map_err(|_| unknown("number"))
}

pub(super) fn money(row: &Row, column: usize) -> Result<Money> {
    Ok(Money::from_minor(row.get(column)?))
}

pub(super) fn currency(row: &Row, column: usize) -> Result<Currency> {
    let code = row.get_ref(column)?.as_str().map_err(|_| unknown("currency"))?;
    Currency::from_code(code).ok_or_else(|| unknown("currency"))
}

pub(super) fn day(number: i64) -> Result<Day> {
    Day::from_number(number).map_err(|_| unknown("day"))
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

fn unknown(what: &str) -> StoreError {
    StoreError::Damaged(format!("a row holds no valid {what}"))
}
