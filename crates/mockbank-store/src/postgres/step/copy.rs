//! Bulk insertion of postings, by `COPY` in the binary format of `PostgreSQL`.

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::ClientWrapper;
use futures_util::SinkExt;
use mockbank_bank::PostingBatch;

use super::invalid;
use crate::Result;

/// The columns of a fixed length come first, so that most of a row has fixed places.
macro_rules! copy {
    ($more:literal) => {
        concat!(
            "COPY posting (account, sequence, at, amount, contra, balance, card_balance, reference,
             category, description, place, kind, card, transfer_group)
             FROM STDIN (FORMAT binary",
            $more,
            ")"
        )
    };
}

/// Into a table that others may look at.
const COPY: &str = copy!("");

/// Into a table that is new to the transaction.
const COPY_TO_NEW: &str = copy!(", FREEZE");

/// Number of columns.
const COLUMNS: u16 = 14;

/// Columns of 64 bits at the beginning of a row.
const LONGS: usize = 8;

/// Columns of 32 bits behind them.
const INTEGERS: usize = 3;

/// Bytes of a row up to the end of its columns of a fixed length.
const FIXED: usize = 2 + LONGS * 12 + INTEGERS * 8 + 6;

/// A row's beginning with the lengths of its columns in their places.
const TEMPLATE: [u8; FIXED] = template();

/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// In place of a number of columns: the end.
const TRAILER: i16 = -1;

/// Length of a `NULL`.
const NULL: i32 = -1;

/// Bytes that are sent at once: one message of the protocol, and one write to the socket.
const CHUNK: usize = 1 << 19;

/// Most bytes of a row.
const ROW: usize = FIXED + 2 * 12;

/// Inserts a batch into a table that may be new to the transaction, and has it checked by `check`
/// while the server works.
pub(super) async fn postings(
    client: &ClientWrapper,
    batch: &PostingBatch,
    new: bool,
    check: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let statement = client.prepare_cached(if new { COPY_TO_NEW } else { COPY }).await?;
    let mut sink = pin!(client.copy_in::<_, Bytes>(&statement).await?);
    let all = HEADER.len() + batch.len() * ROW + size_of_val(&TRAILER);
    let mut chunk = BytesMut::with_capacity(all.min(CHUNK + ROW));
    chunk.put_slice(HEADER);
    for row in 0..batch.len() {
        put_row(&mut chunk, batch, row)?;
        if chunk.len() >= CHUNK {
            let full = std::mem::replace(&mut chunk, BytesMut::with_capacity(CHUNK + ROW));
            sink.send(full.freeze()).await?;
        }
    }
    chunk.put_i16(TRAILER);
    sink.send(chunk.freeze()).await?;
    check()?;
    sink.finish().await?;
    Ok(())
}

/// Writes a row in the order of the columns of [`COPY`].
#[inline]
fn put_row(out: &mut BytesMut, batch: &PostingBatch, row: usize) -> Result<()> {
    let mut bytes = TEMPLATE;
    let (longs, rest) = bytes[2..].split_at_mut(LONGS * 12);
    let (integers, kind) = rest.split_at_mut(INTEGERS * 8);
    let values = [
        batch.account[row],
        batch.sequence[row],
        batch.at[row],
        batch.amount[row],
        batch.contra[row],
        batch.balance[row],
        batch.card_balance[row],
        batch.reference[row],
    ];
    for (place, value) in longs.as_chunks_mut::<12>().0.iter_mut().zip(values) {
        place[4..].copy_from_slice(&value.to_be_bytes());
    }
    let values =
        [batch.category[row].into(), number(batch.description[row])?, number(batch.place[row])?];
    for (place, value) in integers.as_chunks_mut::<8>().0.iter_mut().zip(values) {
        place[4..].copy_from_slice(&i32::to_be_bytes(value));
    }
    kind[4..].copy_from_slice(&i16::from(batch.kind[row]).to_be_bytes());
    out.put_slice(&bytes);
    put_some(out, batch.card[row]);
    put_some(out, batch.group[row]);
    Ok(())
}

const fn template() -> [u8; FIXED] {
    let mut bytes = [0; FIXED];
    bytes[1] = COLUMNS.to_be_bytes()[1];
    let mut at = 2;
    while at < FIXED {
        let length = if at < 2 + LONGS * 12 {
            8
        } else if at < FIXED - 6 {
            4
        } else {
            2
        };
        bytes[at + 3] = length;
        at += 4 + length as usize;
    }
    bytes
}

/// A number that batches write as 0 where there is none.
#[inline]
fn put_some(out: &mut BytesMut, value: i64) {
    if value == 0 {
        out.put_i32(NULL);
    } else {
        out.put_i32(8);
        out.put_i64(value);
    }
}

/// The database's integers have a sign, so its dictionaries end half-way.
#[inline]
fn number(value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|_| invalid(format!("a dictionary has no number {value}")))
}
