//! What nearly every group writes, in one statement.
//!
//! A statement for each table would cost both sides a message, an answer and a plan's start for
//! each. Lists are unnested side by side in what is selected: as a table of their own, the server
//! would first store each of them.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::PostingBatch;
use mockbank_bank::counter::AccountRecord;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::books::PostgresBooks;
use super::rows::dictionary_number;
use super::trouble::Trouble;
use crate::Result;
use crate::postgres::daily;
use crate::postgres::row::damaged;
use crate::postgres::seals::Links;
use crate::postgres::step::customers::column;
use crate::tally::CustomersMoved;

/// Which group of which teller is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) teller: i64,
    pub(super) group: i64,
}

/// Leaves the group's mark in the teller's own row, which others delete when it was idle for long.
/// The days and the seals come behind the counts, whose lock keeps others from both.
///
/// The commit may follow in the same breath, so the server itself has to refuse a group of which a
/// row was not there: it divides by zero then, which spoils the transaction.
pub(super) const GROUP: &str = "WITH mark AS (
        INSERT INTO teller (last_group, number) OVERRIDING SYSTEM VALUE VALUES ($1, $2)
        ON CONFLICT (number) DO UPDATE SET last_group = excluded.last_group, used_at = now()
    ), posted AS (
        INSERT INTO posting (account, sequence, at, amount, contra, balance, card_balance,
            reference, category, description, place, kind, card, transfer_group)
        SELECT unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]),
            unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]),
            unnest($9::bigint[]), unnest($10::bigint[]), unnest($11::integer[]),
            unnest($12::integer[]), unnest($13::integer[]), unnest($14::smallint[]),
            nullif(unnest($15::bigint[]), 0), nullif(unnest($16::bigint[]), 0)
    ), saved AS (
        UPDATE account a SET status = n.status, balance = n.balance, held = n.held,
            postings = n.postings, latest = n.latest
        FROM (SELECT unnest($17::bigint[]) AS number, unnest($18::smallint[]) AS status,
            unnest($19::bigint[]) AS balance, unnest($20::bigint[]) AS held,
            unnest($21::bigint[]) AS postings, unnest($22::bigint[]) AS latest) AS n
        WHERE a.number = n.number RETURNING a.number
    ), counted AS (
        UPDATE counts SET customers = customers + $24, accounts = accounts + $25,
            cards = cards + $26, transactions = transactions + $27, deposits = deposits + $28,
            card_debt = card_debt + $29
        WHERE $23::integer = 1 RETURNING id
    ), days AS (
        INSERT INTO daily_total AS d (day, on_card, kind, category, postings, credits, debits)
        SELECT unnest($30::integer[]), unnest($31::boolean[]), unnest($32::smallint[]),
            unnest($33::integer[]), unnest($34::bigint[]), unnest($35::bigint[]),
            unnest($36::bigint[])
        WHERE EXISTS (SELECT FROM counted)
        ON CONFLICT (day, on_card, kind, category) DO UPDATE SET
            postings = d.postings + excluded.postings, credits = d.credits + excluded.credits,
            debits = d.debits + excluded.debits
    ), sealed AS (
        INSERT INTO seal (number, first_account, first_sequence, second_account, second_sequence,
            postings, hash)
        SELECT unnest($37::bigint[]), unnest($38::bigint[]), unnest($39::bigint[]),
            unnest($40::bigint[]), unnest($41::bigint[]), unnest($42::bigint[]),
            unnest($43::bytea[])
        WHERE EXISTS (SELECT FROM counted)
    )
    SELECT 1 / CASE WHEN (SELECT count(*) FROM saved) = cardinality($17)
        AND (SELECT count(*) FROM counted) = $23::integer THEN 1 ELSE 0 END";

type Param<'a> = &'a (dyn ToSql + Sync);

/// Writes a group's mark, postings, accounts, counts, days and seals.
pub(super) async fn write(
    client: &ClientWrapper,
    statement: &Statement,
    books: &PostgresBooks,
    mark: Mark,
    links: &Links,
) -> Result<(), Trouble> {
    let PostgresBooks { records, changes, .. } = books;
    let postings = Postings::of(&changes.postings)?;
    let accounts = changes.accounts.iter().filter_map(|id| records.accounts.get(id));
    let accounts: Vec<&AccountRecord> = accounts.collect();
    let saved = Accounts::of(&accounts);
    let (before, now) = (&changes.before, &records.numbers);
    let days = changes.daily.totals();
    // Accounts that commands open are empty.
    let moved = CustomersMoved::new(&days, 0)?;
    let days = daily::Columns::of(&days)?;
    let append = i32::from(changes.append());
    let added = [now.user - before.user, now.account - before.account, now.card - before.card];
    let hashes = links.hashes();
    let posted = i64::try_from(changes.postings.len()).unwrap_or(i64::MAX);
    let counts: [Param<'_>; 7] =
        [&append, &added[0], &added[1], &added[2], &posted, &moved.deposits, &moved.card_debt];
    let mut params: Vec<Param<'_>> = vec![&mark.group, &mark.teller];
    params.extend(postings.params());
    params.extend(saved.params());
    params.extend(counts);
    params.extend(days.params());
    params.extend(links.columns());
    params.push(&hashes);
    match client.execute(statement, &params).await {
        Err(error) if error.code() == Some(&SqlState::DIVISION_BY_ZERO) => {
            Err(damaged("a row that was locked is gone").into())
        }
        written => Ok(written.map(drop)?),
    }
}

/// A batch with the columns that the database has in other types.
struct Postings<'b> {
    batch: &'b PostingBatch,
    category: Vec<i32>,
    description: Vec<i32>,
    place: Vec<i32>,
    kind: Vec<i16>,
}

impl<'b> Postings<'b> {
    fn of(batch: &'b PostingBatch) -> Result<Self> {
        let numbers = |column: &[u32]| -> Result<Vec<i32>> {
            column.iter().copied().map(dictionary_number).collect()
        };
        Ok(Self {
            category: column(&batch.category, |category| i32::from(*category)),
            description: numbers(&batch.description)?,
            place: numbers(&batch.place)?,
            kind: column(&batch.kind, |kind| i16::from(*kind)),
            batch,
        })
    }

    fn params(&self) -> [Param<'_>; 14] {
        let Self { batch, category, description, place, kind } = self;
        [
            &batch.account,
            &batch.sequence,
            &batch.at,
            &batch.amount,
            &batch.contra,
            &batch.balance,
            &batch.card_balance,
            &batch.reference,
            category,
            description,
            place,
            kind,
            &batch.card,
            &batch.group,
        ]
    }
}

/// Where accounts stand.
struct Accounts {
    number: Vec<i64>,
    status: Vec<i16>,
    balance: Vec<i64>,
    held: Vec<i64>,
    postings: Vec<i64>,
    latest: Vec<i64>,
}

impl Accounts {
    fn of(rows: &[&AccountRecord]) -> Self {
        Self {
            number: column(rows, |record| record.book.account.number()),
            status: column(rows, |record| i16::from(record.book.status.code())),
            balance: column(rows, |record| record.book.balance.minor()),
            held: column(rows, |record| record.book.held.minor()),
            postings: column(rows, |record| record.book.postings.cast_signed()),
            latest: column(rows, |record| record.book.latest.seconds()),
        }
    }

    fn params(&self) -> [Param<'_>; 6] {
        let Self { number, status, balance, held, postings, latest } = self;
        [number, status, balance, held, postings, latest]
    }
}
