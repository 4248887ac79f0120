//! The chain of seals in the database.

use std::sync::LazyLock;

use mockbank_bank::{Instant, Posting};
use rusqlite::{Connection, Row};

use super::read;
use super::row::{self, damaged, narrow, posting_columns};
use super::step::insert::Rows;
use crate::Result;
use crate::seal::{self, FIRST, RunSum, Seal, SealHash, Sealed};

/// Number and hash of the last seal.
pub(super) fn last(connection: &Connection) -> Result<Option<(i64, SealHash)>> {
    let sql = "SELECT number, hash FROM seal ORDER BY number DESC LIMIT 1";
    read::one(connection, sql, [], |row| Ok((row.get(0)?, hash(row, 1)?)))
}

/// A seal of a command's postings that is not written yet.
#[derive(Debug)]
pub(super) struct CommandSeal {
    number: i64,
    /// Account and sequence of each posting, one or two.
    first: Option<(i64, i64)>,
    second: Option<(i64, i64)>,
    postings: i64,
    hash: SealHash,
}

impl CommandSeal {
    /// Seals a command's postings, behind a seal with this number and hash.
    pub(super) fn new((last, before): (i64, SealHash), postings: &[Posting]) -> Self {
        let number = last + 1;
        let place = |p: &Posting| (p.account.number(), p.sequence.cast_signed());
        Self {
            number,
            first: postings.first().map(place),
            second: postings.get(1).map(place),
            postings: i64::try_from(postings.len()).unwrap_or(i64::MAX),
            hash: seal::command_hash(&before, number, postings),
        }
    }

    /// Number and hash.
    pub(super) fn link(&self) -> (i64, SealHash) {
        (self.number, self.hash)
    }
}

const COMMAND_COLUMNS: usize = 7;

static COMMANDS: LazyLock<Rows> = LazyLock::new(|| {
    let into = "seal (number, first_account, first_sequence, second_account, second_sequence,
        postings, hash)";
    Rows::one_by_one(into, COMMAND_COLUMNS)
});

/// Writes seals of commands.
pub(super) fn append(connection: &Connection, seals: &[CommandSeal]) -> Result<()> {
    COMMANDS.insert(connection, seals.len(), |statement, before, row| {
        let seal = &seals[row];
        let (first, second) = (seal.first.unzip(), seal.second.unzip());
        statement.raw_bind_parameter(before + 1, seal.number)?;
        statement.raw_bind_parameter(before + 2, first.0)?;
        statement.raw_bind_parameter(before + 3, first.1)?;
        statement.raw_bind_parameter(before + 4, second.0)?;
        statement.raw_bind_parameter(before + 5, second.1)?;
        statement.raw_bind_parameter(before + 6, seal.postings)?;
        statement.raw_bind_parameter(before + COMMAND_COLUMNS, seal.hash)
    })
}

/// Seals what a step posted between two instants, behind all that is sealed.
pub(super) fn append_step(
    connection: &Connection,
    (since, until): (Instant, Instant),
    postings: u64,
    sum: RunSum,
) -> Result<()> {
    let (last, before) = last(connection)?.unwrap_or((0, FIRST));
    let number = last + 1;
    let hash = Sealed::Step { since, until, postings, sum }.hash(&before, number);
    connection
        .prepare_cached(
            "INSERT INTO seal (number, since, until, postings, sum, hash)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            number,
            since.seconds(),
            until.seconds(),
            postings.cast_signed(),
            sum.to_bytes(),
            hash,
        ))?;
    Ok(())
}

/// Columns of a seal, behind which [`read_seal`] reads those of its two postings.
const SEAL_COLUMNS: usize = 6;

const POSTING_COLUMNS: usize = 14;

/// Up to `limit` seals behind number `after`, with the postings that they stand for as they are
/// now.
pub(super) fn seals(connection: &Connection, after: i64, limit: i64) -> Result<Vec<Seal>> {
    let second = posting_columns!().replace("p.", "q.");
    let sql = format!(
        "SELECT s.number, s.since, s.until, s.postings, s.sum, s.hash, {}, {second} FROM seal s
         LEFT JOIN posting p ON p.account = s.first_account AND p.sequence = s.first_sequence
         LEFT JOIN posting q ON q.account = s.second_account AND q.sequence = s.second_sequence
         WHERE s.number > ? ORDER BY s.number LIMIT ?",
        posting_columns!()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([after, limit])?;
    let mut seals = Vec::new();
    while let Some(row) = rows.next()? {
        seals.push(read_seal(row)?);
    }
    Ok(seals)
}

fn read_seal(row: &Row) -> Result<Seal> {
    let content = match row.get::<_, Option<[u8; 64]>>(4) {
        Ok(Some(sum)) => Sealed::Step {
            since: Instant::from_seconds(row.get(1)?),
            until: Instant::from_seconds(row.get(2)?),
            postings: narrow(row, 3)?,
            sum: RunSum::from_bytes(&sum),
        },
        Ok(None) => Sealed::Command(postings(row)?),
        Err(_) => return Err(damaged("a seal has no valid sum")),
    };
    Ok(Seal { number: row.get(0)?, content, hash: hash(row, 5)? })
}

fn postings(row: &Row) -> Result<Vec<Posting>> {
    let mut postings = Vec::with_capacity(2);
    for first in [SEAL_COLUMNS, SEAL_COLUMNS + POSTING_COLUMNS] {
        if row.get::<_, Option<i64>>(first)?.is_some() {
            postings.push(row::posting(row, first)?);
        }
    }
    Ok(postings)
}

fn hash(row: &Row, column: usize) -> Result<SealHash> {
    row.get(column).map_err(|_| damaged("a seal has no valid hash"))
}
