//! Writing through the API, as clients do it: many at once.

use std::thread;

use serde_json::{Value, json};

use crate::harness::{Sandbox, Server};

fn open() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("--no-rate-limit");
    (sandbox, server)
}

fn transfer(from: &str, to: &str, amount: f64) -> Value {
    json!({ "from_account_id": from, "to_account_id": to, "amount": amount })
}

#[test]
fn from_sign_up_to_the_first_transfer() {
    let (sandbox, server) = open();
    let admin = server.admin_token();
    let user = json!({ "username": "ada", "password": "correct horse", "first_name": "Ada",
        "last_name": "Lindqvist", "email": "ada@example.org", "city": "Boston" });
    assert_eq!(server.post("/users", &user).json()["user_id"], "u_6");
    let login = json!({ "username": "ada", "password": "correct horse" });
    let login = server.post("/login", &login).json();
    let token = login["token"].as_str().unwrap();
    let account = server.ordered("/users/u_6/accounts", token, &json!({ "type": "CHECKING" }));
    assert_eq!(account["account_id"], "acc_6");
    server.ordered("/accounts/acc_6/cards", token, &json!({ "spending_profile": "SPENDER" }));
    let gift = json!({ "account_id": "acc_6", "amount": 5000 });
    server.ordered("/admin/transactions", admin, &gift);
    let made = server.ordered("/transfers", token, &transfer("acc_6", "acc_1", 99.99));
    assert_eq!(made["transactions"][1]["account_id"], "acc_1");
    // A customer who signed up lives on like the others.
    let job = server.ordered("/admin/clock/advance", admin, &json!({ "days": 40 }));
    let job = server.finished(&job, admin);
    assert!(job["transactions"].as_u64().unwrap() > 0);
    let cards = server.found("/accounts/acc_6/transactions?category=Shopping", token);
    assert!(cards["meta"]["total_items"].as_u64().unwrap() > 0);
    let check = server.ordered("/admin/verify", admin, &json!({}));
    assert_eq!(server.finished(&check, admin)["report"]["holds"], true);
    assert_eq!(server.stop(), Some(0));
    sandbox.done("verify");
}

#[test]
fn racing_clients_with_one_key_make_one_transfer() {
    let (sandbox, server) = open();
    let token = server.token("user1");
    let before = server.found("/accounts/acc_2/transactions", &server.token("user2"));
    let order = transfer("acc_1", "acc_2", 1.5);
    let answers: Vec<_> = thread::scope(|scope| {
        let send = || server.order("/transfers", &token, Some("the-same"), &order).unwrap();
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    let fresh = answers.iter().filter(|a| a.header("idempotency-replayed").is_none()).count();
    assert_eq!(fresh, 1);
    let after = server.found("/accounts/acc_2/transactions", &server.token("user2"));
    let count = |list: &Value| list["meta"]["total_items"].as_u64().unwrap();
    assert_eq!(count(&after), count(&before) + 1);
    drop(server);
    sandbox.done("verify");
}

#[test]
fn a_hold_is_resolved_once_whatever_races() {
    let (sandbox, server) = open();
    let (payer, payee) = (server.token("user1"), server.token("user2"));
    for number in 1..=5 {
        server.ordered("/holds", &payer, &transfer("acc_1", "acc_2", 10.0));
        let done = thread::scope(|scope| {
            let clients: Vec<_> = [("post", &payee), ("void", &payer), ("post", &payer)]
                .into_iter()
                .map(|(act, token)| {
                    let path = format!("/holds/hold_{number}/{act}");
                    let server = &server;
                    scope.spawn(move || server.order(&path, token, None, &json!({})).unwrap())
                })
                .collect();
            let statuses = clients.into_iter().map(|client| client.join().unwrap().status);
            statuses.filter(|status| *status == 200).count()
        });
        assert_eq!(done, 1);
    }
    assert_eq!(server.found("/accounts/acc_1", &payer)["held_balance"], 0.0);
    drop(server);
    sandbox.done("verify");
}

#[test]
fn transfers_go_on_while_time_passes() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 300 --days 1");
    let server = sandbox.serve("--no-rate-limit");
    let (admin, token) = (server.admin_token(), server.token("user1"));
    let job = server.ordered("/admin/clock/advance", admin, &json!({ "days": 1500 }));
    let busy = server.order("/admin/clock/advance", admin, None, &json!({ "days": 1 })).unwrap();
    assert_eq!((busy.status, &busy.json()["code"]), (409, &json!("job_running")));
    let path = format!("/admin/jobs/{}", job["job_id"].as_str().unwrap());
    let mut meanwhile = 0;
    while server.found(&path, admin)["status"] == "RUNNING" {
        server.ordered("/transfers", &token, &transfer("acc_1", "acc_2", 0.01));
        meanwhile += 1;
    }
    assert!(meanwhile > 1, "{meanwhile}");
    assert_eq!(server.finished(&job, admin)["clock"], job["to"]);
    assert_eq!(server.stop(), Some(0));
    sandbox.done("verify");
}

#[test]
fn the_admin_token_is_shown_once_and_can_be_changed() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("");
    let first = server.admin_token().to_owned();
    server.found("/admin/world", &first);
    let second = sandbox.run("serve --listen 127.0.0.1:0");
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains("another process is writing"), "{second:?}");
    assert!(second.stderr.contains("process "), "{second:?}");
    drop(server);
    let server = sandbox.serve("");
    assert!(!server.greeting.contains("admin token"));
    server.found("/admin/world", &first);
    drop(server);
    let server = sandbox.serve("--new-admin-token");
    let new = server.admin_token().to_owned();
    server.found("/admin/world", &new);
    assert_eq!(server.get("/admin/world", &first).status, 401);
    drop(server);
    let server = sandbox.serve("--admin-token mine");
    server.found("/admin/world", "mine");
    assert_eq!(server.get("/admin/world", &new).status, 401);
}

#[test]
fn a_server_that_does_not_start_makes_no_admin_token() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 1 --days 1");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = sandbox.run(&format!("serve --listen {}", taken.local_addr().unwrap()));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("choose another --listen"), "{refused:?}");
    let server = sandbox.serve("");
    server.found("/admin/world", server.admin_token());
}

#[test]
fn a_world_is_copied_while_it_is_served_and_put_back() {
    let (sandbox, server) = open();
    let token = server.token("user1");
    server.ordered("/transfers", &token, &transfer("acc_1", "acc_2", 5.0));
    sandbox.done("backup copy.db");
    let copied = sandbox.content_hash();
    server.ordered("/transfers", &token, &transfer("acc_1", "acc_2", 5.0));
    assert_ne!(sandbox.content_hash(), copied);
    assert_eq!(sandbox.run("backup copy.db").code, Some(1));
    assert_eq!(sandbox.run("restore copy.db --force").code, Some(1));
    drop(server);
    assert_eq!(sandbox.run("restore copy.db").code, Some(1));
    sandbox.done("restore copy.db --force");
    assert_eq!(sandbox.content_hash(), copied);
    sandbox.done("verify");
}

#[test]
fn a_server_that_only_reads_stands_beside_one_that_writes() {
    let (sandbox, server) = open();
    let reader = sandbox.serve("--read-only --no-rate-limit");
    let token = server.token("user1");
    server.ordered("/transfers", &token, &transfer("acc_1", "acc_2", 5.0));
    assert_eq!(reader.found("/accounts/acc_1", &token), server.found("/accounts/acc_1", &token));
    let refused = reader.order("/transfers", &token, None, &transfer("acc_1", "acc_2", 5.0));
    assert_eq!(refused.unwrap().json()["code"], "read_only");
}

#[test]
fn a_job_whose_server_was_killed_is_interrupted() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("--no-rate-limit");
    let admin = server.admin_token().to_owned();
    let job = server.ordered("/admin/clock/advance", &admin, &json!({ "days": 3000 }));
    let path = format!("/admin/jobs/{}", job["job_id"].as_str().unwrap());
    assert_eq!(server.found(&path, &admin)["status"], "RUNNING");
    server.kill();
    drop(server);
    let server = sandbox.serve("--no-rate-limit");
    let told = server.found(&path, &admin);
    assert_eq!((&told["status"], &told["to"]), (&json!("INTERRUPTED"), &job["to"]));
    let next = server.ordered("/admin/clock/advance", &admin, &json!({ "days": 1 }));
    server.finished(&next, &admin);
}

#[test]
fn the_key_of_an_advance_outlives_the_server() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("--no-rate-limit");
    let admin = server.admin_token().to_owned();
    let advance = |server: &Server, days: i64| {
        let body = json!({ "days": days });
        server.order("/admin/clock/advance", &admin, Some("march"), &body).unwrap()
    };
    let begun = advance(&server, 3);
    assert_eq!(begun.status, 202, "{}", begun.text);
    server.finished(&begun.json(), &admin);
    let clock = server.found("/admin/world", &admin)["clock"].clone();
    server.kill();
    drop(server);
    let server = sandbox.serve("--no-rate-limit");
    let again = advance(&server, 3);
    assert_eq!((again.status, &again.text), (202, &begun.text));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.header("location"), begun.header("location"));
    assert_eq!(advance(&server, 4).json()["code"], "key_reused");
    assert_eq!(server.found("/admin/world", &admin)["clock"], clock);
    // What became of it is still known, and its number is not given out again.
    assert_eq!(server.finished(&begun.json(), &admin)["clock"], clock);
    let other = server.ordered("/admin/clock/advance", &admin, &json!({ "days": 1 }));
    assert_ne!(other["job_id"], begun.json()["job_id"]);
    server.finished(&other, &admin);
}

#[test]
fn the_bank_is_as_it_was_set() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve(
        "--no-rate-limit --overdraft-checking 1000000 --card-limit-least 50 --card-limit-most 60 \
         --card-limit-default 55 --durability process --writer-queue 1",
    );
    let token = server.token("user1");
    server.ordered("/transfers", &token, &transfer("acc_1", "acc_2", 900_000.0));
    let balance = server.found("/accounts/acc_1", &token)["balance"].as_f64().unwrap();
    assert!(balance < 0.0, "{balance}");
    let beyond = server.order("/transfers", &token, None, &transfer("acc_1", "acc_2", 900_000.0));
    assert_eq!(beyond.unwrap().json()["code"], "insufficient_funds");
    let card = server.ordered("/accounts/acc_1/cards", &token, &json!({}));
    assert_eq!(card["limit"], 55.0);
    let dear = server.order("/accounts/acc_1/cards", &token, None, &json!({ "limit": 61 }));
    assert_eq!(dear.unwrap().json()["code"], "invalid_fields");
    let document = server.get("/openapi.json", &token).json();
    let limit = &document["components"]["schemas"]["NewCard"]["properties"]["limit"];
    assert_eq!((limit["minimum"].as_f64(), limit["maximum"].as_f64()), (Some(50.0), Some(60.0)));
    drop(server);
    let wrong = sandbox.run("serve --listen 127.0.0.1:0 --card-limit-least 6000");
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("the limits of cards do not fit together"), "{wrong:?}");
    sandbox.done("verify");
}
