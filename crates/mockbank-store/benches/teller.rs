//! How close the teller comes to the bare writer under it, in the same run.
//!
//! 64 clients give transfers one after the other, each waiting for its answer, which comes when
//! the transfer is durable. `bare` is a writer that drains its line, writes the rows of a transfer
//! and commits the group once: no rules, no seals, no keys. `one_commit_each` is the same with a
//! commit for every transfer. `seals` is what tamper evidence costs beside all that.

#[path = "../tests/teller/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::sync::LazyLock;
use std::thread;

use divan::Bencher;
use divan::counter::ItemsCount;
use mockbank_bank::command::{BatchMode, Command, TransferOrder};
use mockbank_bank::{AccountId, Money, PostingBatch};
use mockbank_store::sqlite::{SqliteStore, SqliteTeller};
use mockbank_store::{
    BookRun, Durability, Reply, Request, RunSum, SealHash, Snapshot, Store, Teller, TellerSettings,
    seal,
};
use rusqlite::{CachedStatement, Connection};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};

fn main() {
    divan::main();
}

const CLIENTS: i64 = 64;
const TRANSFERS: i64 = 12_800;
const ACCOUNTS: i64 = 10_000;
const BATCH: i64 = 1_000;

/// Between how many accounts money moves.
const SPREADS: [i64; 2] = [2, ACCOUNTS];

fn bank() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    world::build(folder.path(), ACCOUNTS);
    folder
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// The accounts of a transfer.
fn pair(client: i64, number: i64, accounts: i64) -> (i64, i64) {
    let from = (client * 7_919 + number * 104_729) % accounts;
    (from + 1, (from + 1) % accounts + 1)
}

fn order(client: i64, number: i64, accounts: i64) -> TransferOrder {
    let (from, to) = pair(client, number, accounts);
    TransferOrder {
        from: AccountId::new(from),
        to: AccountId::new(to),
        amount: Money::from_minor(1),
        description: None,
    }
}

fn request(command: Command) -> Request {
    let render = Box::new(|verdict: &mockbank_store::Verdict, _| {
        assert!(verdict.is_ok());
        Reply { status: 201, body: Vec::new() }
    });
    Request { command, idempotency: None, audit: None, render }
}

/// Lets all clients work at once, each on its transfers one after the other.
async fn all_clients<F: Future<Output = ()> + 'static>(client: impl Fn(i64) -> F) {
    let local = tokio::task::LocalSet::new();
    for number in 0..CLIENTS {
        local.spawn_local(client(number));
    }
    local.await;
}

/// Moves money on every account once, so that a long day is measured and not its first second.
fn warm_up(teller: &SqliteTeller) {
    for batch in 0..ACCOUNTS / BATCH / 2 {
        let first = |number| 2 * (batch * BATCH + number) + 1;
        let orders = (0..BATCH).map(|number| TransferOrder {
            from: AccountId::new(first(number)),
            to: AccountId::new(first(number) + 1),
            ..order(0, 0, 2)
        });
        let command = Command::Batch { mode: BatchMode::Atomic, orders: orders.collect() };
        teller.execute_blocking(request(command)).unwrap();
    }
}

fn through_teller(bencher: Bencher, accounts: i64, durability: Durability) {
    let settings = TellerSettings { durability, ..TellerSettings::default() };
    let open = || {
        let folder = bank();
        let teller = SqliteTeller::open(folder.path(), settings).unwrap();
        warm_up(&teller);
        (teller, folder)
    };
    bencher.counter(ItemsCount::new(TRANSFERS.unsigned_abs())).with_inputs(open).bench_refs(
        |(teller, _)| {
            runtime().block_on(all_clients(|client| {
                let teller = teller.clone();
                async move {
                    for number in 0..TRANSFERS / CLIENTS {
                        let command = Command::Transfer(order(client, number, accounts));
                        teller.execute(request(command)).await.unwrap();
                    }
                }
            }));
        },
    );
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn teller(bencher: Bencher, accounts: i64) {
    through_teller(bencher, accounts, Durability::Full);
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn teller_durable_in_the_process(bencher: Bencher, accounts: i64) {
    through_teller(bencher, accounts, Durability::Process);
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn teller_with_batches(bencher: Bencher, accounts: i64) {
    let open = || {
        let folder = bank();
        (SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap(), folder)
    };
    bencher.counter(ItemsCount::new(TRANSFERS.unsigned_abs())).with_inputs(open).bench_refs(
        |(teller, _)| {
            for batch in 0..TRANSFERS / BATCH {
                let orders = (0..BATCH).map(|number| order(batch, number, accounts)).collect();
                let command = Command::Batch { mode: BatchMode::Atomic, orders };
                teller.execute_blocking(request(command)).unwrap();
            }
        },
    );
}

type Waiting = ((i64, i64), oneshot::Sender<()>);

/// Writes what a transfer writes, and nothing else.
struct Bare<'c> {
    posting: CachedStatement<'c>,
    account: CachedStatement<'c>,
}

impl<'c> Bare<'c> {
    fn new(connection: &'c Connection) -> Self {
        let posting = "INSERT INTO posting (account, sequence, at, kind, category, amount, contra,
                           balance, card_balance, description, place, reference, transfer_group)
                       SELECT number, postings + 1, 1728000000, 3, 2, ?2, ?3, balance + ?2, 0, 3, 0,
                           postings + 1, 1 FROM account WHERE number = ?1";
        let account = "UPDATE account SET balance = balance + ?2, postings = postings + 1,
                           latest = 1728000000 WHERE number = ?1";
        Self {
            posting: connection.prepare_cached(posting).unwrap(),
            account: connection.prepare_cached(account).unwrap(),
        }
    }

    fn transfer(&mut self, (from, to): (i64, i64)) {
        for (account, contra, amount) in [(from, to, -1), (to, from, 1)] {
            self.posting.execute([account, amount, contra << 2 | 2]).unwrap();
            self.account.execute([account, amount]).unwrap();
        }
    }
}

/// The writer's side: takes what waits, at most so much, and commits once.
fn write(connection: &Connection, mut line: mpsc::Receiver<Waiting>, most: usize) {
    let mut group = Vec::new();
    while line.blocking_recv_many(&mut group, most) > 0 {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut bare = Bare::new(connection);
        for (pair, _) in &group {
            bare.transfer(*pair);
        }
        drop(bare);
        connection.execute_batch("COMMIT").unwrap();
        for (_, answer) in group.drain(..) {
            answer.send(()).unwrap();
        }
    }
}

fn through_bare_writer(bencher: Bencher, accounts: i64, most: usize, transfers: i64) {
    let open = || {
        let folder = bank();
        let connection = Connection::open(folder.path().join("mockbank.db")).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.pragma_update(None, "cache_size", -65_536).unwrap();
        (Some(connection), folder)
    };
    bencher.counter(ItemsCount::new(transfers.unsigned_abs())).with_inputs(open).bench_refs(
        |(connection, _)| {
            let connection = connection.take().unwrap();
            let (sender, line) = mpsc::channel(8192);
            let writer = thread::spawn(move || write(&connection, line, most));
            runtime().block_on(all_clients(|client| {
                let sender = sender.clone();
                async move {
                    for number in 0..transfers / CLIENTS {
                        let (answer, answered) = oneshot::channel();
                        let waiting = (pair(client, number, accounts), answer);
                        sender.send(waiting).await.unwrap();
                        answered.await.unwrap();
                    }
                }
            }));
            drop(sender);
            writer.join().unwrap();
        },
    );
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn bare(bencher: Bencher, accounts: i64) {
    through_bare_writer(bencher, accounts, 2048, TRANSFERS);
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn one_commit_each(bencher: Bencher, accounts: i64) {
    through_bare_writer(bencher, accounts, 1, TRANSFERS / 50);
}

/// A world in which some hundred thousand postings were made by commands.
static COMMANDED: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = bank();
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    for batch in 0..100 {
        let orders = (0..BATCH).map(|number| order(batch, number, ACCOUNTS)).collect();
        let command = Command::Batch { mode: BatchMode::Atomic, orders };
        teller.execute_blocking(request(command)).unwrap();
    }
    folder
});

fn snapshot() -> Box<dyn Snapshot> {
    runtime().block_on(SqliteStore::open(COMMANDED.path()).unwrap().snapshot()).unwrap()
}

mod seals {
    use super::{
        Bencher, BookRun, COMMANDED, ItemsCount, LazyLock, PostingBatch, RunSum, SealHash, seal,
        snapshot,
    };

    /// Postings that commands made, read in the order of the chain and hashed again.
    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn replay(bencher: Bencher) {
        LazyLock::force(&COMMANDED);
        bencher.counter(ItemsCount::new(200_000_u32)).with_inputs(snapshot).bench_refs(
            |snapshot| {
                let (mut number, mut hash): (i64, SealHash) = (0, seal::FIRST);
                loop {
                    let seals = snapshot.seals(number, 4096).unwrap();
                    if seals.is_empty() {
                        return hash;
                    }
                    for seal in seals {
                        number += 1;
                        hash = seal.content.hash(&hash, number);
                        assert_eq!(hash, seal.hash);
                    }
                }
            },
        );
    }

    /// A step's postings, by so many of a book.
    #[divan::bench(args = [1, 8, 64, 512], sample_count = 5)]
    fn sum(bencher: Bencher, of_a_book: usize) {
        let mut batch = PostingBatch::default();
        snapshot().postings((0, 0), i64::MAX, 1 << 16, &mut batch).unwrap();
        let postings: Vec<_> = batch.iter().collect();
        bencher.counter(ItemsCount::new(postings.len())).bench(|| {
            let (mut sum, mut run) = (RunSum::default(), BookRun::default());
            for book in postings.chunks(of_a_book) {
                run.clear();
                for posting in book {
                    run.push(posting);
                }
                sum.add(&run);
            }
            sum
        });
    }
}
