//! Refusals and failures as problem details (RFC 9457).
//!
//! A handler answers `Result<_, Problem>`:
//! - [`Problem::invalid`] and the like where the client can mend the request; the detail says how;
//! - `?` on a store's result where the server is at fault: the client learns nothing but the
//!   request's number, the log has the cause.
//!
//! A problem is turned into a body at the outermost layer only, since that knows the request's
//! number. Answers of other origin that say 4xx or 5xx (an unknown route, a method that is not
//! allowed) are put in the same form there.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mockbank_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of problem details.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// Stable, for programs; that of the status if there is none of its own.
    code: Option<&'static str>,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u64>,
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Which one.
    #[schema(example = "amount")]
    pub(crate) field: String,
    /// What is wrong, for programs.
    #[schema(value_type = String, example = "missing")]
    pub(crate) code: &'static str,
    /// What is wrong, and how to mend it.
    #[schema(value_type = String, example = "must be there")]
    pub(crate) message: Cow<'static, str>,
}

impl Problem {
    /// A problem of a status, with a detail for the client.
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { status, code: None, detail, errors: Vec::new(), retry_after_seconds: None }
    }

    /// The same with a code of its own.
    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// The same with what is wrong in single fields.
    pub(crate) fn with_errors(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// A body with fields that are not as they should be: all of them.
    pub(crate) fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let named: Vec<String> =
            errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, named.join("; ")).with_errors(errors)
    }

    /// A parameter or a body that cannot be read.
    pub(crate) fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// No token, or none that is good.
    pub(crate) fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// What belongs to somebody else.
    pub(crate) fn forbidden(what: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("this {what} is not yours"))
    }

    /// What does not exist.
    pub(crate) fn not_found(what: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no such {what}"))
    }

    /// Too many requests; the client may come back after the given time.
    pub(crate) fn rate_limited(retry_after_seconds: u64) -> Self {
        let detail = format!("too many requests; try again in {retry_after_seconds} s");
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    /// The server has more to do than it can.
    pub(crate) fn overloaded(detail: &'static str) -> Self {
        Self { retry_after_seconds: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// A failure that is the server's own.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the server failed; its log says why under this request's id",
        )
    }

    /// The problem of an answer that says no more than its status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => "there is no such route",
            StatusCode::METHOD_NOT_ALLOWED => "the route does not allow this method",
            StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                "the body must be JSON, sent with Content-Type: application/json"
            }
            _ => status.canonical_reason().unwrap_or("the request failed"),
        };
        Self::new(status, detail)
    }

    /// The problem as it is sent, with the request's number; keeps `headers` of an earlier answer.
    pub(crate) fn render(&self, request_id: &str, mut headers: HeaderMap) -> Response {
        let code = self.code.unwrap_or_else(|| code_of(self.status));
        let body = ProblemDetails {
            problem_type: format!("urn:mock-bank:problem:{}", code.replace('_', "-")),
            code,
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            error: &self.detail,
            errors: &self.errors,
            request_id,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"mock-bank\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        (self.status, headers, body).into_response()
    }
}

/// An answer without a body, for the outermost layer to render.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded { retry_after } => Self {
                retry_after_seconds: Some(retry_after),
                ..Self::overloaded("too many orders are waiting")
            },
            StoreError::KeyReused => Self::new(
                StatusCode::CONFLICT,
                "the idempotency key was used with another request; take a new one",
            )
            .with_code("key_reused"),
            StoreError::Busy { holder, .. } => {
                let holder = holder.map_or_else(String::new, |holder| format!(" ({holder})"));
                let detail = format!("another process lets time pass{holder}; wait for its end");
                Self::new(StatusCode::CONFLICT, detail).with_code("job_running")
            }
            error => {
                tracing::error!(%error, "the store failed");
                Self::internal()
            }
        }
    }
}

/// The code of a problem that has none of its own: stable, for programs.
fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "invalid_request",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::UNPROCESSABLE_ENTITY => "invalid_fields",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::SERVICE_UNAVAILABLE => "overloaded",
        StatusCode::CONFLICT => "conflict",
        _ => "failed",
    }
}

/// Problem details (RFC 9457): the body of every refusal and failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails<'a> {
    /// What sort of problem it is, as a URI.
    #[serde(rename = "type")]
    #[schema(example = "urn:mock-bank:problem:not-found")]
    problem_type: String,
    /// The same for programs; routes name the codes of their own at their answers.
    #[schema(example = "not_found")]
    code: &'a str,
    /// The same in words.
    #[schema(example = "Not Found")]
    title: &'a str,
    /// Status of the answer.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What was wrong this time, and how to mend it.
    #[schema(example = "there is no such account")]
    detail: &'a str,
    /// The same as `detail`.
    #[schema(example = "there is no such account")]
    error: &'a str,
    /// What is wrong in which field of the body; absent where that is not the problem.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldError],
    /// Number of the request, under which the server's log speaks of it.
    #[schema(example = "5f0c6d1e00000001")]
    request_id: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_line_says_when_to_come_back() {
        let problem = Problem::from(StoreError::Overloaded { retry_after: 3 });
        let answer = problem.render("1", HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "3");
    }
}
