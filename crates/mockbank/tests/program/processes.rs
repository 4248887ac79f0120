//! Four server processes over one database are one bank: whatever they are sent at once, and
//! whichever of them dies.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::harness::{Answer, Sandbox, Server};
use crate::throwaway;

const PROCESSES: usize = 4;
const CLIENTS: usize = 64;

/// Orders that each client gives while time passes.
const ORDERS: usize = 6;

/// Answers after which one of the processes is killed, the database is restarted, and all ends.
const KILL_AFTER: usize = 150;
const RESTART_AFTER: usize = 400;
const END_AFTER: usize = 800;

/// A world in a database, and processes that serve it.
struct Bank {
    servers: Vec<Server>,
    /// Tokens of the holders of the two accounts between which money moves.
    tokens: [String; 2],
    url: String,
    sandbox: Sandbox,
    database: throwaway::Server,
}

impl Bank {
    fn open() -> Self {
        let database = throwaway::Server::start();
        let url = database.database();
        let sandbox = Sandbox::new();
        sandbox.done(&format!("init --users 30 --days 20 --database {url}"));
        let serve = |_| sandbox.serve(&format!("--no-rate-limit --database {url}"));
        let servers: Vec<_> = (0..PROCESSES).map(serve).collect();
        let tokens = ["user1", "user2"].map(|user| servers[0].token(user));
        Self { servers, tokens, url, sandbox, database }
    }

    /// Sends an order to one of the processes; `None` if it went away over it.
    fn send(&self, process: usize, order: &Order) -> Option<Answer> {
        let server = &self.servers[process % PROCESSES];
        let token = &self.tokens[order.payer];
        server.order("/transfers", token, Some(&order.key()), &order.body())
    }

    fn query(&self, sql: &str) -> Vec<String> {
        self.database.query(&self.url, &format!("SET search_path = mockbank; {sql}")).split_off(1)
    }

    /// Every accepted order is there once and whole, no other is, and nobody paid what he did not
    /// have. The whole world holds.
    fn assert_exactly_once(&self, accepted: &BTreeMap<String, String>) {
        let orders = "posting p JOIN description d ON d.number = p.description
                      WHERE d.text LIKE 'order %'";
        let torn = format!(
            "SELECT d.text FROM {orders} GROUP BY d.text HAVING count(*) <> 2 OR sum(p.amount) <> 0"
        );
        assert!(self.query(&torn).is_empty(), "{:?}", self.query(&torn));
        let found = self.query(&format!("SELECT DISTINCT d.text FROM {orders} ORDER BY 1"));
        let mut expected: Vec<_> = accepted.keys().cloned().collect();
        expected.sort();
        assert_eq!(found, expected);
        let overdrawn = format!("SELECT d.text FROM {orders} AND p.amount < 0 AND p.balance < 0");
        assert!(self.query(&overdrawn).is_empty(), "{:?}", self.query(&overdrawn));
        let report = self.sandbox.json(&format!("verify --database {}", self.url));
        assert_eq!(report["holds"], true, "{report}");
    }
}

/// A transfer between the two accounts that everybody uses.
struct Order {
    client: usize,
    number: usize,
    payer: usize,
}

impl Order {
    fn new(client: usize, number: usize) -> Self {
        Self { client, number, payer: (client + number) % 2 }
    }

    fn key(&self) -> String {
        format!("order-{}-{}", self.client, self.number)
    }

    fn text(&self) -> String {
        format!("order {}-{}", self.client, self.number)
    }

    fn body(&self) -> Value {
        let [from, to] = if self.payer == 0 { ["acc_1", "acc_2"] } else { ["acc_2", "acc_1"] };
        // Now and then more than there can be, so that some are refused.
        let amount = if self.number % 5 == 3 { 1_000_000 } else { 1 + self.client };
        json!({ "from_account_id": from, "to_account_id": to, "amount": amount,
            "description": self.text() })
    }
}

/// What was accepted: texts of orders, with the answer.
#[derive(Default)]
struct Accepted(Mutex<BTreeMap<String, String>>);

impl Accepted {
    /// Takes an answer in; all answers to one order are the same.
    fn note(&self, order: &Order, answer: &Answer) {
        match answer.status {
            201 => {
                let mut accepted = self.0.lock().unwrap();
                let first = accepted.entry(order.text()).or_insert_with(|| answer.text.clone());
                assert_eq!(*first, answer.text, "{}", order.text());
            }
            status => assert_eq!((status, code(answer)), (409, json!("insufficient_funds"))),
        }
    }
}

fn code(answer: &Answer) -> Value {
    answer.json()["code"].clone()
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn four_processes_and_time_that_passes_are_one_bank() {
    let bank = Bank::open();
    let accepted = Accepted::default();
    let evolve = format!("evolve --days 40 --database {}", bank.url);
    let mut evolve = bank.sandbox.command(&evolve);
    let mut evolving = evolve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (bank, accepted) = (&bank, &accepted);
            scope.spawn(move || {
                for number in 0..ORDERS {
                    let order = Order::new(client, number);
                    // Two processes get it at the same time.
                    let twice = thread::scope(|scope| {
                        let other = scope.spawn(|| bank.send(client + 1 + number, &order));
                        [bank.send(client, &order), other.join().unwrap()]
                    });
                    for answer in twice {
                        accepted.note(&order, &answer.unwrap());
                    }
                }
            });
        }
    });
    assert!(evolving.wait().unwrap().success());
    let accepted = accepted.0.into_inner().unwrap();
    assert!(accepted.len() > CLIENTS);
    bank.assert_exactly_once(&accepted);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_killed_process_and_a_restarted_database_lose_and_double_nothing() {
    let bank = Bank::open();
    let accepted = Accepted::default();
    let (answers, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (bank, accepted, answers, over) = (&bank, &accepted, &answers, &over);
            scope.spawn(move || {
                for number in 0.. {
                    let order = Order::new(client, number);
                    // Until somebody answers, the same order goes from process to process.
                    let sent = (client..).map(|process| bank.send(process, &order));
                    let answer = sent.flatten().find(|answer| answer.status < 500).unwrap();
                    accepted.note(&order, &answer);
                    let count = answers.fetch_add(1, Ordering::Relaxed) + 1;
                    if count == KILL_AFTER {
                        bank.servers[0].kill();
                    }
                    if count == RESTART_AFTER {
                        bank.database.stop();
                        bank.database.run();
                    }
                    if count >= END_AFTER {
                        over.store(true, Ordering::Relaxed);
                    }
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
    });
    let accepted = accepted.0.into_inner().unwrap();
    bank.assert_exactly_once(&accepted);
    // What was answered stays answered, by whichever process is asked.
    for (text, answer) in accepted.iter().take(CLIENTS) {
        let numbers = text.trim_start_matches("order ").split_once('-').unwrap();
        let order = Order::new(numbers.0.parse().unwrap(), numbers.1.parse().unwrap());
        assert_eq!(&bank.send(1 + order.client % 3, &order).unwrap().text, answer, "{text}");
    }
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn time_passes_through_one_process_at_a_time() {
    let bank = Bank::open();
    let admin = bank.servers[0].admin_token();
    let [first, second, ..] = &bank.servers[..] else { panic!("too few processes") };
    let long = first.ordered("/admin/clock/advance", admin, &json!({ "days": 3000 }));
    let refused = second.order("/admin/clock/advance", admin, None, &json!({ "days": 1 })).unwrap();
    assert_eq!((refused.status, code(&refused)), (409, json!("job_running")), "{}", refused.text);
    assert!(refused.text.contains("mockbank up, process"), "{}", refused.text);
    let evolve = bank.sandbox.run(&format!("evolve --days 1 --database {}", bank.url));
    assert_eq!(evolve.code, Some(1));
    assert!(evolve.stderr.contains("mockbank up, process"), "{}", evolve.stderr);
    // Orders are carried out meanwhile, and the right is free once the first is gone.
    assert_eq!(bank.send(1, &Order::new(1, 1)).unwrap().status, 201);
    assert_eq!(
        second.found(&format!("/admin/jobs/{}", long["job_id"].as_str().unwrap()), admin)["status"],
        "RUNNING"
    );
    first.kill();
    let day = json!({ "days": 1 });
    let job = loop {
        let answer = second.order("/admin/clock/advance", admin, None, &day).unwrap();
        match answer.status {
            202 => break answer.json(),
            status => assert_eq!(status, 409, "{}", answer.text),
        }
    };
    second.finished(&job, admin);
    // What became of both is known to all of them.
    let told = |job: &Value| {
        let path = format!("/admin/jobs/{}", job["job_id"].as_str().unwrap());
        bank.servers[2].found(&path, admin)
    };
    assert_eq!(told(&job)["status"], "DONE");
    let lost = told(&long);
    assert_eq!((&lost["status"], &lost["to"]), (&json!("INTERRUPTED"), &long["to"]));
    let report = bank.sandbox.json(&format!("verify --database {}", bank.url));
    assert_eq!(report["holds"], true, "{report}");
}
