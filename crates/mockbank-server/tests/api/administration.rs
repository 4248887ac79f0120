use serde_json::{Value, json};

use crate::client::{ADMIN_TOKEN, TestServer};

#[tokio::test]
async fn only_the_admin_token_opens_the_back_office() {
    let server = TestServer::new();
    let customer = server.token("user1").await;
    for path in ["/admin/world", "/admin/statistics", "/admin/audit", "/admin/jobs/job_1"] {
        server.get(path).await.refusal(401);
        server.get_with(&customer, path).await.refusal(401);
        server.get_with(&ADMIN_TOKEN[1..], path).await.refusal(401);
    }
    for path in ["/admin/clock/advance", "/admin/verify", "/admin/transactions"] {
        server.post(&customer, path, &json!({})).await.refusal(401);
    }
    server.get_with(ADMIN_TOKEN, "/users/u_1").await.refusal(401);
    let world = server.get_with(ADMIN_TOKEN, "/admin/world").await.ok();
    assert_eq!(world["clock"], "2025-01-31T00:00:00Z");
    assert_eq!(world["counts"]["users"], 2);
    let statistics = server.get_with(ADMIN_TOKEN, "/admin/statistics").await.ok();
    assert_eq!(statistics["sum"], 0.0);
    server.get_with(ADMIN_TOKEN, "/admin/jobs/job_1").await.refusal(404);
}

#[tokio::test]
async fn time_passes_in_a_job() {
    let server = TestServer::new();
    // Whoever has neither salary nor a card in use gets no postings, so the small catalogue does.
    let frozen = json!({"status": "FROZEN"});
    server.write("PATCH", ADMIN_TOKEN, "/admin/accounts/acc_1", &[], &frozen).await.done(200);
    let job = server.pass_time(&json!({"days": 30})).await;
    assert_eq!(job["clock"], "2025-03-02T00:00:00Z");
    assert_eq!(job["transactions"], 0);
    let world = server.get_with(ADMIN_TOKEN, "/admin/world").await.ok();
    assert_eq!(world["clock"], job["clock"]);
    let health = server.get("/health").await;
    assert_eq!(health.header("x-bank-time"), Some("2025-03-02T00:00:00Z"));
    server.verify().await;
    let path = "/admin/clock/advance";
    for wrong in
        [json!({}), json!({"days": 1, "hours": 1}), json!({"days": 0}), json!({"days": 1.5})]
    {
        let answer = server.post(ADMIN_TOKEN, path, &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert_eq!(answer.json()["code"], "invalid_fields");
    }
    let body = json!({"hours": 1});
    let first = server.post_once(ADMIN_TOKEN, path, "t", &body).await.done(202);
    let again = server.post_once(ADMIN_TOKEN, path, "t", &body).await;
    assert_eq!(again.done(202)["job_id"], first["job_id"]);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[tokio::test]
async fn what_is_booked_by_hand_stands_in_the_books_and_the_log() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let path = "/admin/transactions";
    let body = json!({"account_id": "acc_1", "amount": -10, "description": "Correction"});
    let record = server.post_once(ADMIN_TOKEN, path, "m", &body).await.done(201);
    assert_eq!(record["category"], "Manual");
    let shown = format!("/transactions/{}", record["transaction_id"].as_str().unwrap());
    assert_eq!(server.get_with(&token, &shown).await.ok(), record);
    server.post_once(ADMIN_TOKEN, path, "m", &body).await.done(201);
    let on_card = json!({"card_id": "card_1", "amount": -7.25});
    server.post(ADMIN_TOKEN, path, &on_card).await.done(201);
    let answer = server.post(ADMIN_TOKEN, path, &json!({"account_id": "acc_9", "amount": 1})).await;
    assert_eq!(answer.code(404), "unknown_account");
    let both = json!({"account_id": "acc_1", "card_id": "card_1", "amount": 1});
    assert_eq!(server.post(ADMIN_TOKEN, path, &both).await.code(422), "invalid_fields");
    let log = server.get_with(ADMIN_TOKEN, "/admin/audit").await.ok();
    let acts: Vec<(&Value, &Value)> =
        log["entries"].as_array().unwrap().iter().map(|e| (&e["act"], &e["refusal"])).collect();
    assert_eq!(
        acts,
        [
            (&json!("book 1.00 on acc_9"), &json!("unknown_account")),
            (&json!("book -7.25 on card_1"), &Value::Null),
            (&json!("book -10.00 on acc_1"), &Value::Null),
        ]
    );
    server.verify().await;
}

#[tokio::test]
async fn nothing_is_booked_by_hand_on_an_account_in_another_currency() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let euros = json!({"type": "SAVINGS", "currency": "EUR"});
    let account = server.post(&token, "/users/u_1/accounts", &euros).await.done(201);
    let id = account["account_id"].as_str().unwrap();
    let terms = json!({"limit": 100, "billing_day": 1});
    let cards = format!("/accounts/{id}/cards");
    let card = server.post(&token, &cards, &terms).await.done(201);
    let path = "/admin/transactions";
    let before = server.get_with(ADMIN_TOKEN, "/admin/statistics").await.ok();
    for body in [
        json!({"account_id": id, "amount": 5}),
        json!({"account_id": id, "amount": -5}),
        json!({"card_id": card["card_id"], "amount": -5}),
    ] {
        let answer = server.post(ADMIN_TOKEN, path, &body).await;
        assert_eq!(answer.code(409), "currency_mismatch");
        let detail = format!(
            "{id} is kept in EUR and the bank's own accounts in USD: only accounts in USD can be \
             booked on by hand"
        );
        assert_eq!(answer.json()["detail"], detail);
    }
    assert_eq!(server.get_with(ADMIN_TOKEN, "/admin/statistics").await.ok(), before);
    let log = server.get_with(ADMIN_TOKEN, "/admin/audit").await.ok();
    assert_eq!(log["entries"][0]["refusal"], "currency_mismatch");
    let listed = server.get_with(&token, "/users/u_1/accounts?currency=EUR").await.ok();
    assert_eq!(listed["accounts"], json!([account]));
    let closed = server.send_text("POST", &token, &format!("/accounts/{id}/close"), "").await;
    assert_eq!(closed.done(200)["status"], "CLOSED");
    server.verify().await;
}

#[tokio::test]
async fn a_frozen_account_neither_pays_nor_is_paid() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let set = async |status: &str| {
        let body = json!({"status": status});
        server.write("PATCH", ADMIN_TOKEN, "/admin/accounts/acc_1", &[], &body).await
    };
    assert_eq!(set("FROZEN").await.done(200)["status"], "FROZEN");
    let body = json!({"from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 1});
    assert_eq!(server.post(&token, "/transfers", &body).await.code(409), "account_frozen");
    // The simulation leaves it alone too.
    server.pass_time(&json!({"days": 40})).await;
    server.verify().await;
    assert_eq!(set("ACTIVE").await.done(200)["status"], "ACTIVE");
    server.post(&token, "/transfers", &body).await.done(201);
    assert_eq!(set("CLOSED").await.code(422), "invalid_fields");
}
