use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures_util::stream;

use crate::client::TestServer;

#[tokio::test]
async fn the_right_password_gets_a_token_for_an_hour() {
    let server = TestServer::new();
    let answer = server.log_in("user2", "password123").await;
    let login = answer.ok();
    assert_eq!(login["user_id"], "u_2");
    assert_eq!(login["expires_in"], 3600);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = login["token"].as_str().unwrap();
    assert_eq!(server.get_with(token, "/users/u_2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let server = TestServer::new();
    let wrong = server.log_in("user1", "password124").await.refusal(401);
    for (username, password) in [("user3", "password123"), ("", ""), ("user1' --", "password123")] {
        let answer = server.log_in(username, password).await;
        assert_eq!(answer.refusal(401), wrong);
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
}

#[tokio::test]
async fn bodies_that_are_no_login_are_refused() {
    let server = TestServer::new();
    for body in ["", "{", "nonsense", "{\"username\": \"user1\",}"] {
        server.post_login(body).await.refusal(400);
    }
    let refused = server.post_login("{\"username\": 1}").await;
    assert_eq!(refused.refusal(422), "username must be a text; password must be there");
    assert_eq!(refused.json()["errors"][1]["field"], "password");
    for body in ["{}", "[]", "null", "{\"username\": 1, \"password\": \"x\"}"] {
        server.post_login(body).await.refusal(422);
    }
    server.post_login(b"{\"username\": \"\xff\", \"password\": \"x\"}".to_vec()).await.refusal(400);
}

#[tokio::test]
async fn only_json_is_read() {
    let server = TestServer::new();
    let body = "{\"username\": \"user1\", \"password\": \"password123\"}";
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/nonsense"] {
        let request = Request::post("/login").header(header::CONTENT_TYPE, media_type);
        let detail = server.send(request.body(Body::from(body)).unwrap()).await.refusal(415);
        assert!(detail.contains("Content-Type: application/json"), "{detail}");
    }
    server.send(Request::post("/login").body(Body::from(body)).unwrap()).await.refusal(415);
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_declared_or_not() {
    let server = TestServer::new();
    let huge = vec![b' '; 10 << 20];
    server.post_login(huge.clone()).await.refusal(413);
    // Of unknown length.
    let pieces = stream::iter(vec![Ok::<_, Infallible>(vec![b' '; 1 << 16]); 160]);
    server.post_login(Body::from_stream(pieces)).await.refusal(413);
}
