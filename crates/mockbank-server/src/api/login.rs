//! `/login`

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use mockbank_bank::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::body::{as_text, json};
use crate::answer::problem::Problem;
use crate::app::App;
use crate::request::fields::{Check, Field};
use crate::request::query::Body;
use crate::traffic::metrics::LoginOutcome;

/// Name and password of a customer.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    /// Login name.
    #[serde(default)]
    #[schema(value_type = String, required, example = "user1")]
    username: Field<String>,
    /// Password.
    #[serde(default)]
    #[schema(value_type = String, required, example = "password123", format = Password)]
    password: Field<String>,
}

/// A token to send as `Authorization: Bearer <token>`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// A JSON Web Token.
    token: String,
    /// Whose it is.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "u_1")]
    user_id: UserId,
    /// For how many seconds it is good.
    #[schema(example = 3600)]
    expires_in: u64,
}

/// Log in
///
/// Trades a username and a password for a token.
#[utoipa::path(
    post, path = "/login", tag = "login",
    request_body = Login,
    responses(
        (status = 200, description = "A token", body = Token),
        (status = 400, description = "The body is not JSON"),
        (status = 401, description = "The username or the password is wrong"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "A field is missing or of the wrong type"),
    ),
)]
pub(crate) async fn log_in(
    State(app): State<Arc<App>>,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    let mut check = Check::default();
    let username = check.required("username", login.username);
    let password = check.required("password", login.password);
    let (Some(username), Some(password)) = (username, password) else {
        return Err(check.refuse());
    };
    let credentials = app.store.credentials(&username).await?;
    let (user, hash) = credentials.map(|known| (known.user, known.password_hash)).unzip();
    let fits = app.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| fits) else {
        app.metrics.login(LoginOutcome::Refused);
        return Err(Problem::unauthorized("the username or the password is wrong"));
    };
    let token = app.tokens.issue(user, app.clock.now()).map_err(|error| {
        tracing::error!(%error, "a login failed");
        Problem::internal()
    })?;
    app.metrics.login(LoginOutcome::Accepted);
    let token = Token { token, user_id: user, expires_in: app.tokens.lifetime_seconds() };
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([no_store], json(&token, 512)?).into_response())
}
