//! `/metrics`

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::answer::problem::Problem;
use crate::app::App;

/// Media type of the numbers.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Metrics
///
/// Numbers for Prometheus: requests and latencies by route, logins, refused requests. Not limited.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((
        status = 200, description = "The numbers", body = String,
        content_type = "application/openmetrics-text",
    )),
)]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let text = app.metrics.encode().map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        Problem::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
