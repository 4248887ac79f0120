use serde_json::json;

use crate::client::{ADMIN_TOKEN, TestServer};

#[tokio::test]
async fn a_hold_sets_money_aside_until_it_is_posted() {
    let server = TestServer::new();
    let (payer, payee) = (server.token("user1").await, server.token("user2").await);
    let body = json!({"from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 3000,
        "description": "Deposit"});
    let hold = server.post(&payer, "/holds", &body).await.done(201);
    assert_eq!(hold["status"], "PENDING");
    assert_eq!(hold["expires_at"], "2025-02-07T00:00:00Z");
    let account = server.get_with(&payer, "/accounts/acc_1").await.ok();
    assert_eq!(account["balance"], 3319.5);
    assert_eq!(account["held_balance"], 3000.0);
    assert_eq!(account["available_balance"], 319.5);
    let listed = server.get_with(&payer, "/users/u_1/accounts").await.ok();
    assert_eq!(listed["accounts"][0], account);
    let transfer = json!({"from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 320});
    assert_eq!(server.post(&payer, "/transfers", &transfer).await.code(409), "insufficient_funds");
    let path = "/holds/hold_1";
    assert_eq!(server.get_with(&payee, path).await.ok(), hold);
    let answer = server.post(&payee, "/holds/hold_1/post", &json!({"amount": 3000.01})).await;
    assert_eq!(answer.code(409), "more_than_held");
    let posted =
        server.post(&payee, "/holds/hold_1/post", &json!({"amount": 1000})).await.done(200);
    assert_eq!(posted["hold"]["posted_amount"], 1000.0);
    assert_eq!(posted["transactions"][1]["description"], "Deposit");
    let account = server.get_with(&payer, "/accounts/acc_1").await.ok();
    assert_eq!(account["available_balance"], 2319.5);
    for act in ["post", "void"] {
        let answer = server.post(&payer, &format!("{path}/{act}"), &json!({})).await;
        assert_eq!(answer.code(409), "hold_resolved");
    }
    let holds = server.get_with(&payer, "/accounts/acc_1/holds").await.ok();
    assert_eq!(holds["holds"][0], posted["hold"]);
    assert_eq!(holds["meta"]["total_items"], 1);
}

#[tokio::test]
async fn a_hold_is_voided_or_expires_on_the_banks_clock() {
    let server = TestServer::new();
    let payer = server.token("user1").await;
    let body = |seconds| {
        json!({"from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 100,
            "expires_in": seconds})
    };
    server.post(&payer, "/holds", &body(3600)).await.done(201);
    server.post(&payer, "/holds", &body(3600)).await.done(201);
    // Without a body too.
    let voided = server.send_text("POST", &payer, "/holds/hold_1/void", "").await.done(200);
    assert_eq!(voided["status"], "VOIDED");
    server.pass_time(&json!({"hours": 2})).await;
    assert_eq!(server.get_with(&payer, "/holds/hold_2").await.ok()["status"], "EXPIRED");
    let account = server.get_with(&payer, "/accounts/acc_1").await.ok();
    assert_eq!(account["held_balance"], 0.0);
    let late = server.post(&payer, "/holds/hold_2/post", &json!({})).await;
    assert!(["hold_expired", "hold_resolved"].contains(&late.code(409).as_str()));
}

#[tokio::test]
async fn holds_between_others_are_not_shown() {
    let server = TestServer::new();
    let (first, second) = (server.token("user1").await, server.token("user2").await);
    let body = json!({"from_account_id": "acc_2", "to_account_id": "acc_3", "amount": 1});
    server.post(&first, "/holds", &body).await.refusal(403);
    server.post(&second, "/holds", &body).await.done(201);
    server.get_with(&first, "/holds/hold_1").await.refusal(403);
    server.post(&first, "/holds/hold_1/post", &json!({})).await.refusal(403);
    server.get_with(&first, "/holds/hold_2").await.refusal(404);
    server.get_with(ADMIN_TOKEN, "/holds/hold_1").await.refusal(401);
    let wrong = json!({"from_account_id": "acc_2", "to_account_id": "acc_3", "amount": 1,
        "expires_in": 0});
    assert_eq!(server.post(&second, "/holds", &wrong).await.code(422), "invalid_fields");
}
