//! The writer loop that the limits share: it takes all orders that wait, writes the rows that a
//! transfer of ours leaves behind, into the same tables, and commits once. It judges nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use mockbank_bank::Instant as BankInstant;
use rusqlite::{Connection, params_from_iter};
use tokio::sync::oneshot;

use crate::load::{self, Figures};
use crate::{CLIENTS, own_cpu_time, world};

/// Postings in one statement.
const ROWS: usize = 64;

/// Columns of a posting.
const COLUMNS: usize = 14;

/// A transfer that waits, and who waits for it.
pub(crate) struct Order {
    pub(crate) payer: i64,
    pub(crate) payee: i64,
    pub(crate) amount: i64,
    pub(crate) key: String,
    pub(crate) answer_to: oneshot::Sender<Vec<u8>>,
}

/// Where an account stands: balance and number of postings.
#[derive(Clone, Copy)]
struct Stand(i64, i64);

/// What the loop knows.
struct Books {
    stands: HashMap<i64, Stand>,
    clock: i64,
    group: i64,
    seal: i64,
}

/// Serves orders until nobody can give one any more.
pub(crate) fn write(database: &Path, orders: &Receiver<Order>, grouped: bool) {
    let connection = open(database);
    let mut books = Books::load(&connection);
    while let Ok(first) = orders.recv() {
        let mut group = vec![first];
        if grouped {
            group.extend(orders.try_iter());
        }
        connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        let answers = books.carry_out(&connection, &group).expect("rows");
        connection.execute_batch("COMMIT").expect("a commit");
        for (order, answer) in group.into_iter().zip(answers) {
            // A client whose time is over has gone.
            let _ = order.answer_to.send(answer);
        }
    }
}

/// Runs the loop with clients that hand their orders over in memory; gives its CPU time too.
pub(crate) fn run(grouped: bool, time: Duration) -> (Figures, Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    world::build(folder.path());
    let (line, orders) = channel();
    let database = folder.path().join("mockbank.db");
    let begun = Instant::now();
    let end = begun + time;
    let (latencies, used) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            write(&database, &orders, grouped);
            // While the thread is there: those that have ended are not counted.
            own_cpu_time()
        });
        let client = |number| {
            let line = line.clone();
            scope.spawn(move || order(&line, end, number))
        };
        let clients: Vec<_> = (0..*CLIENTS).map(client).collect();
        drop(line);
        let latencies: Vec<Duration> =
            clients.into_iter().flat_map(|c| c.join().expect("a client")).collect();
        (latencies, writer.join().expect("the writer"))
    });
    let elapsed = begun.elapsed();
    let done = u32::try_from(latencies.len()).expect("few transfers");
    (Figures { done, elapsed, latencies }, used)
}

fn order(line: &Sender<Order>, end: Instant, client: usize) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for number in 0_usize.. {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let payer = load::payer(client + number * *CLIENTS, world::ACCOUNTS);
        let [payer, payee] = [payer, payer % world::ACCOUNTS + 1]
            .map(|account| i64::try_from(account).expect("a number"));
        let (answer_to, answer) = oneshot::channel();
        let key = format!("{client}-{number}");
        line.send(Order { payer, payee, amount: 1, key, answer_to }).expect("a writer");
        answer.blocking_recv().expect("an answer");
        latencies.push(sent.elapsed());
    }
    latencies
}

fn open(database: &Path) -> Connection {
    let connection = Connection::open(database).expect("the database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -65536;
             PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;",
        )
        .expect("settings");
    connection.set_prepared_statement_cache_capacity(64);
    connection
}

impl Books {
    fn load(connection: &Connection) -> Self {
        let mut statement =
            connection.prepare("SELECT number, balance, postings FROM account").expect("accounts");
        let stands = statement
            .query_map([], |row| Ok((row.get(0)?, Stand(row.get(1)?, row.get(2)?))))
            .expect("accounts");
        let stands = stands.map(|stand| stand.expect("an account")).collect();
        let clock =
            connection.query_row("SELECT clock FROM world", [], |row| row.get(0)).expect("a clock");
        Self { stands, clock, group: 0, seal: 0 }
    }

    fn carry_out(
        &mut self,
        connection: &Connection,
        group: &[Order],
    ) -> rusqlite::Result<Vec<Vec<u8>>> {
        let mut rows: Vec<[Option<i64>; COLUMNS]> = Vec::with_capacity(group.len() * 2);
        let mut answers = Vec::with_capacity(group.len());
        for order in group {
            answers.push(self.transfer(connection, order, &mut rows)?);
        }
        insert(connection, &rows)?;
        let touched: BTreeSet<i64> = group.iter().flat_map(|o| [o.payer, o.payee]).collect();
        let mut update = connection.prepare_cached(
            "UPDATE account SET balance = ?, postings = ?, latest = ? WHERE number = ?",
        )?;
        for account in touched {
            let Stand(balance, postings) = self.stands[&account];
            update.execute([balance, postings, self.clock, account])?;
        }
        connection
            .prepare_cached("UPDATE world SET last_group = ?, transactions = transactions + ?")?
            .execute([self.group, i64::try_from(rows.len()).expect("few rows")])?;
        Ok(answers)
    }

    /// Two postings for later, a seal with a hash of nothing, and the answer under its key.
    fn transfer(
        &mut self,
        connection: &Connection,
        order: &Order,
        rows: &mut Vec<[Option<i64>; COLUMNS]>,
    ) -> rusqlite::Result<Vec<u8>> {
        self.group += 1;
        self.seal += 1;
        let Order { payer, payee, amount, .. } = *order;
        let debit = self.post(payer, -amount, payee, rows);
        let credit = self.post(payee, amount, payer, rows);
        connection
            .prepare_cached(
                "INSERT INTO seal (number, first_account, first_sequence, second_account,
                     second_sequence, postings, hash) VALUES (?, ?, ?, ?, ?, 2, ?)",
            )?
            .execute((self.seal, payer, debit, payee, credit, [0_u8; 32]))?;
        let at = BankInstant::from_seconds(self.clock);
        let group = self.group;
        let (whole, cents) = (amount / 100, amount % 100);
        let record = |account: i64, sequence: i64, sign: &str, kind: &str, text: &str| {
            format!(
                "{{\"transaction_id\":\"txn_{account:09}{sequence:09}\",\
                 \"account_id\":\"acc_{account}\",\"card_id\":null,\
                 \"amount\":{sign}{whole}.{cents:02},\"date\":\"{at}\",\"description\":\"{text}\",\
                 \"category\":\"Transfers\",\"location\":\"Online\",\"type\":\"{kind}\",\
                 \"transfer_group_id\":\"grp_{group}\"}}"
            )
        };
        let answer = format!(
            "{{\"transfer_group_id\":\"grp_{group}\",\"transactions\":[{},{}]}}",
            record(payer, debit, "-", "DEBIT", "Transfer out"),
            record(payee, credit, "", "CREDIT", "Transfer in"),
        )
        .into_bytes();
        connection
            .prepare_cached(
                "INSERT INTO idempotency (owner, key, fingerprint, status, body, received_at)
                 VALUES (?, ?, ?, 201, ?, ?)",
            )?
            .execute((format!("u_{payer}"), &order.key, [0_u8; 32], &answer, self.clock))?;
        Ok(answer)
    }

    fn post(
        &mut self,
        account: i64,
        amount: i64,
        other: i64,
        rows: &mut Vec<[Option<i64>; COLUMNS]>,
    ) -> i64 {
        let Some(Stand(balance, postings)) = self.stands.get_mut(&account) else {
            panic!("there is no account {account}");
        };
        *balance += amount;
        *postings += 1;
        let columns = [account, *postings, self.clock, 5, 13, amount, 0, other << 2 | 2, *balance];
        let mut row = [Some(0); COLUMNS];
        for (cell, value) in row.iter_mut().zip(columns) {
            *cell = Some(value);
        }
        // No card, and the numbers of texts, of the posting itself and of its group.
        row[6] = None;
        row[12] = Some(*postings);
        row[13] = Some(self.group);
        rows.push(row);
        *postings
    }
}

fn insert(connection: &Connection, rows: &[[Option<i64>; COLUMNS]]) -> rusqlite::Result<()> {
    for rows in rows.chunks(ROWS) {
        let pieces = if rows.len() == ROWS { ROWS } else { 1 };
        let places = vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"; pieces].join(",");
        let mut statement =
            connection.prepare_cached(&format!("INSERT INTO posting VALUES {places}"))?;
        for rows in rows.chunks(pieces) {
            statement.execute(params_from_iter(rows.iter().flatten()))?;
        }
    }
    Ok(())
}
