use serde_json::{Value, json};

use crate::client::TestServer;

async fn page(server: &TestServer, query: &str) -> (Vec<f64>, Value) {
    let list = server.get_as("user1", &format!("/cards/card_1/transactions?{query}")).await.ok();
    assert_eq!(list["card_id"], "card_1");
    let transactions = list["transactions"].as_array().unwrap();
    let amounts =
        transactions.iter().map(|transaction| transaction["amount"].as_f64().unwrap()).collect();
    (amounts, list["meta"].clone())
}

#[tokio::test]
async fn a_card_is_shown() {
    let server = TestServer::new();
    // What was bought from the 15th to the 25th: 15 + 16 + ... + 25.
    assert_eq!(
        server.get_as("user1", "/cards/card_1").await.ok(),
        json!({
            "card_id": "card_1", "account_id": "acc_1", "masked_number": "****-****-****-0007",
            "status": "ACTIVE", "limit": 5000.0, "billing_day": 15, "spending_profile": "AVERAGE",
            "current_spend": 220.0, "issue_date": "2025-01-01", "expiry_date": "2149-06-06",
            "last_bill_date": "2025-01-15",
        })
    );
    let expired = server.get_as("user2", "/cards/card_3").await.ok();
    assert_eq!(expired["status"], "EXPIRED");
    assert_eq!(expired["last_bill_date"], Value::Null);
}

#[tokio::test]
async fn a_cards_transactions_are_its_own_newest_first() {
    let server = TestServer::new();
    let (amounts, meta) = page(&server, "limit=12").await;
    assert_eq!(amounts[..2], [-25.0, -24.0]);
    // The bill stands between the purchases of the 15th and the 14th.
    assert_eq!(amounts[10..], [-15.0, 105.0]);
    assert_eq!(meta["total_items"], 26);
    assert_eq!(meta["total_pages"], 3);
}

#[tokio::test]
async fn transactions_are_filtered_by_days_and_amount() {
    let server = TestServer::new();
    let amounts = async |query: &str| page(&server, query).await.0;
    assert_eq!(amounts("start_date=2025-01-24").await, [-25.0, -24.0]);
    assert_eq!(amounts("end_date=2025-01-02").await, [-2.0, -1.0]);
    assert_eq!(amounts("start_date=2025-01-03&end_date=2025-01-03").await, [-3.0]);
    assert!(amounts("start_date=2025-01-04&end_date=2025-01-03").await.is_empty());
    assert_eq!(amounts("min_amount=25").await, [-25.0, 105.0]);
    assert_eq!(amounts("min_amount=24.001").await, [-25.0, 105.0]);
    assert_eq!(amounts("min_amount=1e2").await, [105.0]);
    assert_eq!(amounts("min_amount=0&limit=1").await, [-25.0]);
    // Dates outside the bank's time bound nothing.
    assert_eq!(amounts("start_date=0001-01-01&end_date=9999-12-31&limit=1").await, [-25.0]);
    let (_, meta) = page(&server, "min_amount=25&limit=1").await;
    assert_eq!(meta["total_items"], 2);
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused() {
    let server = TestServer::new();
    for query in [
        "start_date=2025-02-30",
        "start_date=2025-13-01",
        "end_date=tomorrow",
        "end_date=01.02.2025",
        "end_date=",
        "min_amount=-1",
        "min_amount=NaN",
        "min_amount=1e99",
        "min_amount=ten",
        "page=-1",
        "limit=1000",
    ] {
        let path = format!("/cards/card_1/transactions?{query}");
        let detail = server.get_as("user1", &path).await.refusal(400);
        let parameter = query.split('=').next().unwrap();
        assert!(detail.starts_with(parameter), "{detail}");
    }
}
