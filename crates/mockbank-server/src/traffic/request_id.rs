//! Numbers of requests, by which a client's complaint is found in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::ServerError;

/// The header that carries it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest one that is taken from a client.
const MAX_LENGTH: usize = 64;

/// Gives out numbers.
pub(crate) struct RequestIds(AtomicU64);

impl RequestIds {
    /// Numbers from a random one on, so that those of two runs are told apart.
    pub(crate) fn new() -> Result<Self, ServerError> {
        let start = getrandom::u64().map_err(|error| ServerError::Random(error.to_string()))?;
        Ok(Self(AtomicU64::new(start)))
    }

    /// The number that the client chose if it is well-formed, else a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(REQUEST_ID) {
            Some(chosen) if is_well_formed(chosen.as_bytes()) => chosen.clone(),
            _ => {
                let number = self.0.fetch_add(1, Ordering::Relaxed);
                let mut text = [0; 16];
                for (place, digit) in text.iter_mut().rev().enumerate() {
                    *digit = b"0123456789abcdef"[(number >> (4 * place) & 15) as usize];
                }
                HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from(number))
            }
        }
    }
}

/// Letters, digits, `-`, `_` and `.` only: nothing that could forge a line of the log.
fn is_well_formed(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// A request's number as text.
pub(crate) fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}
