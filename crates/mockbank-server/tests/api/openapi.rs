use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;

use crate::client::TestServer;

fn document() -> Value {
    serde_json::to_value(mockbank_server::openapi()).unwrap()
}

#[test]
fn the_document_is_as_published() {
    insta::assert_json_snapshot!(document());
}

/// Every route.
const ROUTES: [(&str, &str); 33] = [
    ("get", "/accounts/{account_id}"),
    ("get", "/accounts/{account_id}/cards"),
    ("get", "/accounts/{account_id}/holds"),
    ("get", "/accounts/{account_id}/transactions"),
    ("get", "/admin/audit"),
    ("get", "/admin/jobs/{job_id}"),
    ("get", "/admin/statistics"),
    ("get", "/admin/world"),
    ("get", "/cards/{card_id}"),
    ("get", "/cards/{card_id}/transactions"),
    ("get", "/health"),
    ("get", "/holds/{hold_id}"),
    ("get", "/metrics"),
    ("get", "/transactions/{transaction_id}"),
    ("get", "/users/{user_id}"),
    ("get", "/users/{user_id}/accounts"),
    ("patch", "/admin/accounts/{account_id}"),
    ("patch", "/cards/{card_id}"),
    ("patch", "/users/{user_id}"),
    ("post", "/accounts/{account_id}/cards"),
    ("post", "/accounts/{account_id}/close"),
    ("post", "/admin/clock/advance"),
    ("post", "/admin/transactions"),
    ("post", "/admin/verify"),
    ("post", "/holds"),
    ("post", "/holds/{hold_id}/post"),
    ("post", "/holds/{hold_id}/void"),
    ("post", "/login"),
    ("post", "/transfers"),
    ("post", "/transfers/batch"),
    ("post", "/users"),
    ("post", "/users/{user_id}/accounts"),
    ("put", "/users/{user_id}/password"),
];

#[tokio::test]
async fn what_is_documented_is_what_is_served() {
    let server = TestServer::new();
    let document = document();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert((method.clone(), path.clone()));
        }
    }
    let promised = ROUTES.map(|(method, path)| (method.to_owned(), path.to_owned()));
    assert_eq!(documented, promised.into_iter().collect());
    let operations = document["paths"].as_object().unwrap().values();
    let names = operations.flat_map(|item| item.as_object().unwrap().values());
    let names: BTreeSet<_> = names.map(|operation| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), ROUTES.len());
    let path_of = |path: &str| path.replace(['{', '}'], "");
    for (_, path) in &documented {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let key = (method.as_str().to_lowercase(), path.clone());
            let request = Request::builder().method(method).uri(path_of(path));
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status != 405, documented.contains(&key), "{key:?}");
            assert_ne!(answer.status, 404, "{key:?}");
        }
    }
}

#[tokio::test]
async fn answers_have_the_fields_that_the_document_says() {
    let server = TestServer::new();
    let document = document();
    for (path, route) in [
        ("/users/u_1?include_settings=true", "/users/{user_id}"),
        ("/users/u_1/accounts", "/users/{user_id}/accounts"),
        ("/accounts/acc_1", "/accounts/{account_id}"),
        ("/accounts/acc_1/cards", "/accounts/{account_id}/cards"),
        ("/accounts/acc_1/transactions?category=Transfer", "/accounts/{account_id}/transactions"),
        ("/cards/card_1", "/cards/{card_id}"),
        ("/cards/card_1/transactions", "/cards/{card_id}/transactions"),
        ("/health", "/health"),
    ] {
        let schema = &document["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]
            ["schema"];
        check(&document, schema, &server.get_as("user1", path).await.ok(), path);
    }
}

/// Every field is documented, and every required one is there.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match value {
        Value::Object(fields) => {
            for required in schema["required"].as_array().unwrap() {
                assert!(fields.contains_key(required.as_str().unwrap()), "{at}: {required}");
            }
            for (name, field) in fields {
                let property = &schema["properties"][name];
                assert!(property.is_object(), "{at}: {name} is not documented");
                check(document, property, field, &format!("{at}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                check(document, &schema["items"], item, at);
            }
        }
        _ => {}
    }
}
