//! The limit: a thread that writes what a transfer leaves behind and commits, alone or in groups.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::load::Figures;
use crate::{CLIENTS, own_cpu_time, world};

/// A transfer of one account, and where its client waits.
type Order = (i64, Sender<()>);

/// Runs the loop with clients for so long; gives the writer's CPU time too.
pub(crate) fn run(grouped: bool, time: Duration) -> (Figures, Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = Connection::open(folder.path().join("limit.db")).expect("a database");
    prepare(&connection);
    let (line, orders) = channel();
    let end = Instant::now() + time;
    let (latencies, used) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            write(&connection, &orders, grouped);
            // While the thread is there: those that have ended are not counted.
            own_cpu_time()
        });
        let client = |number| {
            let line = line.clone();
            scope.spawn(move || order(&line, end, number))
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        drop(line);
        let latencies: Vec<Duration> =
            clients.into_iter().flat_map(|c| c.join().expect("a client")).collect();
        (latencies, writer.join().expect("the writer"))
    });
    let done = u32::try_from(latencies.len()).expect("few transfers");
    (Figures { done, latencies }, used)
}

fn prepare(connection: &Connection) {
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE account (number INTEGER PRIMARY KEY, balance INTEGER, lines INTEGER);
             CREATE TABLE posting (account INTEGER, line INTEGER, amount INTEGER, balance INTEGER,
                 contra INTEGER, at INTEGER, PRIMARY KEY (account, line)) WITHOUT ROWID;
             CREATE TABLE answer (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
             BEGIN;",
        )
        .expect("tables");
    let mut insert =
        connection.prepare("INSERT INTO account VALUES (?, 100000000, 0)").expect("a statement");
    for number in 0..world::ACCOUNTS {
        insert.execute([i64::try_from(number).expect("a number")]).expect("an account");
    }
    connection.execute_batch("COMMIT").expect("a commit");
}

fn order(line: &Sender<Order>, end: Instant, client: usize) -> Vec<Duration> {
    let (answer_to, answer) = channel();
    let mut latencies = Vec::new();
    for number in 0_usize.. {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let account = (client + number * CLIENTS) * 7919 % world::ACCOUNTS;
        let account = i64::try_from(account).expect("a number");
        line.send((account, answer_to.clone())).expect("a writer");
        answer.recv().expect("an answer");
        latencies.push(sent.elapsed());
    }
    latencies
}

fn write(connection: &Connection, orders: &Receiver<Order>, grouped: bool) {
    let mut key = 0_u64;
    while let Ok(first) = orders.recv() {
        let mut group = vec![first];
        if grouped {
            group.extend(orders.try_iter());
        }
        connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for (account, _) in &group {
            key += 1;
            transfer(connection, *account, key);
        }
        connection.execute_batch("COMMIT").expect("a commit");
        for (_, answer_to) in group {
            // A client whose time is over has gone.
            let _ = answer_to.send(());
        }
    }
}

/// Two postings, two balances, and an answer of the size of ours.
fn transfer(connection: &Connection, payer: i64, key: u64) {
    let accounts = i64::try_from(world::ACCOUNTS).expect("a number");
    let payee = (payer + 1) % accounts;
    for (account, amount, contra) in [(payer, -1, payee), (payee, 1, payer)] {
        let (balance, line): (i64, i64) = connection
            .prepare_cached(
                "UPDATE account SET balance = balance + ?, lines = lines + 1 WHERE number = ?
                 RETURNING balance, lines",
            )
            .and_then(|mut update| {
                update.query_row([amount, account], |row| Ok((row.get(0)?, row.get(1)?)))
            })
            .expect("a balance");
        connection
            .prepare_cached("INSERT INTO posting VALUES (?, ?, ?, ?, ?, 0)")
            .and_then(|mut insert| insert.execute([account, line, amount, balance, contra]))
            .expect("a posting");
    }
    connection
        .prepare_cached("INSERT INTO answer VALUES (?, ?)")
        .and_then(|mut insert| insert.execute((key.to_string(), "x".repeat(650))))
        .expect("an answer");
}
