//! Bulk insertion of postings, by `COPY` in the binary format of `PostgreSQL`.

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::ClientWrapper;
use futures_util::SinkExt;
use mockbank_bank::PostingBatch;

use super::invalid;
use crate::Result;

const COPY: &str = "COPY posting (account, sequence, at, amount, contra, balance, card_balance,
    reference, card, transfer_group, category, description, place, kind) FROM STDIN (FORMAT binary)";

/// Number of columns.
const COLUMNS: i16 = 14;

/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// In place of a number of columns: the end.
const TRAILER: i16 = -1;

/// Length of a `NULL`.
const NULL: i32 = -1;

/// Bytes that are sent at once: one message of the protocol, and one write to the socket.
const CHUNK: usize = 1 << 17;

/// Most bytes of a row.
const ROW: usize = 2 + 14 * 4 + 10 * 8 + 3 * 4 + 2;

/// Inserts a batch; the checks are the caller's.
pub(super) async fn postings(client: &ClientWrapper, batch: &PostingBatch) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let statement = client.prepare_cached(COPY).await?;
    let mut sink = pin!(client.copy_in::<_, Bytes>(&statement).await?);
    let mut chunk = BytesMut::with_capacity(CHUNK + ROW);
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
    sink.finish().await?;
    Ok(())
}

/// Writes a row in the order of the columns of [`COPY`].
#[inline]
fn put_row(out: &mut BytesMut, batch: &PostingBatch, row: usize) -> Result<()> {
    out.put_i16(COLUMNS);
    put_long(out, batch.account[row]);
    put_long(out, batch.sequence[row]);
    put_long(out, batch.at[row]);
    put_long(out, batch.amount[row]);
    put_long(out, batch.contra[row]);
    put_long(out, batch.balance[row]);
    put_long(out, batch.card_balance[row]);
    put_long(out, batch.reference[row]);
    put_some(out, batch.card[row]);
    put_some(out, batch.group[row]);
    put_integer(out, batch.category[row].into());
    put_integer(out, number(batch.description[row])?);
    put_integer(out, number(batch.place[row])?);
    out.put_i32(2);
    out.put_i16(batch.kind[row].into());
    Ok(())
}

#[inline]
fn put_long(out: &mut BytesMut, value: i64) {
    out.put_i32(8);
    out.put_i64(value);
}

#[inline]
fn put_integer(out: &mut BytesMut, value: i32) {
    out.put_i32(4);
    out.put_i32(value);
}

/// A number that batches write as 0 where there is none.
#[inline]
fn put_some(out: &mut BytesMut, value: i64) {
    if value == 0 { out.put_i32(NULL) } else { put_long(out, value) }
}

/// The database's integers have a sign, so its dictionaries end half-way.
#[inline]
fn number(value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|_| invalid(format!("a dictionary has no number {value}")))
}
