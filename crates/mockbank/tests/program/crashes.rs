//! Killed, interrupted, or two at once: the world stays whole.

use std::io::BufRead as _;
use std::process::Stdio;

use mockbank_bank::Day;

use crate::harness::{Sandbox, printed, signal};

/// Kills a command once the file it writes has grown to `bytes`, or lets it end.
fn kill_at(sandbox: &Sandbox, arguments: &str, file: &str, bytes: u64) {
    let path = sandbox.path().join("mock_data").join(file);
    let mut process =
        sandbox.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while process.try_wait().unwrap().is_none() {
        if std::fs::metadata(&path).is_ok_and(|data| data.len() >= bytes) {
            process.kill().unwrap();
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_killed_init_leaves_no_world() {
    let sandbox = Sandbox::new();
    kill_at(&sandbox, "init --users 3000 --days 300", "mockbank.db.new", 1 << 20);
    let stats = sandbox.run("stats");
    assert_eq!(stats.code, Some(1), "{stats:?}");
    assert!(stats.stderr.contains("there is no world in ./mock_data"), "{stats:?}");
    sandbox.done("init");
    sandbox.done("verify");
}

#[test]
fn a_killed_replacement_leaves_the_world_that_was_there() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let before = sandbox.content_hash();
    kill_at(&sandbox, "init --force --users 3000 --days 300", "mockbank.db.new", 1 << 20);
    assert_eq!(sandbox.content_hash(), before);
    sandbox.done("verify");
}

#[test]
fn a_killed_evolve_leaves_a_whole_step_and_goes_on() {
    let (killed, other) = (Sandbox::new(), Sandbox::new());
    killed.done("init --users 500 --days 1");
    other.done("init --users 500 --days 1");
    for bytes in [1 << 16, 1 << 22, 1 << 24] {
        kill_at(&killed, "evolve --days 2000", "mockbank.db-wal", bytes);
        killed.done("verify");
    }
    let clock = killed.json("stats")["clock"].as_str().unwrap().to_owned();
    let (day, time) = clock.split_once('T').unwrap();
    assert_eq!(time, "00:00:00Z");
    // However much was lost, the same days come again.
    killed.done("evolve --days 2");
    let begin = Day::parse("2025-01-02").unwrap().number();
    let days = Day::parse(day).unwrap().number() - begin + 2;
    other.done(&format!("evolve --days {days}"));
    assert_eq!(killed.content_hash(), other.content_hash());
}

#[test]
fn an_interrupted_evolve_says_where_it_stopped() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 2000 --days 1");
    let path = sandbox.path().join("mock_data/mockbank.db-wal");
    let process = sandbox
        .command("evolve --days 40000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !std::fs::metadata(&path).is_ok_and(|data| data.len() > 1 << 20) {
        std::thread::yield_now();
    }
    signal(&process, "INT");
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.lines().next().unwrap().unwrap().starts_with("Interrupted"));
    sandbox.done("verify");
    sandbox.done("evolve --days 1");
}

#[test]
fn two_cannot_write_at_once_and_readers_do_not_mind() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 2000 --days 1");
    let mut first = sandbox
        .command("evolve --days 40000")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let path = sandbox.path().join("mock_data/mockbank.db-wal");
    while !std::fs::metadata(&path).is_ok_and(|data| data.len() > 1 << 20) {
        std::thread::yield_now();
    }
    let second = sandbox.run("evolve --days 1");
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains("another process is writing"), "{second:?}");
    sandbox.done("stats");
    sandbox.done("verify");
    first.kill().unwrap();
    first.wait().unwrap();
    sandbox.done("evolve --days 1");
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 3000 --days 1");
    let mut process = sandbox
        .command("stats --rows 0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let output = process.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    assert_eq!(printed(&mut sandbox.command("stats")).code, Some(0));
}
