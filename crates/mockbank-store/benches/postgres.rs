//! How close the store comes to the bare server under it, in the same run.
//!
//! `loading` is a world of customers' first year, account by account: through a step with all that
//! it checks, totals and saves, beside the same rows in one binary `COPY` and nothing else. Both
//! end with the index. `page` is a page of 20 of an account's transactions with the account,
//! beside the bare prepared query of the page alone through the same client.

#[path = "../tests/conformance/sample.rs"]
mod sample;
#[path = "../tests/throwaway/mod.rs"]
mod throwaway;

use std::sync::LazyLock;

use mockbank_bank::PostingBatch;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{IfPresent, Writer as _};
use sample::Sample;
use throwaway::Server;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
    SERVER.discard();
}

const CUSTOMERS: i64 = 2_000;
const DAYS: u16 = 365;
const PAGE: i64 = 20;

struct Year {
    before: Sample,
    after: Sample,
    postings: PostingBatch,
}

static YEAR: LazyLock<Year> = LazyLock::new(|| {
    let mut after = Sample::new(CUSTOMERS);
    let postings = after.live(DAYS);
    Year { before: Sample::new(CUSTOMERS), after, postings }
});

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn load(url: &str) {
    let Year { before, after, postings } = &*YEAR;
    let building = PostgresStore::build(url, &before.world, IfPresent::Refuse);
    let mut building = runtime().block_on(building).unwrap();
    let mut step = building.begin().unwrap();
    step.add_customers(&before.users, &before.accounts, &before.cards).unwrap();
    step.append(postings).unwrap();
    step.save(&after.saved()).unwrap();
    step.commit(after.clock).unwrap();
    building.finish().unwrap();
}

mod loading {
    use std::pin::pin;
    use std::sync::LazyLock;

    use bytes::{BufMut as _, Bytes, BytesMut};
    use divan::Bencher;
    use divan::counter::ItemsCount;
    use futures_util::SinkExt as _;
    use mockbank_bank::PostingBatch;
    use tokio_postgres::{Client, NoTls};

    use super::{SERVER, YEAR, load, runtime};

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
            .bench_refs(|url| {
                runtime().block_on(async {
                    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
                    tokio::spawn(connection);
                    copy(&client, &rows).await;
                });
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
}

mod page {
    use std::sync::LazyLock;

    use divan::Bencher;
    use mockbank_bank::AccountId;
    use mockbank_store::postgres::PostgresStore;
    use mockbank_store::{Page, Store as _, TransactionFilter};
    use tokio_postgres::NoTls;

    use super::{CUSTOMERS, PAGE, SERVER, load, runtime};

    static WORLD: LazyLock<String> = LazyLock::new(|| {
        let url = SERVER.database();
        load(&url);
        url
    });

    #[divan::bench(sample_size = 200)]
    fn store(bencher: Bencher) {
        LazyLock::force(&WORLD);
        let runtime = runtime();
        let store = runtime.block_on(PostgresStore::open(&WORLD)).unwrap();
        let filter = TransactionFilter::default();
        let mut account = 0;
        bencher.bench_local(|| {
            account = account % CUSTOMERS + 1;
            let page = Page { number: 2, size: PAGE.unsigned_abs() };
            let id = AccountId::new(account);
            runtime.block_on(store.account_with_transactions(id, &filter, page)).unwrap()
        });
    }

    #[divan::bench(sample_size = 200)]
    fn bare(bencher: Bencher) {
        LazyLock::force(&WORLD);
        let runtime = runtime();
        let (client, statement) = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&WORLD, NoTls).await.unwrap();
            tokio::spawn(connection);
            let sql = "SELECT account, sequence, at, kind, category, amount, card, contra, balance,
                           card_balance, description, place, reference, transfer_group
                       FROM mockbank.posting
                       WHERE account = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence DESC";
            let statement = client.prepare(sql).await.unwrap();
            (client, statement)
        });
        let mut account = 0;
        bencher.bench_local(|| {
            account = account % CUSTOMERS + 1;
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
                [&account, &101_i64, &(100 + PAGE)];
            let rows = runtime.block_on(client.query(&statement, &params)).unwrap();
            rows.iter().map(|row| row.get::<_, i64>(5)).sum::<i64>()
        });
    }
}
