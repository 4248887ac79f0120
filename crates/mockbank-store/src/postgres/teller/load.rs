//! Reading and locking what a group of commands works on.
//!
//! Statements that do not need each other's answers are sent together, and the server carries them
//! out in their order. Rows are locked in one order by everybody: customers, accounts, then the
//! right to give out numbers. What depends on an account is read after its lock, so that it is as
//! the last holder of the lock has left it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::counter::{AccountRecord, Numbers};
use mockbank_bank::rules::Book;
use mockbank_bank::{AccountId, Card, CardId, Instant};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::books::Answered;
use super::needs::Needs;
use super::records::Records;
use super::trouble::Trouble;
use crate::Reply;
use crate::postgres::holds::{self, hold_columns};
use crate::postgres::lock::{NUMBERS, TIME};
use crate::postgres::row::{
    self, ACCOUNT_COLUMNS, account_columns, card_columns, damaged, instant, integer, money, number,
    user_columns,
};

const WORLD: &str = "SELECT clock, tableoid, currency FROM world";

const CARD_ACCOUNTS: &str = "SELECT number, account FROM card WHERE number = ANY($1::bigint[])";

const HOLD_ACCOUNTS: &str =
    "SELECT number, payer, payee, description FROM hold WHERE number = ANY($1::bigint[])";

const USERS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM customer u WHERE u.number = ANY($1::bigint[]) ORDER BY u.number FOR NO KEY UPDATE"
);

const ACCOUNTS: &str = concat!(
    "SELECT ",
    account_columns!(),
    ", a.held, a.latest FROM account a WHERE a.number = ANY($1::bigint[])
     ORDER BY a.number FOR NO KEY UPDATE"
);

const CARDS: &str = concat!(
    "SELECT ",
    card_columns!(),
    " FROM card c WHERE c.account = ANY($1::bigint[]) ORDER BY c.number"
);

const HOLDS: &str =
    concat!("SELECT ", hold_columns!(), " FROM hold WHERE number = ANY($1::bigint[])");

const USERNAMES: &str = "SELECT username FROM customer WHERE username = ANY($1::text[])";

const TEXTS: &str = "SELECT n.text, min(d.number)
    FROM unnest($1::text[]) AS n (text) JOIN description d ON d.text = n.text GROUP BY n.text";

const ANSWERS: &str = "SELECT k.owner, k.key, k.fingerprint, k.received_at, k.status, k.body
    FROM unnest($1::text[], $2::text[]) AS n (owner, key)
    JOIN idempotency k ON k.owner = n.owner AND k.key = n.key";

const LOCK_NUMBERS: &str = "SELECT pg_advisory_xact_lock($1)";

const LAST_NUMBERS: &str = "SELECT (SELECT coalesce(max(number), 0) FROM customer),
    (SELECT coalesce(max(number), 0) FROM account), (SELECT coalesce(max(number), 0) FROM card),
    (SELECT coalesce(max(number), 0) FROM hold),
    (SELECT coalesce(max(number), -1) FROM description)";

/// What was read for a group.
pub(super) struct Loaded {
    pub(super) records: Records,
    pub(super) answers: HashMap<(String, String), Answered>,
    /// Which table the world is, so that another world in its place is known.
    pub(super) world: u32,
}

/// Begins the transaction of a group, and reads and locks what it needs. `texts` are descriptions
/// whose numbers are known, `group` is the next free number of a transfer.
pub(super) async fn begin(
    client: &ClientWrapper,
    mut needs: Needs,
    texts: &HashMap<Arc<str>, u32>,
    group: i64,
) -> Result<Loaded, Trouble> {
    let detours = needs.has_detours();
    let card_accounts =
        if detours { follow_detours(client, &mut needs).await? } else { HashMap::new() };
    let known = |text: &String| texts.get(text.as_str()).map(|number| (text.clone(), *number));
    let known: HashMap<String, u32> = needs.texts.iter().filter_map(known).collect();
    needs.texts.retain(|text| !known.contains_key(text));

    let mut loaded = read(client, &needs, !detours).await?;
    let records = &mut loaded.records;
    records.numbers.group = group;
    records.card_accounts.extend(card_accounts);
    needs.texts.retain(|text| !records.texts.contains_key(text));
    records.texts.extend(known);
    if needs.numbers || !needs.texts.is_empty() {
        lock_numbers(client, &needs, &mut loaded).await?;
    }
    Ok(loaded)
}

/// Begins a transaction, and reads the bank's time, which stays until its end.
pub(super) async fn begin_at_time(client: &ClientWrapper) -> Result<Instant, Trouble> {
    let [world] = prepared(client, [WORLD]).await?;
    begin_with_time(client).await?;
    Ok(instant(&client.query_one(&world, &[]).await?, 0)?)
}

/// Begins, and finds the accounts that are named through cards and holds. Those never change hands,
/// so this may be read before anything is locked.
async fn follow_detours(
    client: &ClientWrapper,
    needs: &mut Needs,
) -> Result<HashMap<CardId, AccountId>, Trouble> {
    let [cards, holds] = prepared(client, [CARD_ACCOUNTS, HOLD_ACCOUNTS]).await?;
    let (card_numbers, hold_numbers) = (listed(&needs.cards), listed(&needs.holds));
    let ((), cards, holds) = tokio::try_join!(
        biased;
        begin_with_time(client),
        rows_of(client, &cards, &card_numbers),
        rows_of(client, &holds, &hold_numbers),
    )?;
    let mut accounts = HashMap::new();
    for row in &cards {
        let (card, account) = (CardId::new(number(row, 0)?), AccountId::new(number(row, 1)?));
        accounts.insert(card, account);
        needs.account_with_cards(account);
    }
    // A hold that is made from now on is unknown to the group, whose accounts it does not lock.
    needs.holds.clear();
    for row in &holds {
        needs.holds.insert(number(row, 0)?);
        needs.accounts.extend([number(row, 1)?, number(row, 2)?]);
        needs.texts.extend(row.try_get::<_, Option<String>>(3)?);
    }
    Ok(accounts)
}

/// Begins, waits until no step of time is under way, and keeps others from beginning.
async fn begin_with_time(client: &ClientWrapper) -> Result<(), Error> {
    client.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock_shared({TIME})")).await
}

/// Begins, unless that was done, and reads and locks what is needed.
async fn read(client: &ClientWrapper, needs: &Needs, begin: bool) -> Result<Loaded, Trouble> {
    let [world, users, accounts, cards, holds, texts, answers] =
        prepared(client, [WORLD, USERS, ACCOUNTS, CARDS, HOLDS, TEXTS, ANSWERS]).await?;
    let (user_numbers, account_numbers) = (listed(&needs.users), listed(&needs.accounts));
    let with_cards = listed(&needs.with_cards);
    let (hold_numbers, missing) = (listed(&needs.holds), listed(&needs.texts));
    let start = async { if begin { begin_with_time(client).await } else { Ok(()) } };
    let ((), world, users, accounts, cards, holds, texts, answers) = tokio::try_join!(
        biased;
        start,
        client.query_one(&world, &[]),
        rows_of(client, &users, &user_numbers),
        rows_of(client, &accounts, &account_numbers),
        rows_of(client, &cards, &with_cards),
        rows_of(client, &holds, &hold_numbers),
        rows_of(client, &texts, &missing),
        answers_to(client, &answers, &needs.keys),
    )?;
    let mut records = Records::new(instant(&world, 0)?, row::currency(&world, 2)?);
    records.accounts = account_records(&accounts, &cards)?;
    records.with_cards.extend(needs.with_cards.iter().map(|number| AccountId::new(*number)));
    for row in &users {
        let user = row::user(row)?;
        records.users.insert(user.id, user);
    }
    for row in &holds {
        let hold = holds::read(row)?;
        records.holds.insert(hold.id, hold);
    }
    for row in &texts {
        records.texts.insert(row.try_get(0)?, integer(row, 1)?);
    }
    let answers = answers.iter().map(answer).collect::<Result<_, Trouble>>()?;
    Ok(Loaded { records, answers, world: world.try_get(1)? })
}

/// Takes the right to give out numbers, and reads which are free, and which names are taken. What
/// was unknown before may have come meanwhile: numbers of texts, and answers of whoever had the
/// right before.
async fn lock_numbers(
    client: &ClientWrapper,
    needs: &Needs,
    Loaded { records, answers, .. }: &mut Loaded,
) -> Result<(), Trouble> {
    let [lock, last, texts, usernames, given] =
        prepared(client, [LOCK_NUMBERS, LAST_NUMBERS, TEXTS, USERNAMES, ANSWERS]).await?;
    let (missing, names) = (listed(&needs.texts), listed(&needs.usernames));
    let (_, last, texts, usernames, given) = tokio::try_join!(
        biased;
        client.query(&lock, &[&NUMBERS]),
        client.query_one(&last, &[]),
        rows_of(client, &texts, &missing),
        rows_of(client, &usernames, &names),
        answers_to(client, &given, &needs.keys),
    )?;
    let next = |column| last.try_get::<_, i64>(column).map(|last| last + 1);
    records.numbers = Numbers {
        user: next(0)?,
        account: next(1)?,
        card: next(2)?,
        hold: next(3)?,
        group: records.numbers.group,
        description: integer::<i64>(&last, 4)?
            .checked_add(1)
            .and_then(|next| u32::try_from(next).ok())
            .ok_or_else(|| damaged("a description has no valid number"))?,
    };
    for row in &texts {
        records.texts.insert(row.try_get(0)?, integer(row, 1)?);
    }
    for row in &usernames {
        records.usernames.insert(row.try_get(0)?);
    }
    for row in &given {
        let (key, given) = answer(row)?;
        answers.insert(key, given);
    }
    Ok(())
}

/// Statements that are ready to be sent, so that what is sent together arrives in its order.
pub(super) async fn prepared<const N: usize>(
    client: &ClientWrapper,
    sql: [&str; N],
) -> Result<[Statement; N], Trouble> {
    let mut statements = Vec::with_capacity(N);
    for sql in sql {
        statements.push(client.prepare_cached(sql).await?);
    }
    Ok(statements
        .try_into()
        .unwrap_or_else(|_| unreachable!("there are as many as were asked for")))
}

/// The rows of a list; nothing is sent for an empty one.
async fn rows_of<T: ToSql + Sync>(
    client: &ClientWrapper,
    statement: &Statement,
    list: &Vec<T>,
) -> Result<Vec<Row>, Error>
where
    Vec<T>: ToSql,
{
    if list.is_empty() { Ok(Vec::new()) } else { client.query(statement, &[list]).await }
}

async fn answers_to(
    client: &ClientWrapper,
    statement: &Statement,
    keys: &BTreeSet<(String, String)>,
) -> Result<Vec<Row>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (owners, keys): (Vec<&str>, Vec<&str>) =
        keys.iter().map(|(owner, key)| (owner.as_str(), key.as_str())).unzip();
    client.query(statement, &[&owners, &keys]).await
}

fn listed<T: Clone>(set: &BTreeSet<T>) -> Vec<T> {
    set.iter().cloned().collect()
}

fn account_records(
    accounts: &[Row],
    cards: &[Row],
) -> Result<HashMap<AccountId, AccountRecord>, Trouble> {
    let mut of_account: HashMap<AccountId, Vec<Card>> = HashMap::new();
    for row in cards {
        let card = row::card(row)?;
        of_account.entry(card.account).or_default().push(card);
    }
    let record = |row| {
        let account = row::account(row)?;
        let cards = of_account.remove(&account.id).unwrap_or_default();
        let book = Book {
            account: account.id,
            status: account.status,
            currency: account.currency,
            balance: account.balance,
            held: money(row, ACCOUNT_COLUMNS)?,
            postings: account.postings,
            latest: instant(row, ACCOUNT_COLUMNS + 1)?,
            cards: cards.iter().map(row::card_book).collect(),
        };
        Ok((account.id, AccountRecord { account, cards: cards.into(), book }))
    };
    accounts.iter().map(record).collect()
}

fn answer(row: &Row) -> Result<((String, String), Answered), Trouble> {
    let fingerprint: &[u8] = row.try_get(2)?;
    let answered = Answered {
        fingerprint: fingerprint
            .try_into()
            .map_err(|_| damaged("a kept answer has no valid fingerprint"))?,
        received_at: row.try_get(3)?,
        reply: Reply { status: integer(row, 4)?, body: row.try_get(5)? },
    };
    Ok(((row.try_get(0)?, row.try_get(1)?), answered))
}
