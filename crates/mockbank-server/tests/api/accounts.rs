use serde_json::{Value, json};

use crate::client::TestServer;

/// Amounts of a page of `acc_1`, as they were written.
async fn amounts(server: &TestServer, query: &str) -> Vec<f64> {
    let path = format!("/accounts/acc_1/transactions?{query}");
    let list = server.get_as("user1", &path).await.ok();
    let transactions = list["transactions"].as_array().unwrap();
    transactions.iter().map(|transaction| transaction["amount"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn an_account_is_shown() {
    let server = TestServer::new();
    let answer = server.get_as("user1", "/accounts/acc_1").await;
    // 1000 + 2500 wages - 105 of the bill - 75.50 sent.
    assert_eq!(
        answer.ok(),
        json!({
            "account_id": "acc_1", "user_id": "u_1", "type": "CHECKING", "currency": "USD",
            "balance": 3319.50, "held_balance": 0.0, "available_balance": 3319.50, "salary_amount": 5000.0, "status": "ACTIVE",
        })
    );
    assert!(answer.text.contains("\"balance\":3319.50,"), "{}", answer.text);
}

#[tokio::test]
async fn transactions_come_newest_first_and_in_pages() {
    let server = TestServer::new();
    let list = server.get_as("user1", "/accounts/acc_1/transactions").await.ok();
    assert_eq!(list["account_id"], "acc_1");
    assert_eq!(
        list["meta"],
        json!({"page": 1, "limit": 20, "total_items": 29, "total_pages": 2, "has_next": true, "has_prev": false})
    );
    let transactions = list["transactions"].as_array().unwrap();
    assert_eq!(transactions.len(), 20);
    assert_eq!(transactions[0]["date"], "2025-01-25T12:00:00Z");
    assert_eq!(transactions[0]["amount"], -25.0);
    assert_eq!(transactions[0]["type"], "DEBIT");
    assert!(
        transactions.windows(2).all(|pair| pair[0]["date"].as_str() >= pair[1]["date"].as_str())
    );

    let last = server.get_as("user1", "/accounts/acc_1/transactions?page=2").await.ok();
    assert_eq!(last["transactions"].as_array().unwrap().len(), 9);
    assert_eq!(last["transactions"][8]["amount"], -1.0);
    assert_eq!(last["meta"]["has_next"], false);
    assert_eq!(last["meta"]["has_prev"], true);
    let past = server.get_as("user1", "/accounts/acc_1/transactions?page=2147483647").await.ok();
    assert_eq!(past["transactions"], json!([]));
    assert_eq!(past["meta"]["total_items"], 29);
}

#[tokio::test]
async fn transactions_are_sorted_and_filtered() {
    let server = TestServer::new();
    assert_eq!(amounts(&server, "sort=asc&limit=3").await, [-1.0, -2.0, -3.0]);
    assert_eq!(amounts(&server, "sort=desc&limit=2").await, [-25.0, -24.0]);
    assert_eq!(amounts(&server, "category=Income").await, [2500.0]);
    assert_eq!(amounts(&server, "category=Bills").await, [105.0, -105.0]);
    assert_eq!(
        amounts(&server, "category=Food%20%26%20Dining&limit=2&page=2").await,
        [-23.0, -22.0]
    );
    assert_eq!(amounts(&server, "search=INITECH").await, [2500.0]);
    assert_eq!(amounts(&server, "search=transfer+sent&sort=asc").await, [-75.5]);
    assert_eq!(amounts(&server, "category=&search=&limit=1").await, [-25.0]);
    assert!(amounts(&server, "category=Gambling").await.is_empty());
    for injection in
        ["'%20OR%201=1%20--", "%25", "_", "%5C", "%00", "%27%3B%20DROP%20TABLE%20posting"]
    {
        assert!(amounts(&server, &format!("search={injection}")).await.is_empty(), "{injection}");
    }
    let list = server.get_as("user1", "/accounts/acc_1/transactions?category=Income").await.ok();
    assert_eq!(list["meta"]["total_items"], 1);
}

#[tokio::test]
async fn parameters_that_are_not_known_are_ignored() {
    let server = TestServer::new();
    assert_eq!(amounts(&server, "limit=1&_=1750000000&color=red").await, [-25.0]);
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused_and_say_why() {
    let server = TestServer::new();
    let refusal = async |query: &str| {
        let path = format!("/accounts/acc_1/transactions?{query}");
        server.get_as("user1", &path).await.refusal(400)
    };
    assert_eq!(
        refusal("page=-1").await,
        "page: must be a whole number from 1 to 2147483647, not \"-1\""
    );
    assert_eq!(
        refusal("limit=1e9").await,
        "limit: must be a whole number from 1 to 100, not \"1e9\""
    );
    assert!(refusal("sort=sideways").await.contains("expected `asc` or `desc`"));
    for query in
        ["limit=0", "limit=101", "limit=", "page=0", "page=1.5", "page=2147483648", "page=one"]
    {
        refusal(query).await;
    }
    assert!(refusal("page=1&page=2").await.contains("duplicate field `page`"));
}

#[tokio::test]
async fn both_sides_of_a_transfer_carry_its_group() {
    let server = TestServer::new();
    let find = async |user: &str, account: &str| -> Value {
        let path = format!("/accounts/{account}/transactions?category=Transfer");
        server.get_as(user, &path).await.ok()["transactions"][0].clone()
    };
    let (sent, received) = (find("user1", "acc_1").await, find("user2", "acc_2").await);
    assert_eq!(sent["amount"], -75.5);
    assert_eq!(sent["type"], "DEBIT");
    assert_eq!(sent["card_id"], Value::Null);
    assert_eq!(received["amount"], 75.5);
    assert_eq!(received["type"], "CREDIT");
    assert_eq!(sent["transfer_group_id"], "grp_1");
    assert_eq!(received["transfer_group_id"], "grp_1");
}

#[tokio::test]
async fn cards_are_listed_with_the_status_they_have_today() {
    let server = TestServer::new();
    let cards = async |query: &str| {
        let list = server.get_as("user2", &format!("/accounts/acc_2/cards{query}")).await.ok();
        assert_eq!(list["account_id"], "acc_2");
        let cards = list["cards"].as_array().unwrap().clone();
        cards.iter().map(|card| card["card_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(cards("").await, ["card_2", "card_3"]);
    assert_eq!(cards("?status=BLOCKED").await, ["card_2"]);
    assert_eq!(cards("?status=EXPIRED").await, ["card_3"]);
    assert!(cards("?status=ACTIVE").await.is_empty());
    server.get_as("user2", "/accounts/acc_2/cards?status=LOST").await.refusal(400);
}
