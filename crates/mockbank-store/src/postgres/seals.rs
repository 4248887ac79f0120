//! The chain of seals in the database.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{Instant, Posting};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::read::{all, one};
use super::row::{self, POSTING_COLUMNS, damaged, instant, long, posting_columns};
use crate::Result;
use crate::seal::{FIRST, RunSum, Seal, SealHash, Sealed};

/// The last seal, which [`last`] reads.
pub(super) const LAST: &str = "SELECT number, hash FROM seal ORDER BY number DESC LIMIT 1";

/// Appends [`Links`].
pub(super) const APPEND: &str = "INSERT INTO seal (number, first_account, first_sequence,
        second_account, second_sequence, postings, hash)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
        $6::bigint[], $7::bytea[])";

/// Number and hash of the last seal.
pub(super) fn last(row: &Row) -> Result<(i64, SealHash)> {
    Ok((long(row, 0)?, hash(row, 1)?))
}

/// Seals of commands, as rows.
#[derive(Default)]
pub(super) struct Links {
    number: Vec<i64>,
    first: [Vec<Option<i64>>; 2],
    second: [Vec<Option<i64>>; 2],
    postings: Vec<i64>,
    hash: Vec<SealHash>,
}

impl Links {
    /// Seals what commands posted, behind a seal with this number and hash.
    pub(super) fn behind((mut number, mut hash): (i64, SealHash), commands: &[Sealed]) -> Self {
        let mut links = Self::default();
        for (command, postings) in commands.iter().filter_map(of_command) {
            number += 1;
            hash = command.hash(&hash, number);
            let place = |index: usize| {
                let place = |p: &Posting| (p.account.number(), p.sequence.cast_signed());
                postings.get(index).map(place).unzip()
            };
            links.number.push(number);
            for (columns, (account, sequence)) in
                [(&mut links.first, place(0)), (&mut links.second, place(1))]
            {
                columns[0].push(account);
                columns[1].push(sequence);
            }
            links.postings.push(i64::try_from(postings.len()).unwrap_or(i64::MAX));
            links.hash.push(hash);
        }
        links
    }

    /// Number and hash of the last of them.
    pub(super) fn end(&self) -> Option<(i64, SealHash)> {
        self.number.last().copied().zip(self.hash.last().copied())
    }

    /// Writes them with the statement of [`APPEND`], if there are any.
    pub(super) async fn append(
        &self,
        client: &ClientWrapper,
        append: &Statement,
    ) -> Result<(), Error> {
        if self.number.is_empty() {
            return Ok(());
        }
        let hashes = self.hashes();
        let mut columns = self.columns().to_vec();
        columns.push(&hashes);
        client.execute(append, &columns).await.map(drop)
    }

    /// The hashes as the database takes them.
    pub(super) fn hashes(&self) -> Vec<&[u8]> {
        self.hash.iter().map(|hash| &hash[..]).collect()
    }

    /// The columns in the order of [`APPEND`], but for the hashes behind them.
    pub(super) fn columns(&self) -> [&(dyn ToSql + Sync); 6] {
        let Self { number, first, second, postings, .. } = self;
        [number, &first[0], &first[1], &second[0], &second[1], postings]
    }
}

/// A command's seal with its postings.
fn of_command(sealed: &Sealed) -> Option<(&Sealed, &[Posting])> {
    match sealed {
        Sealed::Command(postings) => Some((sealed, postings)),
        Sealed::Step { .. } => None,
    }
}

/// Seals what a step posted between two instants, behind all that is sealed.
pub(super) async fn append_step(
    client: &ClientWrapper,
    (since, until): (Instant, Instant),
    postings: u64,
    sum: RunSum,
) -> Result<()> {
    let (last, before) = one(client, LAST, &[], last).await?.unwrap_or((0, FIRST));
    let number = last + 1;
    let hash = Sealed::Step { since, until, postings, sum }.hash(&before, number);
    let sql = "INSERT INTO seal (number, since, until, postings, sum, hash)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let statement = client.prepare_cached(sql).await?;
    let (since, until) = (since.seconds(), until.seconds());
    let (sum, hash) = (&sum.to_bytes()[..], &hash[..]);
    let postings = postings.cast_signed();
    client.execute(&statement, &[&number, &since, &until, &postings, &sum, &hash]).await?;
    Ok(())
}

/// Columns of a seal, behind which [`seal`] reads those of its two postings.
const SEAL_COLUMNS: usize = 6;

/// Up to `limit` seals behind number `after`, with the postings that they stand for as they are
/// now.
pub(super) async fn seals(client: &ClientWrapper, after: i64, limit: i64) -> Result<Vec<Seal>> {
    let second = posting_columns!().replace("p.", "q.");
    let sql = format!(
        "SELECT s.number, s.since, s.until, s.postings, s.sum, s.hash, {}, {second} FROM seal s
         LEFT JOIN posting p ON p.account = s.first_account AND p.sequence = s.first_sequence
         LEFT JOIN posting q ON q.account = s.second_account AND q.sequence = s.second_sequence
         WHERE s.number > $1 ORDER BY s.number LIMIT $2",
        posting_columns!()
    );
    all(client, &sql, &[&after, &limit], seal).await
}

fn seal(row: &Row) -> Result<Seal> {
    let content = match row.try_get::<_, Option<&[u8]>>(4)? {
        Some(sum) => Sealed::Step {
            since: instant(row, 1)?,
            until: instant(row, 2)?,
            postings: long(row, 3)?,
            sum: RunSum::from_bytes(
                sum.try_into().map_err(|_| damaged("a seal has no valid sum"))?,
            ),
        },
        None => Sealed::Command(postings(row)?),
    };
    Ok(Seal { number: row.try_get(0)?, content, hash: hash(row, 5)? })
}

fn postings(row: &Row) -> Result<Vec<Posting>> {
    let mut postings = Vec::with_capacity(2);
    for first in [SEAL_COLUMNS, SEAL_COLUMNS + POSTING_COLUMNS] {
        if row.try_get::<_, Option<i64>>(first)?.is_some() {
            postings.push(row::posting(row, first)?);
        }
    }
    Ok(postings)
}

fn hash(row: &Row, column: usize) -> Result<SealHash> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|_| damaged("a seal has no valid hash"))
}
