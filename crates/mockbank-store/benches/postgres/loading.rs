//! A load, beside one bare `COPY`.

use std::pin::pin;
use std::sync::LazyLock;

use bytes::{BufMut as _, Bytes, BytesMut};
use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::SinkExt as _;
use mockbank_bank::PostingBatch;
use tokio_postgres::{Client, NoTls};

use super::{SERVER, YEAR, cpu, load, runtime};

#[divan::bench(sample_count = 5, sample_size = 1)]
fn store(bencher: Bencher) {
    LazyLock::force(&YEAR);
    bencher
        .counter(ItemsCount::new(YEAR.postings.len()))
        .with_inputs(|| SERVER.database())
        .bench_refs(|url| load(url));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn bare(bencher: Bencher) {
    let rows = encoded(&YEAR.postings);
    bencher
        .counter(ItemsCount::new(YEAR.postings.len()))
        .with_inputs(|| SERVER.database())
        .bench_refs(|url| bare_load(url, &rows));
}

/// Prints how near the store is to the bare limit, in CPU time.
pub(crate) fn compare() {
    let rows = encoded(&YEAR.postings);
    cpu::compare(
        "loading",
        &SERVER,
        || SERVER.database(),
        |url| load(url),
        |url| bare_load(url, &rows),
    );
}

fn bare_load(url: &str, rows: &[Bytes]) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        copy(&client, rows).await;
    });
}

/// The rows as `COPY` takes them, made beforehand.
fn encoded(batch: &PostingBatch) -> Vec<Bytes> {
    let some = |number: i64| (number != 0).then_some(number);
    let mut chunks = vec![Bytes::from_static(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0")];
    let mut chunk = BytesMut::new();
    for row in 0..batch.len() {
        let columns = [
            Some(batch.account[row]),
            Some(batch.sequence[row]),
            Some(batch.at[row]),
            Some(batch.amount[row]),
            Some(batch.contra[row]),
            Some(batch.balance[row]),
            Some(batch.card_balance[row]),
            Some(batch.reference[row]),
            some(batch.card[row]),
            some(batch.group[row]),
        ];
        chunk.put_i16(14);
        for column in columns {
            chunk.put_i32(if column.is_some() { 8 } else { -1 });
            if let Some(value) = column {
                chunk.put_i64(value);
            }
        }
        for number in [batch.category[row].into(), batch.description[row], batch.place[row]] {
            chunk.put_i32(4);
            chunk.put_u32(number);
        }
        chunk.put_i32(2);
        chunk.put_i16(batch.kind[row].into());
        if chunk.len() > 1 << 17 {
            chunks.push(chunk.split().freeze());
        }
    }
    chunk.put_i16(-1);
    chunks.push(chunk.freeze());
    chunks
}

/// The same table without its checks and triggers, and the same index behind the load.
async fn copy(client: &Client, rows: &[Bytes]) {
    client
        .batch_execute(
            "SET synchronous_commit = off; SET maintenance_work_mem = '256MB';
             CREATE TABLE posting (a int8 NOT NULL, b int8 NOT NULL, c int8, d int8, e int8,
                 f int8, g int8, h int8, i int8, j int8, k int4, l int4, m int4, n int2)",
        )
        .await
        .unwrap();
    let copy = "COPY posting FROM STDIN (FORMAT binary)";
    let mut sink = pin!(client.copy_in::<_, Bytes>(copy).await.unwrap());
    for chunk in rows {
        sink.send(chunk.clone()).await.unwrap();
    }
    sink.finish().await.unwrap();
    client.batch_execute("ALTER TABLE posting ADD PRIMARY KEY (a, b)").await.unwrap();
}
