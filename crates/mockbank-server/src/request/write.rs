//! Requests that change something: their body, and what makes a repetition known.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use mockbank_store::Idempotency;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::answer::problem::Problem;
use crate::app::App;

/// Header with the client's key of a request that it may send again.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest key in bytes.
const LONGEST_KEY: usize = 255;

/// What makes a repeated request known.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct RepeatKey {
    /// A key of the client's own, new for each thing that it wants. A request that is sent again
    /// with the same key and the same body is carried out once, and answered as it was the first
    /// time, with `Idempotency-Replayed: true`. Kept for a day unless the server is set otherwise. A
    /// refused request is not kept.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "4f1c2d9e-5a57-4a0e-9c53-0f3b8d1f6a7e"
    )]
    key: Option<String>,
}

/// A request with a body of JSON: an object. Where `T` is an `Option`, null and an empty body stand
/// for none.
pub(crate) struct Write<T> {
    /// The body.
    pub(crate) body: T,
    key: RepeatKey,
    sent: Sent,
}

/// No fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What tells a request from another.
struct Sent {
    method: Method,
    uri: Uri,
    bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = RepeatKey { key: key(&parts.headers)? };
        let bytes = receive_json(&parts.headers, body, app).await?;
        let body = read(&bytes)?;
        Ok(Self { body, key, sent: Sent { method: parts.method, uri: parts.uri, bytes } })
    }
}

impl<T> Write<T> {
    /// The body, and the key as one of `owner`'s.
    pub(crate) fn split(self, app: &App, owner: &impl ToString) -> (T, Option<Idempotency>) {
        let Sent { method, uri, bytes } = self.sent;
        let idempotency = self.key.key.map(|key| Idempotency {
            owner: owner.to_string(),
            key,
            fingerprint: fingerprint([method.as_str().as_bytes(), uri.path().as_bytes(), &bytes]),
            received_at: app.machine_seconds(),
        });
        (self.body, idempotency)
    }
}

/// The hash of some texts, each with its length, so that they cannot run into one another.
pub(crate) fn fingerprint<const N: usize>(parts: [&[u8]; N]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Receives a body that is declared to be JSON, or an empty one.
pub(crate) async fn receive_json(
    headers: &HeaderMap,
    body: Body,
    app: &App,
) -> Result<Bytes, Problem> {
    let bytes = receive(body, app.settings.max_body_bytes).await.map_err(Problem::of_status)?;
    if !bytes.is_empty() && !is_json(headers) {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Ok(bytes)
}

/// Receives a body of at most `most` bytes, which mostly comes in one piece and is not copied then.
async fn receive(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    let mut body = pin!(body);
    let (mut first, mut rest) = (Bytes::new(), Vec::new());
    while !body.is_end_stream()
        && let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await
    {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        // Trailers say nothing to us.
        let Ok(piece) = frame.into_data() else { continue };
        if first.len() + rest.len() + piece.len() > most {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if first.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&piece);
        }
    }
    Ok(if rest.is_empty() { first } else { [&*first, &rest].concat().into() })
}

/// Reads an object; an empty body and null are one only where `T` is an `Option`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let is_missing = bytes.is_empty();
    let text: &[u8] = if is_missing { b"null" } else { bytes };
    if text.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(text).map_err(|error| unreadable(&error));
    }
    serde_json::from_slice::<IgnoredAny>(text).map_err(|error| unreadable(&error))?;
    // A struct would be read from an array too.
    let none = text.trim_ascii() == b"null";
    let read = none.then(|| serde_json::from_slice(text).ok()).flatten();
    read.ok_or_else(|| {
        let detail = if is_missing { "the body is missing" } else { "the body must be an object" };
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    })
}

fn unreadable(error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        _ => Problem::invalid(format!("the body is not JSON: {error}")),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let wrong = || {
        Problem::invalid(format!(
            "Idempotency-Key must be one text of 1 to {LONGEST_KEY} visible ASCII characters"
        ))
    };
    let good =
        |key: &[u8]| (1..=LONGEST_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if keys.next().is_some() || !good(key.as_bytes()) {
        return Err(wrong());
    }
    key.to_str().map(|key| Some(key.to_owned())).map_err(|_| wrong())
}

/// Whether the body is declared to be JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|declared| declared.split(';').next()).unwrap_or_default();
    essence.trim().split_once('/').is_some_and(|(kind, subtype)| {
        let suffix = subtype.rsplit('+').next().unwrap_or_default();
        kind.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
    })
}
