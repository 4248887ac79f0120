//! The whole API over a bank: the routes, their document, and what stands around them.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use axum::response::Redirect;
use axum::routing::get;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::{App, Bank};
use crate::auth::token;
use crate::clock::{Clock, SystemClock};
use crate::counter::REPLAYED;
use crate::edge::{BANK_TIME, Edge};
use crate::error::ServerError;
use crate::openapi::{finish, with_card_limits};
use crate::request::write::IDEMPOTENCY_KEY;
use crate::routes::api;
use crate::settings::{CardLimits, Settings};
use crate::traffic::limit;
use crate::traffic::request_id::REQUEST_ID;

/// Refuses settings that no server can run with, so that nothing is begun with them.
pub fn check(settings: &Settings) -> Result<(), ServerError> {
    let limits = settings.card_limits;
    if !limits.fit_together() {
        return Err(ServerError::CardLimits(limits));
    }
    cors(&settings.cors_origins)?;
    settings
        .token_secret
        .as_ref()
        .map_or(Ok(()), |secret| token::check_secret(secret.expose().as_bytes()))
}

/// The whole API over a bank, without a socket.
pub fn router(bank: Bank, settings: &Settings) -> Result<Router, ServerError> {
    router_with_clock(bank, settings, Arc::new(SystemClock))
}

/// The same by another clock, which tokens and limits then go by.
pub fn router_with_clock(
    bank: Bank,
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Router, ServerError> {
    Ok(edge(bank, settings, clock)?.into_router())
}

/// The document of the API.
pub fn openapi() -> OpenApi {
    with_card_limits(finish(api().into_openapi()), CardLimits::default())
}

/// The routes, and what stands around them.
pub(crate) fn edge(
    bank: Bank,
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Edge, ServerError> {
    check(settings)?;
    let (routes, document) = api().split_for_parts();
    let document = with_card_limits(finish(document), settings.card_limits);
    let known = document.paths.paths.keys().map(String::as_str);
    let app = Arc::new(App::new(bank, settings, clock, known)?);
    let mut router = routes.merge(documentation(document));
    let cors = cors(&settings.cors_origins)?;
    if let Some(cors) = &cors {
        router = router.layer(cors.clone());
    }
    let routes = router.with_state(Arc::clone(&app));
    Ok(Edge::new(app, routes, cors))
}

/// Swagger UI at `/apidocs/` over `/openapi.json`; the server's bare address leads there.
fn documentation(document: OpenApi) -> Router<Arc<App>> {
    let config = Config::default().persist_authorization(true).try_it_out_enabled(true);
    let page = SwaggerUi::new("/apidocs").url("/openapi.json", document).config(config);
    Router::from(page).route("/", get(to_documentation))
}

async fn to_documentation() -> Redirect {
    Redirect::temporary("/apidocs/")
}

/// Lets pages of these origins call the API; `None` where there are none.
fn cors(origins: &[String]) -> Result<Option<CorsLayer>, ServerError> {
    if origins.is_empty() {
        return Ok(None);
    }
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(
            origins.iter().map(|origin| parse_origin(origin)).collect::<Result<Vec<_>, _>>()?,
        )
    };
    Ok(Some(
        CorsLayer::new()
            .allow_origin(origin)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                REQUEST_ID,
                IDEMPOTENCY_KEY,
            ])
            .expose_headers([
                REQUEST_ID,
                BANK_TIME,
                REPLAYED,
                header::LOCATION,
                header::RETRY_AFTER,
                limit::POLICY,
                limit::REMAINING,
            ]),
    ))
}

fn parse_origin(origin: &str) -> Result<HeaderValue, ServerError> {
    let wrong = || ServerError::Origin(origin.to_owned());
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.filter(|host| !host.is_empty() && !host.contains('/')).ok_or_else(wrong)?;
    HeaderValue::from_str(origin).map_err(|_| wrong())
}
