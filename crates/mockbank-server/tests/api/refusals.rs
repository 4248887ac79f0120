use axum::body::Body;
use axum::http::{Method, Request, header};
use mockbank_server::Settings;

use crate::client::TestServer;

const OWN: [&str; 8] = [
    "/users/u_1",
    "/users/u_1/accounts",
    "/accounts/acc_1",
    "/accounts/acc_1/transactions",
    "/accounts/acc_1/cards",
    "/cards/card_1",
    "/cards/card_1/transactions",
    "/users/u_1?include_settings=true",
];

#[tokio::test]
async fn what_is_somebody_elses_is_not_shown() {
    let server = TestServer::new();
    let (first, second) = (server.token("user1").await, server.token("user2").await);
    for path in OWN {
        server.get(path).await.refusal(401);
        server.get_with(&first, path).await.ok();
        server.get_with(&second, path).await.refusal(403);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let ids = ["9", "0", "-1", "01", "99999999999999999999", "x", "1%20", "%FF", "1;--", "1%2F2"];
    for id in ids {
        for resource in ["users/u_", "accounts/acc_", "cards/card_", "transactions/txn_"] {
            let path = format!("/{resource}{id}");
            server.get(&path).await.refusal(401);
            server.get_with(&token, &path).await.refusal(404);
        }
    }
    server.get_with(&token, "/users/u_9/accounts").await.refusal(404);
    server.get_with(&token, "/accounts/acc_9/transactions").await.refusal(404);
    server.get_with(&token, "/cards/card_9/transactions").await.refusal(404);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let server = TestServer::new();
    for path in ["/nothing", "/users/", "/accounts/acc_1/", "/apidocs/nothing.js"] {
        server.get(path).await.refusal(404);
    }
    for (method, path, allowed) in [
        (Method::POST, "/users/u_1", "GET,HEAD,PATCH"),
        (Method::GET, "/users", "POST"),
        (Method::DELETE, "/accounts/acc_1/transactions", "GET,HEAD"),
        (Method::GET, "/login", "POST"),
        (Method::OPTIONS, "/login", "POST"),
        (Method::TRACE, "/health", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        answer.refusal(405);
        assert_eq!(answer.header("allow"), Some(allowed));
    }
}

#[tokio::test]
async fn every_answer_carries_the_requests_number() {
    let server = TestServer::new();
    let first = server.get("/health").await.header("x-request-id").unwrap().to_owned();
    let second = server.get("/health").await.header("x-request-id").unwrap().to_owned();
    assert_ne!(first, second);
    let with_id = async |id: &[u8]| {
        let request = Request::get("/nothing").header("x-request-id", id).body(Body::empty());
        let answer = server.send(request.unwrap()).await;
        answer.refusal(404);
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(with_id(b"client-1.a_B").await, "client-1.a_B");
    for wrong in ["", "two words", "a\tb", "<script>", &"x".repeat(65)] {
        assert_eq!(with_id(wrong.as_bytes()).await.len(), 16, "{wrong}");
    }
    assert_eq!(with_id(b"\xff\xfe").await.len(), 16);
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_refused() {
    let settings = Settings { max_concurrent_requests: 0, ..Settings::default() };
    let server = TestServer::with(settings);
    let answer = server.get("/users/u_1").await;
    answer.refusal(503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    server.get("/health").await.ok();
}

#[tokio::test]
async fn a_client_that_never_sends_its_body_is_cut_off() {
    let settings = Settings { request_timeout_seconds: 0, ..Settings::default() };
    let server = TestServer::with(settings);
    let body = Body::from_stream(futures_util::stream::pending::<std::io::Result<Vec<u8>>>());
    server.post_login(body).await.refusal(408);
}

#[tokio::test]
async fn pages_of_other_origins_may_call_only_where_allowed() {
    let preflight = || {
        Request::builder()
            .method(Method::OPTIONS)
            .uri("/accounts/acc_1")
            .header(header::ORIGIN, "https://app.example.org")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
            .body(Body::empty())
            .unwrap()
    };
    TestServer::new().send(preflight()).await.refusal(405);
    let cors_origins = vec!["https://app.example.org".to_owned()];
    let server = TestServer::with(Settings { cors_origins, ..Settings::default() });
    let answer = server.send(preflight()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.org"));
}

#[tokio::test]
async fn a_page_of_another_origin_can_read_why_it_is_refused() {
    let cors_origins = vec!["https://app.example.org".to_owned()];
    let server =
        TestServer::with(Settings { cors_origins, max_body_bytes: 64, ..Settings::default() });
    let log_in = |origin: &str, body: Vec<u8>| {
        Request::post("/login")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap()
    };
    let huge = server.send(log_in("https://app.example.org", vec![b' '; 100])).await;
    huge.refusal(413);
    assert_eq!(huge.header("access-control-allow-origin"), Some("https://app.example.org"));
    for _ in 0..4 {
        server.send(log_in("https://app.example.org", b"{}".to_vec())).await.refusal(422);
    }
    let refused = server.send(log_in("https://app.example.org", b"{}".to_vec())).await;
    refused.refusal(429);
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://app.example.org"));
    let exposed = refused.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("retry-after") && exposed.contains("ratelimit"), "{exposed}");
    let stranger = server.send(log_in("https://evil.example", b"{}".to_vec())).await;
    stranger.refusal(429);
    assert_eq!(stranger.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn what_a_browser_asks_before_it_calls_counts_against_no_limit() {
    let cors_origins = vec!["*".to_owned()];
    let server = TestServer::with(Settings { cors_origins, ..Settings::default() });
    for _ in 0..10 {
        let preflight = Request::builder()
            .method(Method::OPTIONS)
            .uri("/login")
            .header(header::ORIGIN, "https://app.example.org")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .body(Body::empty())
            .unwrap();
        assert_eq!(server.send(preflight).await.status, 200);
    }
    server.log_in("user1", "password123").await.ok();
}

#[tokio::test]
async fn a_body_is_an_object_with_the_fields_that_it_needs() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    for (method, path, body) in [
        ("PATCH", "/users/u_1", ""),
        ("PATCH", "/users/u_1", "null"),
        ("PATCH", "/users/u_1", "[]"),
        ("POST", "/transfers", "1"),
        ("PATCH", "/users/u_1", r#"{"settings": []}"#),
        ("PATCH", "/cards/card_1", r#"{"status": "BLOCKED", "limit": null}"#),
        ("PATCH", "/cards/card_1", r#"{"status": "BLOCKED", "limit": 500}"#),
        ("POST", "/accounts/acc_1/close", "[]"),
        ("POST", "/accounts/acc_1/close", r#"{"now": true}"#),
        ("POST", "/transfers/batch", r#"{"mode": "atomic", "transfers": [["acc_1", "acc_2", 1]]}"#),
    ] {
        let answer = server.send_text(method, &token, path, body).await;
        assert_eq!(answer.code(422), "invalid_fields", "{method} {path} {body}");
    }
    for body in ["", "null", "{}"] {
        let answer = server.send_text("POST", &token, "/accounts/acc_1/close", body).await;
        assert_eq!(answer.code(409), "account_not_empty", "{body}");
    }
    for body in ["null", "1", "\"x\"", "[]", r#"["user1", "password123"]"#] {
        for (path, token) in [("/login", ""), ("/transfers", &*token)] {
            let answer = server.send_text("POST", token, path, body).await;
            assert_eq!(answer.refusal(422), "the body must be an object", "{path} {body}");
        }
    }
    let card = r#"{"billing_day": 18.0}"#;
    server.send_text("POST", &token, "/accounts/acc_1/cards", card).await.done(201);
}
