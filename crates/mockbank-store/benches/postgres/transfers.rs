//! Durable transfers of many clients, beside a bare writer.

use std::collections::{BTreeMap, BTreeSet};

use divan::Bencher;
use divan::counter::ItemsCount;
use mockbank_bank::command::{Command, TransferOrder};
use mockbank_bank::{AccountId, Money};
use mockbank_store::TellerSettings;
use mockbank_store::postgres::{PostgresStore, PostgresTeller};
use mockbank_store::{IfPresent, Reply, Request, Teller as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio_postgres::{Client, NoTls, Statement};

use super::{DURABLE, cpu, runtime, world};

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
    bencher
        .counter(ItemsCount::new(TRANSFERS.unsigned_abs()))
        .with_inputs(open)
        .bench_refs(|teller| through_teller(teller, accounts));
}

/// A teller at a new world.
fn open() -> PostgresTeller {
    runtime().block_on(PostgresTeller::open(&bank(), TellerSettings::default())).unwrap()
}

fn through_teller(teller: &PostgresTeller, accounts: i64) {
    runtime().block_on(all_clients(|client| {
        let teller = teller.clone();
        async move {
            for number in 0..TRANSFERS / CLIENTS {
                let (from, to) = pair(client, number, accounts);
                teller.execute(request(from, to)).await.unwrap();
            }
        }
    }));
}

/// Prints how near the teller is to the bare limit, and how far from a transaction for each
/// transfer, in CPU time.
pub(crate) fn compare() {
    let (teller, url) = (open(), bank());
    let beside = |limit: &str, rows, most| {
        let name = format!("transfers, beside {limit}");
        let grouped = |(): &()| through_teller(&teller, ACCOUNTS);
        let bare = |(): &()| through_bare_writer(&url, ACCOUNTS, rows, most, TRANSFERS);
        cpu::compare(&name, &DURABLE, || (), grouped, bare);
    };
    beside("postings and balances alone", Rows::OfLedger, GROUP);
    beside("the same rows without rules", Rows::All, GROUP);
    beside("a transaction for each", Rows::OfLedger, 1);
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
    bencher
        .counter(ItemsCount::new(TRANSFERS.unsigned_abs()))
        .with_inputs(bank)
        .bench_refs(|url| through_bare_writer(url, accounts, Rows::OfLedger, GROUP, TRANSFERS));
}

#[divan::bench(args = SPREADS, sample_count = 5, sample_size = 1)]
fn one_transaction_each(bencher: Bencher, accounts: i64) {
    bencher
        .counter(ItemsCount::new(SINGLE_TRANSFERS.unsigned_abs()))
        .with_inputs(bank)
        .bench_refs(|url| through_bare_writer(url, accounts, Rows::OfLedger, 1, SINGLE_TRANSFERS));
}

type Waiting = ((i64, i64), oneshot::Sender<()>);

/// What the bare writer writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Postings and where the accounts stand.
    OfLedger,
    /// As many rows to every table as the teller.
    All,
}

fn through_bare_writer(url: &str, accounts: i64, rows: Rows, most: usize, transfers: i64) {
    let (sender, line) = mpsc::channel::<Waiting>(64);
    let url = url.to_owned();
    let writer = std::thread::spawn(move || runtime().block_on(write(&url, line, rows, most)));
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
}

struct Bare {
    client: Client,
    lock: Statement,
    post: Statement,
    save: Statement,
    /// What else the teller writes; `None` for the ledger alone.
    others: Option<[Statement; 4]>,
    seals: i64,
}

/// A seal of a transfer from the first number on, the day's totals of both kinds, the counts, and a
/// mark.
const OTHERS: [&str; 4] = [
    "INSERT INTO seal (number, first_account, first_sequence, second_account, second_sequence,
         postings, hash)
     SELECT $1::bigint + place, $2::bigint, place, $2, place, 2, decode(repeat('00', 32), 'hex')
     FROM generate_series(1, $3::bigint) AS place",
    "INSERT INTO daily_total AS d (day, on_card, kind, category, postings, credits, debits)
     SELECT 20000, false, kind, 2, $1::bigint, $1, $1 FROM generate_series(3, 4) AS kind
     ON CONFLICT (day, on_card, kind, category) DO UPDATE SET
         postings = d.postings + excluded.postings, credits = d.credits + excluded.credits,
         debits = d.debits + excluded.debits",
    "UPDATE counts SET transactions = transactions + $1",
    "UPDATE teller SET last_group = $1, used_at = now()",
];

/// The writer's side: takes what waits, at most so much, and commits once.
async fn write(url: &str, mut line: mpsc::Receiver<Waiting>, rows: Rows, most: usize) {
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
    let others = match rows {
        Rows::OfLedger => None,
        Rows::All => Some(Bare::prepare_others(&client).await),
    };
    let seals = client.query_one("SELECT count(*) FROM seal", &[]).await.unwrap().get(0);
    let mut bare = Bare {
        lock: client.prepare(lock).await.unwrap(),
        post: client.prepare(post).await.unwrap(),
        save: client.prepare(save).await.unwrap(),
        others,
        seals,
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
    async fn prepare_others(client: &Client) -> [Statement; 4] {
        client
            .batch_execute("DELETE FROM teller; INSERT INTO teller DEFAULT VALUES")
            .await
            .unwrap();
        let mut statements = Vec::new();
        for sql in OTHERS {
            statements.push(client.prepare(sql).await.unwrap());
        }
        statements.try_into().unwrap()
    }

    /// Writes to the tables beside the ledger.
    async fn write_others(&self, transfers: i64) {
        let Some([seal, days, counts, mark]) = &self.others else { return };
        let (seals, postings) = (self.seals, 2 * transfers);
        let of_seals: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&seals, &1_i64, &transfers];
        tokio::try_join!(
            self.client.execute(seal, &of_seals),
            async { self.client.execute(days, &[&postings]).await },
            async { self.client.execute(counts, &[&postings]).await },
            async { self.client.execute(mark, &[&seals]).await },
        )
        .unwrap();
    }

    async fn carry_out(&mut self, group: &[Waiting]) {
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
        let transfers = i64::try_from(group.len()).unwrap();
        let (posted, saved, (), committed) = tokio::join!(
            async {
                let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                    [accounts, sequences, amounts, contras, balances];
                self.client.execute(&self.post, &columns).await
            },
            async { self.client.execute(&self.save, &[&numbers, &balance, &sequence]).await },
            self.write_others(transfers),
            self.client.batch_execute("COMMIT"),
        );
        assert_eq!(posted.unwrap(), 2 * group.len() as u64);
        assert_eq!(saved.unwrap(), numbers.len() as u64);
        committed.unwrap();
        self.seals += transfers;
    }
}
