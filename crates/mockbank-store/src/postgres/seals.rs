//! The chain of seals in the database.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{Instant, Posting};
use tokio_postgres::Row;

use super::read::{all, one};
use super::row::{self, POSTING_COLUMNS, damaged, instant, long, posting_columns};
use crate::Result;
use crate::seal::{FIRST, RunSum, Seal, SealHash, Sealed};

/// Seals what a step posted between two instants, behind all that is sealed.
pub(super) async fn append_step(
    client: &ClientWrapper,
    (since, until): (Instant, Instant),
    postings: u64,
    sum: RunSum,
) -> Result<()> {
    let sql = "SELECT number, hash FROM seal ORDER BY number DESC LIMIT 1";
    let read = |row: &_| Ok((long::<i64>(row, 0)?, hash(row, 1)?));
    let (last, before) = one(client, sql, &[], read).await?.unwrap_or((0, FIRST));
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
