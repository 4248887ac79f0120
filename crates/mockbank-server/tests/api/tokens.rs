use axum::body::Body;
use axum::http::{Request, header};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use mockbank_server::Settings;

use crate::client::{NOW, SECRET, TestServer};

/// `{"alg":"none"}`, `{"alg":"HS384","typ":"JWT"}`, `{"alg":"RS256","typ":"JWT"}`.
const OTHER_ALGORITHMS: [&str; 3] = [
    "eyJhbGciOiJub25lIn0",
    "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
];

/// A token with these claims and a signature that is right for `key`.
fn forge(claims: &serde_json::Value, key: &str) -> String {
    let header = jsonwebtoken::Header::new(Algorithm::HS256);
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

fn claims(user: &str, exp: u64) -> serde_json::Value {
    serde_json::json!({"user_id": user, "iat": NOW, "exp": exp})
}

#[tokio::test]
async fn without_a_bearer_token_nothing_is_shown() {
    let server = TestServer::new();
    let bare = server.get("/users/u_1").await;
    bare.refusal(401);
    assert!(bare.header("www-authenticate").unwrap().starts_with("Bearer"));
    let token = server.token("user1").await;
    for value in ["", "Bearer", "Bearer ", "Basic dXNlcjE6eA==", &token, &format!("Token {token}")]
    {
        let request = Request::get("/users/u_1").header(header::AUTHORIZATION, value);
        server.send(request.body(Body::empty()).unwrap()).await.refusal(401);
    }
}

#[tokio::test]
async fn a_token_ends_after_its_hour() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    server.wait(3599);
    server.get_with(&token, "/users/u_1").await.ok();
    server.wait(1);
    server.get_with(&token, "/users/u_1").await.refusal(401);
}

#[tokio::test]
async fn a_token_ends_when_the_settings_say() {
    let server = TestServer::with(Settings { token_lifetime_seconds: 60, ..Settings::default() });
    assert_eq!(server.log_in("user1", "password123").await.ok()["expires_in"], 60);
    let token = server.token("user1").await;
    server.wait(60);
    server.get_with(&token, "/users/u_1").await.refusal(401);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let server = TestServer::new();
    let good = claims("u_1", NOW + 60);
    server.get_with(&forge(&good, SECRET), "/users/u_1").await.ok();
    let other_key = forge(&good, "another key, just as long as it should be");
    server.get_with(&other_key, "/users/u_1").await.refusal(401);

    let signed = forge(&good, SECRET);
    let payload = signed.split('.').nth(1).unwrap();
    for header in OTHER_ALGORITHMS {
        let message = format!("{header}.{payload}");
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        for token in [format!("{message}."), message.clone(), format!("{message}.{signature}")] {
            server.get_with(&token, "/users/u_1").await.refusal(401);
        }
    }
    let somebody_else = forge(&claims("u_2", NOW + 60), SECRET);
    let parts: Vec<&str> = signed.split('.').collect();
    let payload_of_other = somebody_else.split('.').nth(1).unwrap();
    let swapped = format!("{}.{payload_of_other}.{}", parts[0], parts[2]);
    server.get_with(&swapped, "/users/u_2").await.refusal(401);
}

#[tokio::test]
async fn claims_that_are_missing_or_wrong_are_refused() {
    let server = TestServer::new();
    for claims in [
        claims("u_1", NOW),
        claims("u_1", 0),
        claims("user1", NOW + 60),
        claims("", NOW + 60),
        serde_json::json!({"user_id": "u_1", "iat": NOW}),
        serde_json::json!({"user_id": 1, "iat": NOW, "exp": NOW + 60}),
        serde_json::json!({"iat": NOW, "exp": NOW + 60}),
    ] {
        server.get_with(&forge(&claims, SECRET), "/users/u_1").await.refusal(401);
    }
}

#[tokio::test]
async fn the_token_of_a_user_who_is_gone_is_refused_everywhere() {
    let server = TestServer::new();
    let token = forge(&claims("u_9", NOW + 60), SECRET);
    for path in ["/users/u_9", "/users/u_1", "/accounts/acc_1", "/cards/card_9", "/transactions/x"]
    {
        server.get_with(&token, path).await.refusal(401);
    }
}
