use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use mockbank_server::Settings;

use crate::client::{Answer, TestServer};

/// Asks for `/users/u_1` from an address, by way of a proxy if there is one.
async fn ask(server: &TestServer, peer: &str, forwarded_for: Option<&str>) -> Answer {
    let mut request = Request::get("/users/u_1");
    if let Some(forwarded_for) = forwarded_for {
        request = request.header("x-forwarded-for", forwarded_for);
    }
    let peer: SocketAddr = peer.parse().unwrap();
    server.send(request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn logins_are_limited_to_five_a_minute() {
    let server = TestServer::with(Settings::default());
    for left in (0..5).rev() {
        let answer = server.log_in("user1", "password123").await;
        answer.ok();
        assert_eq!(
            answer.header("ratelimit-policy"),
            Some("\"login\";q=5;w=60, \"hour\";q=500;w=3600, \"day\";q=2000;w=86400")
        );
        let reset = (5 - left) * 12;
        assert_eq!(
            answer.header("ratelimit"),
            Some(format!("\"login\";r={left};t={reset}").as_str())
        );
    }
    let refused = server.log_in("user1", "password123").await;
    refused.refusal(429);
    assert_eq!(refused.header("retry-after"), Some("12"));
    assert_eq!(refused.header("ratelimit"), Some("\"login\";r=0;t=12"));
    server.wait(12);
    server.log_in("user1", "password123").await.ok();
    server.log_in("user1", "password123").await.refusal(429);
}

#[tokio::test]
async fn lists_of_transactions_share_twenty_a_minute() {
    let server = TestServer::with(Settings::default());
    let token = server.token("user1").await;
    for number in 0..20 {
        let path = ["/accounts/acc_1/transactions", "/cards/card_1/transactions"][number % 2];
        server.get_with(&token, path).await.ok();
    }
    server.get_with(&token, "/accounts/acc_1/transactions").await.refusal(429);
    server.get_with(&token, "/cards/card_1/transactions").await.refusal(429);
    server.get_with(&token, "/accounts/acc_1").await.ok();
    server.wait(3);
    server.get_with(&token, "/cards/card_1/transactions").await.ok();
}

#[tokio::test]
async fn everything_is_limited_by_the_hour_and_the_day_except_what_watches() {
    let server = TestServer::with(Settings::default());
    let fill = async || {
        let mut answered = 0;
        while server.get("/nothing").await.status == 404 {
            answered += 1;
        }
        answered
    };
    assert_eq!(fill().await, 500);
    server.get("/users/u_1").await.refusal(429);
    for watched in ["/health", "/metrics"] {
        let answer = server.get(watched).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit"), None);
    }
    // Hour by hour until the day's share is used up.
    let mut total = 500;
    for _ in 0..4 {
        server.wait(3600);
        total += fill().await;
    }
    // 2000, and what came back over four hours.
    assert_eq!(total, 2000 + 4 * 3600 * 2000 / 86_400);
}

#[tokio::test]
async fn clients_are_told_apart_by_their_address() {
    let mut settings = Settings::default();
    settings.rate_limits.per_hour = std::num::NonZeroU32::MIN;
    let server = TestServer::with(settings);
    ask(&server, "192.0.2.1:1000", None).await.refusal(401);
    ask(&server, "192.0.2.1:1001", None).await.refusal(429);
    // A client's own word is worth nothing.
    ask(&server, "192.0.2.1:1002", Some("192.0.2.9")).await.refusal(429);
    ask(&server, "192.0.2.2:1000", None).await.refusal(401);
}

#[tokio::test]
async fn behind_a_trusted_proxy_its_last_entry_counts() {
    let mut settings = Settings { trust_forwarded_for: true, ..Settings::default() };
    settings.rate_limits.per_hour = std::num::NonZeroU32::MIN;
    let server = TestServer::with(settings);
    let proxy = "10.0.0.1:1000";
    ask(&server, proxy, Some("192.0.2.1")).await.refusal(401);
    ask(&server, proxy, Some("203.0.113.7, 192.0.2.1")).await.refusal(429);
    ask(&server, proxy, Some("192.0.2.1, 192.0.2.2")).await.refusal(401);
    ask(&server, proxy, None).await.refusal(401);
    ask(&server, proxy, Some("nonsense")).await.refusal(429);
}
