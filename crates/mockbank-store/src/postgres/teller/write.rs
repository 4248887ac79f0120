//! Writing what a group has changed, and committing it.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::rules::CardBook;
use mockbank_bank::{AccountId, CardId, Hold, User};
use tokio_postgres::Statement;

use super::books::{AuditLine, Changes, PostgresBooks};
use super::chain::End;
use super::group::{self, GROUP, Mark};
use super::load::{self, prepared};
use super::records::Records;
use super::rows::{self, Table};
use super::trouble::Trouble;
use crate::postgres::seals::{self, Links};
use crate::postgres::step::ADD_TO_COUNTS;
use crate::postgres::step::customers::{self, NewAccount};

/// Writes a group behind the chain's end where that is expected, and commits it. Gives back where
/// the chain ends then.
///
/// # Errors
/// A conflict, if the chain ends elsewhere. Nothing is written then.
pub(super) async fn write_and_commit(
    client: &ClientWrapper,
    books: &PostgresBooks,
    mark: Mark,
    lifetime: i64,
    end: End,
) -> Result<End, Trouble> {
    let links = Links::behind(end, &books.changes.sealed);
    let statements = Statements::prepare(client, books).await?;
    let commit = async { Ok(client.batch_execute("COMMIT").await?) };
    tokio::try_join!(
        biased;
        statements.write(books, mark, lifetime, &links),
        commit,
    )?;
    Ok(links.end().unwrap_or(end))
}

/// Writes all but the seals. If anything was posted, the group has then locked the end of the chain,
/// and everybody else who posts waits for its commit. Gives back where the chain ends.
pub(super) async fn write(
    client: &ClientWrapper,
    books: &PostgresBooks,
    mark: Mark,
    lifetime: i64,
) -> Result<End, Trouble> {
    let statements = Statements::prepare(client, books).await?;
    let [last] = prepared(client, [seals::LAST]).await?;
    let none = Links::default();
    let ((), end) = tokio::try_join!(
        biased;
        statements.write(books, mark, lifetime, &none),
        Table(client, &last).last_seal(),
    )?;
    Ok(end)
}

/// Seals what was posted behind the chain's end, and commits. Gives back where the chain ends then.
pub(super) async fn commit(
    client: &ClientWrapper,
    changes: &Changes,
    end: End,
) -> Result<End, Trouble> {
    let [seal] = prepared(client, [seals::APPEND]).await?;
    let links = Links::behind(end, &changes.sealed);
    tokio::try_join!(
        biased;
        links.append(client, &seal),
        client.batch_execute("COMMIT"),
    )?;
    Ok(links.end().unwrap_or(end))
}

/// The statements that write a group, ready to be sent together.
struct Statements<'c> {
    client: &'c ClientWrapper,
    group: Statement,
    /// Those that few groups need; `None` for a group that has nothing for them.
    others: Option<[Statement; 13]>,
}

impl<'c> Statements<'c> {
    /// Creates what is new, which other rows refer to, and prepares for the rest.
    async fn prepare(client: &'c ClientWrapper, books: &PostgresBooks) -> Result<Self, Trouble> {
        let PostgresBooks { records, changes, .. } = books;
        create(client, changes, records).await?;
        let [group] = prepared(client, [GROUP]).await?;
        let others = [
            rows::DESCRIPTIONS,
            rows::SETTINGS,
            rows::PASSWORDS,
            rows::CARDS,
            rows::MARKS,
            rows::MARKED_BOOKS,
            rows::NEW_HOLDS,
            rows::HOLDS,
            rows::EXPIRED,
            rows::ANSWERS,
            rows::PRUNE,
            rows::TOTALS,
            rows::AUDIT,
        ];
        let others = if changes.only_move() { None } else { Some(prepared(client, others).await?) };
        Ok(Self { client, group, others })
    }

    /// Sends them.
    async fn write(
        &self,
        books: &PostgresBooks,
        mark: Mark,
        lifetime: i64,
        links: &Links,
    ) -> Result<(), Trouble> {
        let group = group::write(self.client, &self.group, books, mark, links);
        match &self.others {
            None => group.await,
            // On the heap, since it holds a buffer for each of many statements.
            Some(others) => Box::pin(self.write_with(others, books, lifetime, group)).await,
        }
    }

    /// Sends those that few groups need around the one that all have.
    async fn write_with(
        &self,
        others: &[Statement; 13],
        books: &PostgresBooks,
        lifetime: i64,
        group: impl Future<Output = Result<(), Trouble>>,
    ) -> Result<(), Trouble> {
        let PostgresBooks { records, changes, .. } = books;
        let changed = Changed::of(changes, records);
        let [
            descriptions,
            settings,
            passwords,
            cards,
            marks,
            marked_books,
            new_holds,
            holds,
            expired,
            answers,
            prune,
            totals,
            audit,
        ] = others.each_ref().map(|statement| Table(self.client, statement));
        tokio::try_join!(
            biased;
            descriptions.descriptions(&changes.descriptions),
            settings.settings(&changed.users),
            passwords.passwords(changes),
            cards.cards(&changed.cards),
            marks.marks(&changes.marks),
            marked_books.marked_books(&changes.marked_books),
            new_holds.new_holds(&changed.new_holds),
            holds.holds(&changed.holds),
            expired.expired(changes),
            answers.answers(changes),
            prune.prune(changes, lifetime),
            totals.totals(changes),
            group,
            // Behind the counts, which the group has locked.
            audit.audit(records.clock, &changes.audit),
        )
        .map(drop)
    }
}

/// Writes acts that are no commands into the audit log, in a transaction of their own.
pub(super) async fn record(client: &ClientWrapper, acts: &[AuditLine]) -> Result<(), Trouble> {
    let [counts, audit] = prepared(client, [ADD_TO_COUNTS, rows::AUDIT]).await?;
    let clock = load::begin_at_time(client).await?;
    client.execute(&counts, &[&0_i64, &0_i64, &0_i64, &0_i64, &0_i64, &0_i64]).await?;
    Table(client, &audit).audit(clock, acts).await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// Creates what other rows refer to. Seldom enough to wait for each.
async fn create(
    client: &ClientWrapper,
    changes: &Changes,
    records: &Records,
) -> Result<(), Trouble> {
    let before = &changes.before;
    let users = changes.users.iter().filter(|id| id.number() >= before.user);
    let users: Vec<_> = users.filter_map(|id| records.users.get(id).cloned()).collect();
    if !users.is_empty() {
        customers::add_users(client, &users).await?;
    }
    // Where they stand is written like a change of what was there before.
    let accounts = changes.accounts.iter().filter(|id| id.number() >= before.account);
    let accounts = accounts.filter_map(|id| records.accounts.get(id));
    let accounts = accounts.map(|record| NewAccount::unmoved(record.account.clone()));
    customers::insert_accounts(client, &accounts.collect::<Vec<_>>()).await?;
    let cards = changes.cards.iter().filter(|(id, _)| id.number() >= before.card);
    let cards = cards.filter_map(|(id, account)| {
        records.accounts.get(account)?.cards.iter().find(|card| card.id == *id)
    });
    Ok(customers::insert_cards(client, &cards.cloned().collect::<Vec<_>>()).await?)
}

/// The records that are written as they stand now.
struct Changed<'r> {
    users: Vec<&'r User>,
    cards: Vec<CardBook>,
    new_holds: Vec<&'r Hold>,
    holds: Vec<&'r Hold>,
}

impl<'r> Changed<'r> {
    fn of(changes: &Changes, records: &'r Records) -> Self {
        let before = &changes.before;
        let users = changes.users.iter().filter(|id| id.number() < before.user);
        let card = |(id, account): (&CardId, &AccountId)| {
            let record = records.accounts.get(account)?;
            record.book.cards.iter().find(|card| card.card == *id).copied()
        };
        let holds = changes.holds.iter().filter_map(|id| records.holds.get(id));
        let (new_holds, holds) = holds.partition(|hold| hold.id.number() >= before.hold);
        Self {
            users: users.filter_map(|id| records.users.get(id)).collect(),
            cards: changes.cards.iter().filter_map(card).collect(),
            new_holds,
            holds,
        }
    }
}
