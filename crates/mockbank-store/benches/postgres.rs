//! How close the store comes to the bare server under it, in the same run.
//!
//! `transfers` has 64 clients that give transfers one after the other, each waiting for its answer,
//! which comes when the transfer is durable: this server waits for the disk. `bare` is a writer that
//! drains its line and moves the group's money by a statement for each table, in one transaction: no
//! rules, no seals, no keys, nobody beside it. `one_transaction_each` is the same with a group for
//! every transfer.
//!
//! `loading` is a world of customers' first year, account by account: through a step with all that
//! it checks, totals and saves, beside the same rows in one binary `COPY` and nothing else. Both
//! end with the index. `page` is a page of 20 of an account's transactions with the account,
//! beside the bare prepared query of the page alone through the same client.

#[path = "../tests/conformance/sample.rs"]
mod sample;
#[path = "../tests/throwaway/mod.rs"]
mod throwaway;
#[path = "../tests/teller/world.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod world;

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
    DURABLE.discard();
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

/// The server whose commits wait for the disk.
static DURABLE: LazyLock<Server> = LazyLock::new(Server::start_durable);

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

mod transfers {
    use std::collections::{BTreeMap, BTreeSet};

    use divan::Bencher;
    use divan::counter::ItemsCount;
    use mockbank_bank::command::{Command, TransferOrder};
    use mockbank_bank::{AccountId, Money};
    use mockbank_store::postgres::{PostgresStore, PostgresTeller};
    use mockbank_store::sqlite::TellerSettings;
    use mockbank_store::{IfPresent, Reply, Request, Teller as _};
    use tokio::sync::{mpsc, oneshot};
    use tokio::task::LocalSet;
    use tokio_postgres::{Client, NoTls, Statement};

    use super::{DURABLE, runtime, world};

    const CLIENTS: i64 = 64;
    const TRANSFERS: i64 = 12_800;
    const SINGLE_TRANSFERS: i64 = 1_280;
    const ACCOUNTS: i64 = 10_000;

    /// Between how many accounts money moves.
    const SPREADS: [i64; 2] = [2, ACCOUNTS];

    /// Commands in a group at most, as the teller has it.
    const GROUP: usize = 2048;

    /// The URL of a new world.
    fn bank() -> String {
        let url = DURABLE.database();
        let world = world::new_world();
        let building = PostgresStore::build(&url, &world, IfPresent::Refuse);
        let mut building = runtime().block_on(building).unwrap();
        world::fill(&mut building, ACCOUNTS);
        building.finish().unwrap();
        url
    }

    /// The accounts of a transfer.
    fn pair(client: i64, number: i64, accounts: i64) -> (i64, i64) {
        let from = (client * 7_919 + number * 104_729) % accounts;
        (from + 1, (from + 1) % accounts + 1)
    }

    /// Lets all clients work at once, each on its transfers one after the other.
    async fn all_clients<F: Future<Output = ()> + 'static>(client: impl Fn(i64) -> F) {
        let local = LocalSet::new();
        for number in 0..CLIENTS {
            local.spawn_local(client(number));
        }
        local.await;
    }

    #[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
    fn teller(bencher: Bencher, accounts: i64) {
        let open = || {
            let url = bank();
            runtime().block_on(PostgresTeller::open(&url, TellerSettings::default())).unwrap()
        };
        bencher.counter(ItemsCount::new(TRANSFERS.unsigned_abs())).with_inputs(open).bench_refs(
            |teller| {
                runtime().block_on(all_clients(|client| {
                    let teller = teller.clone();
                    async move {
                        for number in 0..TRANSFERS / CLIENTS {
                            let (from, to) = pair(client, number, accounts);
                            teller.execute(request(from, to)).await.unwrap();
                        }
                    }
                }));
            },
        );
    }

    fn request(from: i64, to: i64) -> Request {
        let order = TransferOrder {
            from: AccountId::new(from),
            to: AccountId::new(to),
            amount: Money::from_minor(1),
            description: None,
        };
        let render = Box::new(|verdict: &mockbank_store::Verdict, _| {
            assert!(verdict.is_ok());
            Reply { status: 201, body: Vec::new() }
        });
        Request { command: Command::Transfer(order), idempotency: None, audit: None, render }
    }

    #[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
    fn bare(bencher: Bencher, accounts: i64) {
        through_bare_writer(bencher, accounts, GROUP, TRANSFERS);
    }

    #[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
    fn one_transaction_each(bencher: Bencher, accounts: i64) {
        through_bare_writer(bencher, accounts, 1, SINGLE_TRANSFERS);
    }

    type Waiting = ((i64, i64), oneshot::Sender<()>);

    fn through_bare_writer(bencher: Bencher, accounts: i64, most: usize, transfers: i64) {
        bencher.counter(ItemsCount::new(transfers.unsigned_abs())).with_inputs(bank).bench_refs(
            |url| {
                let (sender, line) = mpsc::channel::<Waiting>(64);
                let url = url.clone();
                let writer =
                    std::thread::spawn(move || runtime().block_on(write(&url, line, most)));
                runtime().block_on(all_clients(|client| {
                    let sender = sender.clone();
                    async move {
                        for number in 0..transfers / CLIENTS {
                            let (answer, answered) = oneshot::channel();
                            let pair = pair(client, number, accounts);
                            sender.send((pair, answer)).await.unwrap();
                            answered.await.unwrap();
                        }
                    }
                }));
                drop(sender);
                writer.join().unwrap();
            },
        );
    }

    struct Bare {
        client: Client,
        lock: Statement,
        post: Statement,
        save: Statement,
    }

    /// The writer's side: takes what waits, at most so much, and commits once.
    async fn write(url: &str, mut line: mpsc::Receiver<Waiting>, most: usize) {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(
                "SET search_path = mockbank; SET enable_seqscan = off; SET enable_hashjoin = off;
                 SET enable_mergejoin = off; SET jit = off",
            )
            .await
            .unwrap();
        let lock = "SELECT number, balance, postings FROM account WHERE number = ANY($1::bigint[])
                    ORDER BY number FOR UPDATE";
        let post = "INSERT INTO posting (account, sequence, at, amount, contra, balance,
                        card_balance, reference, transfer_group, category, description, place, kind)
                    SELECT account, sequence, 1728000000, amount, contra, balance, 0, sequence, 1, 2,
                        3, 0, 3
                    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
                        AS n (account, sequence, amount, contra, balance)";
        let save = "UPDATE account a SET balance = n.balance, postings = n.postings,
                        latest = 1728000000
                    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
                        AS n (number, balance, postings) WHERE a.number = n.number";
        let bare = Bare {
            lock: client.prepare(lock).await.unwrap(),
            post: client.prepare(post).await.unwrap(),
            save: client.prepare(save).await.unwrap(),
            client,
        };
        let mut group = Vec::new();
        while line.recv_many(&mut group, most).await > 0 {
            bare.carry_out(&group).await;
            for (_, answer) in group.drain(..) {
                answer.send(()).unwrap();
            }
        }
    }

    impl Bare {
        async fn carry_out(&self, group: &[Waiting]) {
            let numbers: BTreeSet<i64> = group.iter().flat_map(|((a, b), _)| [*a, *b]).collect();
            let numbers: Vec<i64> = numbers.into_iter().collect();
            let (begun, rows) = tokio::join!(self.client.batch_execute("BEGIN"), async {
                self.client.query(&self.lock, &[&numbers]).await
            },);
            begun.unwrap();
            let mut books: BTreeMap<i64, (i64, i64)> =
                rows.unwrap().iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
            let mut postings: [Vec<i64>; 5] = Default::default();
            for ((from, to), _) in group {
                for (account, contra, amount) in [(*from, *to, -1), (*to, *from, 1)] {
                    let (balance, sequence) = books.get_mut(&account).unwrap();
                    *balance += amount;
                    *sequence += 1;
                    let row = [account, *sequence, amount, contra << 2 | 2, *balance];
                    postings.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
                }
            }
            let [accounts, sequences, amounts, contras, balances] = &postings;
            let stand = |part: fn(&(i64, i64)) -> i64| books.values().map(part).collect::<Vec<_>>();
            let (balance, sequence) = (stand(|book| book.0), stand(|book| book.1));
            let (posted, saved, committed) = tokio::join!(
                async {
                    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                        [accounts, sequences, amounts, contras, balances];
                    self.client.execute(&self.post, &columns).await
                },
                async { self.client.execute(&self.save, &[&numbers, &balance, &sequence]).await },
                self.client.batch_execute("COMMIT"),
            );
            assert_eq!(posted.unwrap(), 2 * group.len() as u64);
            assert_eq!(saved.unwrap(), numbers.len() as u64);
            committed.unwrap();
        }
    }
}
