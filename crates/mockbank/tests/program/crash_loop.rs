//! A server that is killed under load again and again: what it acknowledged is there once.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::harness::{Sandbox, Server};

const CLIENTS: usize = 4;

/// How often the server is killed, unless `MOCKBANK_CRASH_CYCLES` says otherwise.
const CYCLES: usize = 5;

/// Orders by their key, with the answer if one came.
type Ledger = BTreeMap<String, Option<String>>;

fn order(number: usize) -> Value {
    let (from, to) = if number.is_multiple_of(2) { (1, 2) } else { (1, 3) };
    json!({ "from_account_id": format!("acc_{from}"), "to_account_id": format!("acc_{to}"),
        "amount": 0.01, "description": format!("order {number}") })
}

/// Sends orders until the server dies, which happens when `until` of them are answered.
fn load(server: &Server, token: &str, next: &AtomicUsize, until: usize) -> Ledger {
    let sent = Mutex::new(Ledger::new());
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let key = format!("key-{number}");
                    let answer = server.order("/transfers", token, Some(&key), &order(number));
                    let gone = answer.is_none();
                    let text = answer.filter(|answer| answer.status == 201).map(|a| a.text);
                    sent.lock().unwrap().insert(key, text);
                    if gone {
                        return;
                    }
                    if answered.fetch_add(1, Ordering::Relaxed) + 1 == until {
                        server.kill();
                    }
                }
            });
        }
    });
    sent.into_inner().unwrap()
}

#[test]
fn what_was_acknowledged_is_there_once_after_a_kill() {
    let cycles = std::env::var("MOCKBANK_CRASH_CYCLES").ok();
    let cycles = cycles.map_or(CYCLES, |cycles| cycles.parse().unwrap());
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let next = AtomicUsize::new(0);
    let mut all = Ledger::new();
    let mut server = sandbox.serve("--no-rate-limit");
    let lines = |server: &Server, token: &str| {
        let list = server.found("/accounts/acc_1/transactions?search=order", token);
        list["meta"]["total_items"].as_u64().unwrap()
    };
    for cycle in 0..cycles {
        let token = server.token("user1");
        // A number that looks random but is the same every time.
        let until = 1 + cycle * 7919 % 61;
        let sent = load(&server, &token, &next, until);
        assert!(sent.values().flatten().count() >= until);
        drop(server);
        sandbox.done("verify");
        server = sandbox.serve("--no-rate-limit");
        let mut known = BTreeMap::new();
        for (key, answer) in sent {
            let number = key.trim_start_matches("key-").parse().unwrap();
            let again = server.order("/transfers", &token, Some(&key), &order(number)).unwrap();
            assert_eq!(again.status, 201, "{}", again.text);
            if let Some(answer) = &answer {
                assert_eq!(&again.text, answer, "{key}");
                assert_eq!(again.header("idempotency-replayed"), Some("true"), "{key}");
            }
            known.insert(key, Some(again.text));
        }
        all.extend(known);
        assert_eq!(lines(&server, &token), all.len() as u64, "cycle {cycle}");
    }
    drop(server);
    sandbox.done("verify");
}
