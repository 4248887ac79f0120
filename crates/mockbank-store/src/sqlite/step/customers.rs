//! Customers within a step: adding them, handing them to the simulation, saving their books.

use mockbank_bank::rules::{Book, CardBook};
use mockbank_bank::{Account, AccountStatus, Card, Day, HubId, Instant, Money, User, UserId};
use rusqlite::{CachedStatement, Connection};

use crate::sqlite::row::{self, ACCOUNT_COLUMNS, account_columns, card_columns, user_columns};
use crate::tally::{self, OpenBook, Run, Tally};
use crate::{Books, Holder, Result, StoreError};

pub(super) fn add(
    connection: &Connection,
    users: &[User],
    accounts: &[Account],
    cards: &[Card],
) -> Result<()> {
    add_users(connection, users)?;
    add_accounts(connection, accounts)?;
    add_cards(connection, cards)
}

pub(in crate::sqlite) fn add_users(connection: &Connection, users: &[User]) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO user (number, username, first_name, last_name, email, city, created_at,
             theme, notifications) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for user in users {
        insert.execute((
            user.id.number(),
            &user.username,
            &user.first_name,
            &user.last_name,
            &user.email,
            &user.city,
            user.created_at.seconds(),
            &user.settings.theme,
            user.settings.notifications,
        ))?;
    }
    Ok(())
}

pub(in crate::sqlite) fn add_accounts(connection: &Connection, accounts: &[Account]) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO account (number, user, kind, currency, status, opening_balance, balance,
             salary, employer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for account in accounts {
        if account.postings != 0 {
            return Err(invalid(format!("{} is new and has postings", account.id)));
        }
        insert.execute((
            account.id.number(),
            account.user.number(),
            account.kind.code(),
            account.currency.code(),
            account.status.code(),
            account.opening_balance.minor(),
            account.balance.minor(),
            account.salary.minor(),
            account.employer.map(|HubId(hub)| hub),
        ))?;
    }
    Ok(())
}

pub(in crate::sqlite) fn add_cards(connection: &Connection, cards: &[Card]) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO card (number, account, last_four, status, credit_limit, billing_day, profile,
             spend, issued, expires, last_bill) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for card in cards {
        if card.postings != 0 {
            return Err(invalid(format!("{} is new and has postings", card.id)));
        }
        insert.execute((
            card.id.number(),
            card.account.number(),
            card.last_four,
            card.status.code(),
            card.limit.minor(),
            card.billing_day,
            &card.profile,
            card.spend.minor(),
            card.issued.number(),
            card.expires.number(),
            card.last_bill.map(Day::number),
        ))?;
    }
    Ok(())
}

pub(in crate::sqlite) fn set_password(
    connection: &Connection,
    user: UserId,
    hash: &str,
) -> Result<()> {
    let changed = connection
        .prepare_cached("UPDATE user SET password_hash = ? WHERE number = ?")?
        .execute((hash, user.number()))?;
    if changed == 0 { Err(invalid(format!("there is no customer {user}"))) } else { Ok(()) }
}

/// A card that has not moved since its last mark needs no other.
const MARK: &str = "INSERT OR IGNORE INTO card_mark (card, postings, sequence) VALUES (?, ?, ?)";

/// Marks the cards of a book whose last posting has the given sequence, where one is due.
pub(in crate::sqlite) fn mark(connection: &Connection, book: &Book, sequence: u64) -> Result<()> {
    let sequence = sequence.cast_signed();
    for (card, postings) in tally::marks_of(book, sequence) {
        connection.prepare_cached(MARK)?.execute([card, postings, sequence])?;
    }
    Ok(())
}

/// Saves books, each against what its postings of this step did.
pub(super) fn save(connection: &Connection, tally: &mut Tally, books: &[Books]) -> Result<()> {
    let mut statements = Save {
        // Whoever computed the book must have started from where it stands here.
        account: connection.prepare_cached(
            "UPDATE account SET status = ?, balance = ?, held = ?, postings = ?, latest = ?
             WHERE number = ? AND user = ? AND balance = ? AND postings = ?",
        )?,
        card: connection.prepare_cached(
            "UPDATE card SET status = ?, credit_limit = ?, spend = ?, postings = ?, last_bill = ?
             WHERE number = ? AND account = ? AND spend = ? AND postings = ?",
        )?,
        mark: connection.prepare_cached(MARK)?,
        memory: connection.prepare_cached(
            "INSERT INTO memory (user, content) VALUES (?, ?)
             ON CONFLICT (user) DO UPDATE SET content = excluded.content",
        )?,
    };
    for Books { user, books, memory } in books {
        for book in books {
            let moved = tally.close(book)?;
            statements.save_book(*user, book, moved.as_ref())?;
        }
        statements.memory.execute((user.number(), memory))?;
    }
    Ok(())
}

struct Save<'c> {
    account: CachedStatement<'c>,
    card: CachedStatement<'c>,
    mark: CachedStatement<'c>,
    memory: CachedStatement<'c>,
}

impl Save<'_> {
    fn save_book(&mut self, user: UserId, book: &Book, moved: Option<&OpenBook>) -> Result<()> {
        let balance = book.balance.minor();
        let still = Run { before: balance, after: balance, postings: 0 };
        let run = moved.map_or(still, |moved| moved.deposit);
        let postings = book.postings.cast_signed();
        let saved = self.account.execute((
            book.status.code(),
            balance,
            book.held.minor(),
            postings,
            book.latest.seconds(),
            book.account.number(),
            user.number(),
            run.before,
            postings - run.postings,
        ))?;
        if saved == 0 {
            return Err(invalid(format!("the book of {} stands elsewhere", book.account)));
        }
        book.cards.iter().try_for_each(|card| self.save_card(book, card, moved))
    }

    fn save_card(&mut self, book: &Book, card: &CardBook, moved: Option<&OpenBook>) -> Result<()> {
        let number = card.card.number();
        let own = |moved: &OpenBook| {
            moved.cards.iter().find(|(moved, _)| *moved == number).map(|(_, run)| *run)
        };
        let run = moved.and_then(own);
        let spend_before = match run {
            Some(run) => Money::from_minor(run.before).checked_neg(),
            None => Some(card.spend),
        };
        let spend_before = spend_before.ok_or_else(|| invalid("a debt is too large".to_owned()))?;
        let postings = card.postings.cast_signed();
        let postings_before = postings - run.map_or(0, |run| run.postings);
        let saved = self.card.execute((
            card.status.code(),
            card.limit.minor(),
            card.spend.minor(),
            postings,
            card.last_bill.map(Day::number),
            number,
            book.account.number(),
            spend_before.minor(),
            postings_before,
        ))?;
        if saved == 0 {
            return Err(invalid(format!("{} stands elsewhere", card.card)));
        }
        for (marked, since, sequence) in moved.map_or(&[][..], |moved| &moved.marks) {
            if *marked == number {
                self.mark.execute([number, postings_before + since, *sequence])?;
            }
        }
        Ok(())
    }
}

/// Up to `limit` customers with a number above `after`, in three queries whatever the limit.
pub(super) fn holders(connection: &Connection, after: i64, limit: usize) -> Result<Vec<Holder>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        user_columns!(),
        ", coalesce(m.content, x'') AS content FROM user u LEFT JOIN memory m ON m.user = u.number
         WHERE u.number > ? ORDER BY u.number LIMIT ?"
    ))?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut holders = Vec::new();
    while let Some(row) = rows.next()? {
        let memory = row.get("content")?;
        holders.push(Holder { user: row::user(row)?, accounts: Vec::new(), memory });
    }
    if let Some(last) = holders.last().map(|holder| holder.user.id.number()) {
        add_books(connection, &mut holders, (after, last))?;
        add_card_books(connection, &mut holders, (after, last))?;
    }
    Ok(holders)
}

/// Customers whose first account is not active; the index is asked only about those accounts.
pub(super) fn inactive_users(connection: &Connection) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT a.user FROM account a WHERE a.status <> ? AND NOT EXISTS
         (SELECT 1 FROM account b WHERE b.user = a.user AND b.number < a.number)
         ORDER BY a.user",
    )?;
    let users = statement.query_map([AccountStatus::Active.code()], |row| row.get(0))?;
    Ok(users.collect::<Result<_, _>>()?)
}

fn add_books(connection: &Connection, holders: &mut [Holder], users: (i64, i64)) -> Result<()> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        account_columns!(),
        ", a.held, a.latest FROM account a WHERE a.user > ? AND a.user <= ?
         ORDER BY a.user, a.number"
    ))?;
    let mut rows = statement.query(users)?;
    let mut holders = holders.iter_mut().peekable();
    while let Some(row) = rows.next()? {
        let account = row::account(row)?;
        while holders.next_if(|holder| holder.user.id < account.user).is_some() {}
        let book = Book {
            account: account.id,
            status: account.status,
            currency: account.currency,
            balance: account.balance,
            held: row::money(row, ACCOUNT_COLUMNS)?,
            postings: account.postings,
            latest: Instant::from_seconds(row.get(ACCOUNT_COLUMNS + 1)?),
            cards: Vec::new(),
        };
        match holders.peek_mut() {
            Some(holder) if holder.user.id == account.user => {
                holder.accounts.push((account, Vec::new(), book));
            }
            _ => return Err(row::damaged(&format!("{} has no holder", account.id))),
        }
    }
    Ok(())
}

fn add_card_books(
    connection: &Connection,
    holders: &mut [Holder],
    users: (i64, i64),
) -> Result<()> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        card_columns!(),
        " FROM account a JOIN card c ON c.account = a.number
         WHERE a.user > ? AND a.user <= ? ORDER BY a.user, a.number, c.number"
    ))?;
    let mut rows = statement.query(users)?;
    let mut books = holders.iter_mut().flat_map(|holder| &mut holder.accounts).peekable();
    while let Some(row) = rows.next()? {
        let card = row::card(row)?;
        while books.next_if(|(account, _, _)| account.id != card.account).is_some() {}
        let Some((_, cards, book)) = books.peek_mut() else {
            return Err(row::damaged(&format!("{} has no account", card.id)));
        };
        book.cards.push(row::card_book(&card));
        cards.push(card);
    }
    Ok(())
}

fn invalid(why: String) -> StoreError {
    StoreError::InvalidStep(why)
}
