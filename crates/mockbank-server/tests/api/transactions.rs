use serde_json::{Value, json};

use crate::client::TestServer;

#[tokio::test]
async fn every_line_of_a_book_is_found_by_its_identifier() {
    let server = TestServer::new();
    let list = server.get_as("user1", "/accounts/acc_1/transactions?limit=100").await.ok();
    let token = server.token("user1").await;
    for line in list["transactions"].as_array().unwrap() {
        let path = format!("/transactions/{}", line["transaction_id"].as_str().unwrap());
        assert_eq!(&server.get_with(&token, &path).await.ok(), line);
    }
}

#[tokio::test]
async fn a_transaction_has_the_fields_that_clients_know() {
    let server = TestServer::new();
    let list = server.get_as("user1", "/accounts/acc_1/transactions?limit=1").await.ok();
    let mut newest = list["transactions"][0].clone();
    let id = newest["transaction_id"].take();
    assert!(id.as_str().unwrap().starts_with("txn_"));
    assert_eq!(
        newest,
        json!({
            "transaction_id": Value::Null, "account_id": "acc_1", "card_id": "card_1",
            "amount": -25.0, "date": "2025-01-25T12:00:00Z", "description": "Harbour Bakery",
            "category": "Food & Dining", "location": "Boston", "type": "DEBIT",
        })
    );
}

#[tokio::test]
async fn a_transaction_of_somebody_else_is_not_shown() {
    let server = TestServer::new();
    let list = server.get_as("user1", "/accounts/acc_1/transactions?limit=1").await.ok();
    let id = list["transactions"][0]["transaction_id"].as_str().unwrap().to_owned();
    server.get_as("user2", &format!("/transactions/{id}")).await.refusal(403);
    let never = "/transactions/txn_000000000000000001";
    server.get_as("user2", never).await.refusal(404);
}
