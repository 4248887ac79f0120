//! `/health`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::body::{as_text, json};
use crate::answer::problem::Problem;
use crate::app::App;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-31T00:00:00Z")]
    bank_time: Instant,
}

/// Health
///
/// Answers 200 if the server runs and reaches its database. Not limited.
#[utoipa::path(
    get, path = "/health", tag = "operations",
    responses(
        (status = 200, description = "The server is well", body = Health),
        (status = 503, description = "The database does not answer"),
    ),
)]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let world = app.store.world().await.map_err(|error| {
        tracing::error!(%error, "the store failed");
        Problem::overloaded("the database does not answer")
    })?;
    let version = env!("CARGO_PKG_VERSION");
    json(&Health { status: "ok", version, bank_time: world.clock }, 128)
}
