use serde_json::json;

use crate::client::TestServer;

#[tokio::test]
async fn a_user_is_shown_without_secrets_and_with_settings_on_request() {
    let server = TestServer::new();
    let mut ada = json!({
        "user_id": "u_1", "username": "user1", "first_name": "Ada", "last_name": "Lindqvist",
        "email": "ada@example.org", "city": "Boston", "created_at": "2025-01-01T00:00:00Z",
    });
    assert_eq!(server.get_as("user1", "/users/u_1").await.ok(), ada);
    assert_eq!(server.get_as("user1", "/users/u_1?include_settings=false").await.ok(), ada);
    ada["settings"] = json!({"theme": "dark", "notifications": true});
    assert_eq!(server.get_as("user1", "/users/u_1?include_settings=true").await.ok(), ada);
    server.get_as("user1", "/users/u_1?include_settings=maybe").await.refusal(400);
}

#[tokio::test]
async fn accounts_are_filtered_and_paged() {
    let server = TestServer::new();
    let ids = async |query: &str| {
        let list = server.get_as("user2", &format!("/users/u_2/accounts{query}")).await.ok();
        let ids: Vec<String> = list["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|account| account["account_id"].as_str().unwrap().to_owned())
            .collect();
        (ids.join(" "), list["meta"].clone())
    };
    let (all, meta) = ids("").await;
    assert_eq!(all, "acc_2 acc_3");
    assert_eq!(
        meta,
        json!({"page": 1, "limit": 20, "total_items": 2, "total_pages": 1, "has_next": false, "has_prev": false})
    );
    assert_eq!(ids("?type=SAVINGS").await.0, "acc_3");
    assert_eq!(ids("?type=CHECKING&currency=USD").await.0, "acc_2");
    assert_eq!(ids("?currency=EUR").await.0, "");
    let (second, meta) = ids("?limit=1&page=2").await;
    assert_eq!(second, "acc_3");
    assert_eq!(
        meta,
        json!({"page": 2, "limit": 1, "total_items": 2, "total_pages": 2, "has_next": false, "has_prev": true})
    );
    let (_, meta) = ids("?currency=EUR").await;
    assert_eq!(meta["total_pages"], 0);
}

#[tokio::test]
async fn filters_that_no_account_could_pass_are_refused() {
    let server = TestServer::new();
    for query in ["type=LOAN", "type=", "currency=usd", "currency=USDX", "page=0", "limit=0"] {
        server.get_as("user1", &format!("/users/u_1/accounts?{query}")).await.refusal(400);
    }
}
