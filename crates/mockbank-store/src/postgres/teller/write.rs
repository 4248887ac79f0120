//! Writing what a group has changed, and committing it.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::counter::AccountRecord;
use mockbank_bank::rules::CardBook;
use mockbank_bank::{AccountId, CardId, Hold, User};

use super::books::{AuditLine, Changes, PostgresBooks};
use super::load::{self, prepared};
use super::records::Records;
use super::rows::{self, Table};
use super::trouble::Trouble;
use crate::postgres::step::{ADD_TO_COUNTS, copy, customers};
use crate::postgres::{daily, seals};
use crate::seal::SealHash;
use crate::tally::CustomersMoved;

/// Which group of which teller is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) teller: i64,
    pub(super) group: i64,
}

/// Writes all but the seals. If anything was posted, the group has then locked the end of the chain,
/// and everybody else who posts waits for its commit. Gives back the last seal's number and hash.
pub(super) async fn write(
    client: &ClientWrapper,
    books: &PostgresBooks,
    mark: Mark,
    lifetime: i64,
) -> Result<(i64, SealHash), Trouble> {
    let PostgresBooks { records, changes, .. } = books;
    create(client, changes, records).await?;
    post(client, changes).await?;
    let statements = prepared(
        client,
        [
            rows::DESCRIPTIONS,
            rows::SETTINGS,
            rows::PASSWORDS,
            rows::ACCOUNTS,
            rows::CARDS,
            rows::MARKS,
            rows::MARKED_BOOKS,
            rows::NEW_HOLDS,
            rows::HOLDS,
            rows::ANSWERS,
            rows::PRUNE,
            rows::TOTALS,
            rows::GROUP,
            ADD_TO_COUNTS,
            rows::AUDIT,
            seals::LAST,
        ],
    )
    .await?;
    let [
        descriptions,
        settings,
        passwords,
        accounts,
        cards,
        marks,
        marked_books,
        new_holds,
        holds,
        ..,
    ] = statements.each_ref().map(|statement| Table(client, statement));
    let [.., answers, prune, totals, group, counts, audit, last] =
        statements.each_ref().map(|statement| Table(client, statement));
    let changed = Changed::of(changes, records);
    let posted = changes.daily.totals();
    // Accounts that commands open are empty.
    let moved = CustomersMoved::new(&posted, 0)?;
    let (.., last) = tokio::try_join!(
        biased;
        descriptions.descriptions(&changes.descriptions),
        settings.settings(&changed.users),
        passwords.passwords(changes),
        accounts.accounts(&changed.accounts),
        cards.cards(&changed.cards),
        marks.marks(&changes.marks),
        marked_books.marked_books(&changes.marked_books),
        new_holds.new_holds(&changed.new_holds),
        holds.holds(&changed.holds),
        answers.answers(changes, lifetime),
        prune.prune(changes, lifetime),
        totals.totals(changes),
        group.group(mark),
        counts.counts(changes, records, moved),
        // Behind the counts, whose lock keeps others from the same days.
        async { Ok(daily::add(client, &posted).await?) },
        audit.audit(records.clock, &changes.audit),
        last.last_seal(),
    )?;
    Ok(last)
}

/// Seals what was posted, and commits.
pub(super) async fn commit(
    client: &ClientWrapper,
    changes: &Changes,
    last: (i64, SealHash),
) -> Result<(), Trouble> {
    let [seal] = prepared(client, [seals::APPEND]).await?;
    let links = seals::Links::behind(last, &changes.sealed);
    tokio::try_join!(
        biased;
        links.append(client, &seal),
        client.batch_execute("COMMIT"),
    )?;
    Ok(())
}

/// Writes acts that are no commands into the audit log, in a transaction of their own.
pub(super) async fn record(client: &ClientWrapper, acts: &[AuditLine]) -> Result<(), Trouble> {
    let [counts, audit] = prepared(client, [ADD_TO_COUNTS, rows::AUDIT]).await?;
    client.batch_execute("BEGIN").await?;
    let clock = load::share_time(client).await?;
    client.execute(&counts, &[&0_i64, &0_i64, &0_i64, &0_i64, &0_i64, &0_i64]).await?;
    Table(client, &audit).audit(clock, acts).await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// Inserts the postings, by `COPY` however few there are: it puts many rows on a page at once, which
/// costs the server less than to insert them one by one.
async fn post(client: &ClientWrapper, changes: &Changes) -> Result<(), Trouble> {
    let copied = copy::postings(client, &changes.postings, || Ok(())).await;
    copied.map_err(|error| if client.is_closed() { Trouble::Lost(error) } else { error.into() })
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
    let accounts: Vec<_> = accounts.map(|record| record.account.clone()).collect();
    if !accounts.is_empty() {
        customers::add_accounts(client, &accounts).await?;
    }
    let cards = changes.cards.iter().filter(|(id, _)| id.number() >= before.card);
    let cards = cards.filter_map(|(id, account)| {
        records.accounts.get(account)?.cards.iter().find(|card| card.id == *id)
    });
    let cards: Vec<_> = cards.cloned().collect();
    if !cards.is_empty() {
        customers::add_cards(client, &cards).await?;
    }
    Ok(())
}

/// The records that are written as they stand now.
struct Changed<'r> {
    users: Vec<&'r User>,
    accounts: Vec<&'r AccountRecord>,
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
            accounts: changes.accounts.iter().filter_map(|id| records.accounts.get(id)).collect(),
            cards: changes.cards.iter().filter_map(card).collect(),
            new_holds,
            holds,
        }
    }
}
