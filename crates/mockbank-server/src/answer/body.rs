//! Bodies of answers that serde writes.

use std::fmt::Display;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

use super::problem::Problem;

/// A body of JSON; `size` is about how many bytes it will have.
pub(crate) fn json(body: &impl Serialize, size: usize) -> Result<Response, Problem> {
    let mut bytes = Vec::with_capacity(size);
    serde_json::to_writer(&mut bytes, body).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::internal()
    })?;
    Ok(json_response(bytes))
}

/// An answer with these bytes of JSON.
pub(crate) fn json_response(bytes: Vec<u8>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], bytes).into_response()
}

/// Writes what has a text form as that text.
pub(crate) fn as_text<S: Serializer>(
    value: &impl Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes what has a text form as that text, or null.
#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
pub(crate) fn as_optional_text<S: Serializer>(
    value: &Option<impl Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
