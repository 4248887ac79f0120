//! Reading requests: identifiers in the path, parameters in the query, JSON in the body.

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Query as AxumQuery, Request};
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::write;
use crate::answer::problem::Problem;
use crate::app::App;

/// The one identifier in a route; `None` where the text is none that could exist.
pub(crate) struct PathId<T>(pub(crate) Option<T>);

impl<T: FromStr> FromRequestParts<Arc<App>> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, app).await;
        Ok(Self(text.ok().and_then(|Path(text)| text.parse().ok())))
    }
}

/// Parameters of the query. Those that a route does not know are ignored; one that it knows must
/// be well-formed and must not stand there twice.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        match AxumQuery::try_from_uri(&parts.uri) {
            Ok(AxumQuery(parameters)) => Ok(Self(parameters)),
            Err(rejection) => Err(Problem::invalid(cause(&rejection))),
        }
    }
}

/// A body of JSON: an object.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = write::receive_json(&parts.headers, body, app).await?;
        if bytes.is_empty() {
            return Err(Problem::invalid("the body is missing"));
        }
        write::read(&bytes).map(Self)
    }
}

/// The innermost message: which parameter, and what about it.
fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Reads a parameter by a function of its text; `expected` says what it should have been.
pub(crate) fn parameter<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: impl Display,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    read(&text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        D::Error::custom(format!("must be {expected}, not {shown:?}"))
    })
}

/// Reads `true` or `false`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    parameter(deserializer, "true or false", |text| match text {
        // As Python writes them.
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    })
}
