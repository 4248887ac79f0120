//! A process under load is killed at random moments, again and again, on the same world.
//!
//! The process is this test program itself, told by a variable of the environment to be the
//! victim. How often it is killed is `MOCKBANK_CRASH_CYCLES`, 20 if it is not set.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::thread;

use mockbank_bank::command::{Command, TransferOrder};
use mockbank_store::sqlite::SqliteTeller;
use mockbank_store::{Sealed, Store, TellerSettings, seal};
use tempfile::TempDir;

use crate::harness::{Bank, order, pass, wait};
use crate::world::{OPENING, build, request};

const FOLDER: &str = "MOCKBANK_CRASH_FOLDER";
const CYCLE: &str = "MOCKBANK_CRASH_CYCLE";
const CYCLES: &str = "MOCKBANK_CRASH_CYCLES";

/// Cycles after which a new world begins, so that the last cycles are as fast as the first.
const CYCLES_OF_A_WORLD: u32 = 25;

const ACCOUNTS: i64 = 5;
const CLIENTS: i64 = 6;

/// What is told of each answer, so that the killer knows of it.
const ACKNOWLEDGED: &str = "acknowledged ";

/// The command with a number that a client gives, and its key.
fn command(cycle: &str, client: i64, number: i64) -> (Command, String) {
    let key = format!("{cycle}-{client}-{number}");
    let from = (client + number) % ACCOUNTS + 1;
    let to = (client + 2 * number) % ACCOUNTS + 1;
    // Transfers from an account to itself are among them, so that refusals are too.
    let order =
        TransferOrder { description: Some(key.clone()), ..order(from, to, number * 37 % 500 + 1) };
    if number % 7 == 3 {
        return (Command::Authorise { order, expires_in: 7200 }, key);
    }
    (Command::Transfer(order), key)
}

/// The victim: gives commands until it is killed.
#[test]
fn victim() {
    let (Some(folder), Ok(cycle)) = (env::var_os(FOLDER), env::var(CYCLE)) else { return };
    let teller = SqliteTeller::open(Path::new(&folder), TellerSettings::default()).unwrap();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (teller, cycle) = (&teller, &cycle);
            scope.spawn(move || {
                for number in 0.. {
                    let (command, key) = command(cycle, client, number);
                    let answer = teller.execute_blocking(request(command, Some(&key))).unwrap();
                    if answer.reply.status == 201 {
                        let line = format!("\n{ACKNOWLEDGED}{key}\n");
                        stdout().lock().write_all(line.as_bytes()).unwrap();
                    }
                    if number % 40 == 39 {
                        wait(teller.step(|writer| pass(writer, 3600))).unwrap();
                    }
                }
            });
        }
    });
}

/// Lets a victim work, kills it after some answers, and gives back the keys of all its answers.
fn kill_after(folder: &Path, cycle: &str, answers: usize) -> Vec<String> {
    let mut victim = Process::new(env::current_exe().unwrap())
        .args(["--exact", "crash::victim", "--nocapture"])
        .env(FOLDER, folder)
        .env(CYCLE, cycle)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap());
    let (mut keys, mut line) = (Vec::new(), String::new());
    while lines.read_line(&mut line).unwrap() > 0 {
        // A line without an end was cut by the kill.
        if let Some(key) = line.strip_prefix(ACKNOWLEDGED).and_then(|key| key.strip_suffix('\n')) {
            keys.push(key.to_owned());
        }
        if keys.len() == answers {
            victim.kill().unwrap();
        }
        line.clear();
    }
    victim.wait().unwrap();
    assert!(keys.len() >= answers, "the victim died by itself");
    keys
}

/// Records of each transfer by its description: how many, and their sum.
fn transfers(bank: &Bank) -> BTreeMap<String, (i64, i64)> {
    let connection = bank.connection();
    let sql = "SELECT d.text, count(*), sum(p.amount) FROM posting p
               JOIN description d ON d.number = p.description GROUP BY d.text";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
    rows.unwrap().map(Result::unwrap).collect()
}

fn assert_everything_holds(bank: &Bank) {
    assert_eq!(wait(bank.store.ledger()).unwrap().sum(), 0);
    for (key, records) in transfers(bank) {
        assert_eq!(records, (2, 0), "{key}");
    }
    let connection = bank.connection();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let wrong_balances = "SELECT count(*) FROM account a WHERE a.balance <> a.opening_balance +
        (SELECT coalesce(sum(amount), 0) FROM posting WHERE account = a.number)";
    assert_eq!(count(wrong_balances), 0);
    let wrong_holds = "SELECT count(*) FROM account a WHERE a.held <>
        (SELECT coalesce(sum(amount), 0) FROM hold WHERE payer = a.number AND state = 0)";
    assert_eq!(count(wrong_holds), 0);
    assert_eq!(count("SELECT sum(balance) FROM account"), OPENING * ACCOUNTS);
    assert_eq!(count("SELECT count(*) FROM account WHERE balance < held"), 0);

    let mut snapshot = wait(bank.store.snapshot()).unwrap();
    let (mut number, mut hash, mut sealed) = (0, seal::FIRST, 0);
    while let Some(next) = snapshot.seals(number, 1).unwrap().pop() {
        number += 1;
        assert_eq!((next.number, next.content.hash(&hash, number)), (number, next.hash));
        hash = next.hash;
        match next.content {
            Sealed::Command(postings) => sealed += postings.len(),
            Sealed::Step { .. } => panic!("no step has posted anything"),
        }
    }
    assert_eq!(count("SELECT count(*) FROM posting"), i64::try_from(sealed).unwrap());
}

/// Gives a killed process's commands once more: what was answered is there and stays as it is, and
/// what was under way is there once afterwards, unless it is refused.
fn repeat(bank: &Bank, cycle: &str, acknowledged: &[String]) {
    let before = (transfers(bank), dump_of_accounts(bank));
    let mut last = BTreeMap::new();
    for key in acknowledged {
        let mut parts = key.split('-').skip(1).map(|part| part.parse().unwrap());
        let (client, number) = (parts.next().unwrap(), parts.next().unwrap());
        let (command, key) = command(cycle, client, number);
        if matches!(command, Command::Transfer(_)) {
            assert!(before.0.contains_key(&key), "{key} is lost");
        }
        let answer = bank.give(command, Some(&key)).unwrap();
        assert!(answer.replayed && answer.reply.status == 201, "{key}");
        let latest = last.entry(client).or_insert(number);
        *latest = number.max(*latest);
    }
    assert_eq!((transfers(bank), dump_of_accounts(bank)), before, "a repetition had an effect");
    let mut expected = before.0;
    for (client, last) in last {
        for number in last + 1..last + 4 {
            let (command, key) = command(cycle, client, number);
            let transfer = matches!(command, Command::Transfer(_));
            let answer = bank.give(command, Some(&key)).unwrap();
            if transfer && answer.reply.status == 201 {
                expected.insert(key, (2, 0));
            }
        }
    }
    // What was under way when the process was killed may be there without having been answered.
    let found = transfers(bank);
    assert!(expected.iter().all(|(key, records)| found.get(key) == Some(records)));
}

fn new_world() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), ACCOUNTS);
    folder
}

fn dump_of_accounts(bank: &Bank) -> Vec<(i64, i64, i64)> {
    let connection = bank.connection();
    let sql = "SELECT balance, held, postings FROM account ORDER BY number";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_was_answered_survives_and_nothing_is_there_by_half() {
    let cycles = env::var(CYCLES).map_or(20, |cycles| cycles.parse().unwrap());
    let mut folder = new_world();
    let mut chance: u64 = 12_345;
    for cycle in 0..cycles {
        if cycle % CYCLES_OF_A_WORLD == 0 {
            folder = new_world();
        }
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let answers = 1 + usize::try_from(chance >> 33).unwrap() % 300;
        let cycle = cycle.to_string();
        let acknowledged = kill_after(folder.path(), &cycle, answers);
        let bank = Bank::open(folder, TellerSettings::default());
        assert_everything_holds(&bank);
        repeat(&bank, &cycle, &acknowledged);
        assert_everything_holds(&bank);
        folder = bank.close();
    }
}
