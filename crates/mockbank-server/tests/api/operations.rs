use serde_json::json;

use crate::client::TestServer;

#[tokio::test]
async fn health_tells_the_banks_time() {
    let server = TestServer::new();
    let answer = server.get("/health").await;
    assert_eq!(
        answer.ok(),
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "bank_time": "2025-01-31T00:00:00Z"})
    );
    assert_eq!(answer.header("x-bank-time"), Some("2025-01-31T00:00:00Z"));
}

#[tokio::test]
async fn metrics_count_requests_and_logins() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    server.log_in("user1", "wrong").await.refusal(401);
    server.get_with(&token, "/accounts/acc_1").await.ok();
    server.get_with(&token, "/accounts/acc_2").await.refusal(403);
    server.get("/nothing").await.refusal(404);
    let answer = server.get("/metrics").await;
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        "mockbank_logins_total{outcome=\"Accepted\"} 1",
        "mockbank_logins_total{outcome=\"Refused\"} 1",
        "mockbank_requests_total{route=\"/accounts/{account_id}\",status=\"200\"} 1",
        "mockbank_requests_total{route=\"/accounts/{account_id}\",status=\"403\"} 1",
        "mockbank_requests_total{route=\"elsewhere\",status=\"404\"} 1",
        "mockbank_latency_seconds_count{route=\"/accounts/{account_id}\"} 2",
        "mockbank_in_flight 1",
    ] {
        assert!(answer.text.contains(line), "{line} is not in\n{}", answer.text);
    }
}

#[tokio::test]
async fn the_documentation_is_served() {
    let server = TestServer::new();
    let document = server.get("/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let start = server.get("/").await;
    assert_eq!((start.status.as_u16(), start.header("location")), (307, Some("/apidocs/")));
    let page = server.get("/apidocs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.text.contains("swagger-ui"));
    let start = server.get("/apidocs/swagger-initializer.js").await;
    assert!(start.text.contains("/openapi.json"), "{}", start.text);
}
