//! Signing up, opening accounts and cards, changing them.

use serde_json::{Value, json};

use crate::client::TestServer;

fn ada() -> Value {
    json!({"username": "ada", "password": "correct horse", "first_name": "Ada",
        "last_name": "Lindqvist", "email": "ada@example.org", "city": "Boston"})
}

#[tokio::test]
async fn from_sign_up_to_the_first_transfer() {
    let server = TestServer::new();
    let user = server.post_once("", "/users", "k", &ada()).await.done(201);
    assert_eq!(user["user_id"], "u_3");
    assert!(!user.to_string().contains("correct horse") && !user.to_string().contains("argon2"));
    let again = server.post_once("", "/users", "k", &ada()).await;
    assert_eq!((again.done(201), again.header("idempotency-replayed")), (user, Some("true")));
    assert_eq!(server.post("", "/users", &ada()).await.code(409), "username_taken");
    let login = server.log_in("ada", "correct horse").await.ok();
    let token = login["token"].as_str().unwrap();
    let path = "/users/u_3/accounts";
    let account = server.post(token, path, &json!({"type": "SAVINGS"})).await.done(201);
    assert_eq!((&account["account_id"], &account["currency"]), (&json!("acc_4"), &json!("USD")));
    assert_eq!(server.get_with(token, path).await.ok()["accounts"][0], account);
    let euros = json!({"type": "CHECKING", "currency": "EUR"});
    server.post(token, path, &euros).await.done(201);
    let giver = server.token("user1").await;
    let gift = |to: &str| json!({"from_account_id": "acc_1", "to_account_id": to, "amount": 25});
    server.post(&giver, "/transfers", &gift("acc_4")).await.done(201);
    let other = server.post(&giver, "/transfers", &gift("acc_5")).await;
    assert_eq!(other.code(409), "currency_mismatch");
    let back = json!({"from_account_id": "acc_4", "to_account_id": "acc_1", "amount": 25});
    assert_eq!(
        server.post(token, "/accounts/acc_4/close", &json!({})).await.code(409),
        "account_not_empty"
    );
    server.post(token, "/transfers", &back).await.done(201);
    let closed = server.send_text("POST", token, "/accounts/acc_4/close", "").await.done(200);
    assert_eq!(closed["status"], "CLOSED");
    assert_eq!(server.post(&giver, "/transfers", &gift("acc_4")).await.code(409), "account_closed");
    server.verify().await;
}

#[tokio::test]
async fn sign_up_names_all_that_is_wrong() {
    let server = TestServer::new();
    let body = json!({"username": "a b", "password": "short", "email": "nobody",
        "first_name": "", "city": "a\nb"});
    let answer = server.post("", "/users", &body).await;
    assert_eq!(answer.code(422), "invalid_fields");
    let problem = answer.json();
    let fields: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    let expected = ["username", "password", "first_name", "last_name", "email", "city"];
    assert_eq!(fields, expected);
    let mut same = ada();
    same["username"] = json!("same-same");
    same["password"] = json!("same-same");
    let answer = server.post("", "/users", &same).await;
    assert_eq!(answer.code(409), "password_is_username");
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_old_one() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let path = "/users/u_1/password";
    let body = |old: &str, new: &str| json!({"current_password": old, "new_password": new});
    let put = async |body: &Value| server.write("PUT", &token, path, &[], body).await;
    assert_eq!(put(&body("wrong", "correct horse")).await.code(403), "wrong_password");
    assert_eq!(put(&body("password123", "short")).await.code(422), "invalid_fields");
    assert_eq!(put(&body("password123", "correct horse")).await.status, 204);
    server.log_in("user1", "password123").await.refusal(401);
    server.log_in("user1", "correct horse").await.ok();
    server.log_in("user2", "password123").await.ok();
    let other = server.token("user2").await;
    let answer = server.write("PUT", &other, path, &[], &body("correct horse", "x")).await;
    answer.refusal(403);
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let patch = async |body: Value| server.write("PATCH", &token, "/users/u_1", &[], &body).await;
    let user = patch(json!({"settings": {"notifications": false}})).await.done(200);
    assert_eq!(user["settings"], json!({"theme": "dark", "notifications": false}));
    patch(json!({"settings": {"theme": "light"}})).await.done(200);
    let user = server.get_with(&token, "/users/u_1?include_settings=true").await.ok();
    assert_eq!(user["settings"], json!({"theme": "light", "notifications": false}));
    let answer = patch(json!({"settings": {"theme": "pink", "notifications": 1}})).await;
    assert_eq!(answer.code(422), "invalid_fields");
    assert_eq!(answer.json()["errors"][1]["field"], "settings.notifications");
}

#[tokio::test]
async fn cards_are_issued_blocked_and_limited() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let path = "/accounts/acc_1/cards";
    let card = server.post_once(&token, path, "c", &json!({"limit": 250})).await.done(201);
    assert_eq!((&card["card_id"], &card["limit"]), (&json!("card_4"), &json!(250.0)));
    assert_eq!(card["expiry_date"], "2028-01-31");
    let again = server.post_once(&token, path, "c", &json!({"limit": 250})).await.done(201);
    assert_eq!(again, card);
    let nobody = json!({"spending_profile": "NOBODY"});
    assert_eq!(server.post(&token, path, &nobody).await.code(409), "unknown_profile");
    let wrong = json!({"limit": 1, "billing_day": 31, "spending_profile": 5});
    let answer = server.post(&token, path, &wrong).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3);
    let patch = async |card: &str, body: Value| {
        server.write("PATCH", &token, &format!("/cards/{card}"), &[], &body).await
    };
    let blocked = patch("card_4", json!({"status": "BLOCKED"})).await.done(200);
    assert_eq!(blocked["status"], "BLOCKED");
    assert_eq!(server.get_with(&token, "/cards/card_4").await.ok(), blocked);
    patch("card_4", json!({"status": "ACTIVE"})).await.done(200);
    let raised = patch("card_4", json!({"limit": 300.5})).await.done(200);
    assert_eq!(raised["limit"], 300.5);
    assert_eq!(patch("card_1", json!({"limit": 110})).await.code(409), "limit_below_spend");
    assert_eq!(patch("card_4", json!({"limit": 25_000.01})).await.code(422), "invalid_fields");
    assert_eq!(patch("card_4", json!({})).await.code(422), "invalid_fields");
    patch("card_2", json!({"status": "ACTIVE"})).await.refusal(403);
}
