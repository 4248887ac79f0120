//! The original HTTP API, row by row, as a client that was written for it would use it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Sandbox, Server};

fn open() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("--no-rate-limit");
    (sandbox, server)
}

#[track_caller]
fn assert_keys(value: &Value, expected: &[&str]) {
    let keys: BTreeSet<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, expected.iter().copied().collect(), "{value}");
}

#[test]
fn log_in() {
    let (_sandbox, server) = open();
    let answer = server.post("/login", &json!({ "username": "user2", "password": "password123" }));
    assert_eq!(answer.status, 200);
    let login = answer.json();
    assert_keys(&login, &["token", "user_id", "expires_in"]);
    assert_eq!((&login["user_id"], &login["expires_in"]), (&json!("u_2"), &json!(3600)));
    let claims = login["token"].as_str().unwrap().split('.').count();
    assert_eq!(claims, 3);
    for (username, password) in [("user1", "wrong"), ("nobody", "password123")] {
        let body = json!({ "username": username, "password": password });
        let refused = server.post("/login", &body);
        assert_eq!(refused.status, 401);
        assert!(refused.json()["error"].is_string());
    }
}

#[test]
fn users_and_their_accounts() {
    let (_sandbox, server) = open();
    let token = server.token("user1");
    let plain = ["user_id", "username", "first_name", "last_name", "email", "city", "created_at"];
    let user = server.found("/users/u_1", &token);
    assert_keys(&user, &plain);
    assert_eq!((&user["user_id"], &user["username"]), (&json!("u_1"), &json!("user1")));
    assert!(user["created_at"].as_str().unwrap().starts_with("2025-01-01"));
    let user = server.found("/users/u_1?include_settings=true", &token);
    assert_keys(&user["settings"], &["theme", "notifications"]);

    let accounts = server.found("/users/u_1/accounts", &token);
    assert_keys(&accounts, &["meta", "accounts"]);
    assert_eq!(
        accounts["meta"],
        json!({ "page": 1, "limit": 20, "total_items": 1, "total_pages": 1,
                "has_next": false, "has_prev": false })
    );
    let fields = [
        "account_id",
        "user_id",
        "type",
        "currency",
        "balance",
        "salary_amount",
        "status",
        "held_balance",
        "available_balance",
    ];
    assert_keys(&accounts["accounts"][0], &fields);
    let account = server.found("/accounts/acc_1", &token);
    assert_eq!(account, accounts["accounts"][0]);
    assert_eq!(account["account_id"], json!("acc_1"));
    assert_eq!(account["type"], json!("CHECKING"));
    assert_eq!(account["currency"], json!("USD"));
    assert_eq!(account["status"], json!("ACTIVE"));
    let total = |query: &str| {
        server.found(&format!("/users/u_1/accounts?{query}"), &token)["meta"]["total_items"].clone()
    };
    assert_eq!(total("type=CHECKING&currency=USD&page=1&limit=5"), json!(1));
    assert_eq!(total("type=SAVINGS"), json!(0));
    assert_eq!(total("currency=EUR"), json!(0));
}

#[test]
fn the_account_list_of_transactions() {
    let (_sandbox, server) = open();
    let token = server.token("user1");
    let get = |query: &str| server.found(&format!("/accounts/acc_1/transactions?{query}"), &token);
    let all = get("limit=100");
    assert_keys(&all, &["account_id", "meta", "transactions"]);
    let rows = all["transactions"].as_array().unwrap();
    assert_eq!(all["meta"]["total_items"], json!(rows.len()));
    let dates: Vec<_> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|first, second| first >= second), "{dates:?}");
    let mut rising = get("sort=asc&limit=100")["transactions"].as_array().unwrap().clone();
    rising.reverse();
    assert_eq!(rising, *rows);

    let pages = rows.len().div_ceil(3);
    let paged: Vec<_> = (1..=pages)
        .flat_map(|page| {
            let answer = get(&format!("page={page}&limit=3"));
            assert_eq!(answer["meta"]["has_next"], json!(page < pages));
            assert_eq!(answer["meta"]["has_prev"], json!(page > 1));
            assert_eq!(answer["meta"]["total_pages"], json!(pages));
            answer["transactions"].as_array().unwrap().clone()
        })
        .collect();
    assert_eq!(paged, *rows);

    let income = get("category=Income&limit=100");
    assert_eq!(income["meta"]["total_items"], json!(2));
    let payroll = get("search=pAyRoLl&limit=100");
    assert_eq!(payroll["transactions"], income["transactions"]);
    assert_eq!(get("search=no%20such%20thing")["meta"]["total_items"], json!(0));
}

#[test]
fn a_transaction() {
    let (_sandbox, server) = open();
    let token = server.token("user1");
    let list = server.found("/accounts/acc_1/transactions?limit=100", &token);
    for row in list["transactions"].as_array().unwrap() {
        let mut fields = vec![
            "transaction_id",
            "account_id",
            "card_id",
            "amount",
            "date",
            "description",
            "category",
            "location",
            "type",
        ];
        if row.get("transfer_group_id").is_some() {
            fields.push("transfer_group_id");
        }
        assert_keys(row, &fields);
        let id = row["transaction_id"].as_str().unwrap();
        assert!(id.starts_with("txn_"));
        assert_eq!(server.found(&format!("/transactions/{id}"), &token), *row);
        let debit = row["amount"].as_f64().unwrap() < 0.0;
        assert_eq!(row["type"], json!(if debit { "DEBIT" } else { "CREDIT" }));
        let amount = row["amount"].to_string();
        let decimals = amount.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        assert!(decimals <= 2, "{amount}");
    }
}

#[test]
fn cards_and_their_transactions() {
    let (_sandbox, server) = open();
    let token = server.token("user1");
    let cards = server.found("/accounts/acc_1/cards", &token);
    assert_keys(&cards, &["account_id", "cards"]);
    let fields = [
        "card_id",
        "account_id",
        "masked_number",
        "status",
        "limit",
        "billing_day",
        "spending_profile",
        "current_spend",
        "issue_date",
        "expiry_date",
        "last_bill_date",
    ];
    let card = server.found("/cards/card_1", &token);
    assert_keys(&card, &fields);
    assert_eq!(cards["cards"], json!([card]));
    assert!(card["masked_number"].as_str().unwrap().starts_with("****-****-****-"));
    assert_eq!(card["limit"].as_f64(), Some(5000.0));
    let of_status = |status: &str| {
        let cards = server.found(&format!("/accounts/acc_1/cards?status={status}"), &token);
        cards["cards"].as_array().unwrap().len()
    };
    assert_eq!([of_status("ACTIVE"), of_status("BLOCKED"), of_status("EXPIRED")], [1, 0, 0]);

    let get = |query: &str| server.found(&format!("/cards/card_1/transactions?{query}"), &token);
    let all = get("limit=100");
    assert_keys(&all, &["card_id", "meta", "transactions"]);
    let rows = all["transactions"].as_array().unwrap();
    let ids = |rows: &[Value], keep: &dyn Fn(&Value) -> bool| {
        rows.iter().filter(|row| keep(row)).map(|row| row["transaction_id"].clone()).collect()
    };
    let matching = |query: &str| -> Vec<Value> {
        ids(get(&format!("limit=100&{query}"))["transactions"].as_array().unwrap(), &|_| true)
    };
    let on = |row: &Value| row["date"].as_str().unwrap()[..10].to_owned();
    let expected: Vec<Value> =
        ids(rows, &|row| ("2025-01-10".."2025-01-21").contains(&on(row).as_str()));
    assert_eq!(matching("start_date=2025-01-10&end_date=2025-01-20"), expected);
    let expected: Vec<Value> = ids(rows, &|row| row["amount"].as_f64().unwrap().abs() >= 40.0);
    assert_eq!(matching("min_amount=40"), expected);
}

#[test]
fn who_may_see_what() {
    let (_sandbox, server) = open();
    let (own, other) = (server.token("user1"), server.token("user2"));
    let rows = server.found("/accounts/acc_1/transactions", &own);
    let transaction = rows["transactions"][0]["transaction_id"].as_str().unwrap();
    let paths = [
        "/users/u_1".to_owned(),
        "/users/u_1/accounts".to_owned(),
        "/accounts/acc_1".to_owned(),
        "/accounts/acc_1/transactions".to_owned(),
        "/accounts/acc_1/cards".to_owned(),
        "/cards/card_1".to_owned(),
        "/cards/card_1/transactions".to_owned(),
        format!("/transactions/{transaction}"),
    ];
    for path in paths {
        let status = |token: &str| {
            let answer = server.get(&path, token);
            if answer.status != 200 {
                assert!(answer.json()["error"].is_string(), "{path}");
            }
            answer.status
        };
        assert_eq!(status(&own), 200, "{path}");
        assert_eq!(status(&other), 403, "{path}");
        assert_eq!(status("no.good.token"), 401, "{path}");
        assert_eq!(server.send("GET", &path, &[], &[]).status, 401, "{path}");
    }
    let (head, signature) = own.rsplit_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    assert_eq!(server.get("/users/u_1", &format!("{head}.{reversed}")).status, 401);
    for path in ["/users/u_99", "/accounts/acc_99", "/cards/card_99", "/transactions/txn_99"] {
        assert_eq!(server.get(path, &own).status, 404, "{path}");
    }
}

#[test]
fn limits_on_the_rate_of_requests() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("");
    let token = server.token("user1");
    let statuses = |path: &str, count: usize| -> Vec<u16> {
        (0..count).map(|_| server.get(path, &token).status).collect()
    };
    let lists = statuses("/accounts/acc_1/transactions", 21);
    assert_eq!(lists.iter().filter(|status| **status == 200).count(), 20);
    assert_eq!(lists[20], 429);
    assert_eq!(server.get("/accounts/acc_1", &token).status, 200);
    let wrong = json!({ "username": "user1", "password": "wrong" });
    let logins: Vec<_> = (0..5).map(|_| server.post("/login", &wrong).status).collect();
    assert_eq!(logins, [401, 401, 401, 401, 429]);
    let refused = server.post("/login", &wrong);
    assert!(refused.header("Retry-After").is_some() && refused.json()["error"].is_string());
}

#[test]
fn documentation_and_operations() {
    let (_sandbox, server) = open();
    let page = server.send("GET", "/apidocs/", &[], &[]);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("swagger-ui"));
    let document = server.send("GET", "/openapi.json", &[], &[]).json();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    for path in [
        "/login",
        "/users/{user_id}",
        "/users/{user_id}/accounts",
        "/accounts/{account_id}",
        "/accounts/{account_id}/transactions",
        "/accounts/{account_id}/cards",
        "/cards/{card_id}",
        "/cards/{card_id}/transactions",
        "/transactions/{transaction_id}",
    ] {
        assert!(paths.iter().any(|known| known == path), "{path}");
    }
    assert_eq!(server.send("GET", "/health", &[], &[]).status, 200);
    assert_eq!(server.send("GET", "/metrics", &[], &[]).status, 200);
}

#[test]
fn bad_input_is_refused_and_breaks_nothing() {
    let (_sandbox, server) = open();
    let token = server.token("user1");
    let refused = |answer: &crate::harness::Answer| {
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert_eq!(answer.header("Content-Type"), Some("application/problem+json"));
        assert!(answer.header("X-Request-Id").is_some());
    };
    let list = "/accounts/acc_1/transactions";
    for query in ["page=-1", "page=0", "limit=1000000000", "limit=0", "sort=sideways"] {
        refused(&server.get(&format!("{list}?{query}"), &token));
    }
    for query in ["start_date=2025-02-30", "end_date=yesterday", "min_amount=much"] {
        refused(&server.get(&format!("/cards/card_1/transactions?{query}"), &token));
    }
    let injected = format!("{list}?search=%27%20OR%201=1%20--");
    assert_eq!(server.found(&injected, &token)["meta"]["total_items"], json!(0));
    // {"alg":"none"} and {"user_id":"u_1"}
    refused(&server.get("/users/u_1", "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoidV8xIn0."));
    let json_type = [("Content-Type", "application/json")];
    refused(&server.send("POST", "/login", &json_type, b"{\"username\": \xff}"));
    refused(&server.send("POST", "/login", &[("Content-Type", "text/odd")], b"{}"));
    let too_large = "POST /login HTTP/1.1\r\nHost: bank\r\nContent-Type: application/json\r\n\
        Content-Length: 10000000\r\n\r\n";
    assert!(server.send_head(too_large).starts_with("HTTP/1.1 413 "));
    refused(&server.send("DELETE", "/users/u_1", &[], &[]));
    refused(&server.send("GET", "/no/such/route", &[], &[]));
    assert_eq!(server.get("/users/u_1", &token).status, 200);
}

#[cfg(unix)]
#[test]
fn tokens_outlive_the_process_and_it_stops_when_told() {
    let (sandbox, server) = open();
    let token = server.token("user1");
    assert_eq!(server.stop(), Some(0));
    let again = sandbox.serve("");
    assert_eq!(again.get("/users/u_1", &token).status, 200);
    drop(again);
    sandbox.done("init --force");
    let another_world = sandbox.serve("");
    assert_eq!(another_world.get("/users/u_1", &token).status, 401);
}

#[test]
fn the_world_moves_under_a_running_server() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = sandbox.serve("--read-only --no-rate-limit");
    let token = server.token("user1");
    let total = || {
        server.found("/accounts/acc_1/transactions?limit=1", &token)["meta"]["total_items"].clone()
    };
    let before = total();
    sandbox.done("evolve --days 30");
    let after = total();
    assert!(after.as_u64() > before.as_u64(), "{before} {after}");
}
