//! The limit over HTTP: axum, a token, a body read by derive, and the bare writer loop. No rules, no
//! limits, no log, no metrics, no problem details, no number of the request.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use mockbank_server::Tokens;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::SECRET;
use crate::writer::{self, Order};

struct Limit {
    tokens: Tokens,
    line: Sender<Order>,
}

#[derive(Deserialize)]
struct Transfer<'a> {
    from_account_id: &'a str,
    to_account_id: &'a str,
    amount: f64,
}

pub(crate) async fn serve(listener: TcpListener, folder: &Path) {
    let (line, orders) = channel();
    let database = folder.join("mockbank.db");
    std::thread::spawn(move || writer::write(&database, &orders, true));
    let tokens = Tokens::new(SECRET.as_bytes(), Duration::from_hours(1)).expect("a key");
    let router = Router::new()
        .route("/transfers", post(transfer))
        .with_state(Arc::new(Limit { tokens, line }));
    axum::serve(listener, router).await.expect("serves");
}

async fn transfer(
    State(limit): State<Arc<Limit>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, StatusCode> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    headers
        .get(header::AUTHORIZATION)
        .and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|token| limit.tokens.check(token, now))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let (answer_to, answer) = oneshot::channel();
    let order = read(&headers, &body, answer_to).ok_or(StatusCode::BAD_REQUEST)?;
    limit.line.send(order).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let body = answer.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body))
}

fn read(headers: &HeaderMap, body: &[u8], answer_to: oneshot::Sender<Vec<u8>>) -> Option<Order> {
    let transfer: Transfer = serde_json::from_slice(body).ok()?;
    let account = |id: &str| id.strip_prefix("acc_")?.parse().ok();
    #[expect(clippy::cast_possible_truncation, reason = "the limit takes no care of amounts")]
    let amount = (transfer.amount * 100.0) as i64;
    Some(Order {
        payer: account(transfer.from_account_id)?,
        payee: account(transfer.to_account_id)?,
        amount,
        key: headers.get("idempotency-key")?.to_str().ok()?.to_owned(),
        answer_to,
    })
}
