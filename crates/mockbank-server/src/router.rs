//! The routes, as a table of contents.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::api::{
    accounts, admin, cards, health, holds, login, metrics, transactions, transfers, users,
};
use crate::app::{App, Bank};
use crate::clock::{Clock, SystemClock};
use crate::counter::REPLAYED;
use crate::edge::{BANK_TIME, Edge};
use crate::error::ServerError;
use crate::openapi;
use crate::request::write::IDEMPOTENCY_KEY;
use crate::settings::Settings;
use crate::traffic::limit::LimitClass;
use crate::traffic::request_id::REQUEST_ID;

/// Every documented route of the API.
pub(crate) fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::preamble())
        .routes(routes!(login::log_in))
        .routes(routes!(users::sign_up))
        .routes(routes!(users::show, users::change))
        .routes(routes!(users::set_password))
        .routes(routes!(users::list_accounts, accounts::open))
        .routes(routes!(accounts::show))
        .routes(routes!(accounts::close))
        .routes(routes!(accounts::list_transactions))
        .routes(routes!(accounts::list_cards, cards::issue))
        .routes(routes!(cards::show, cards::change))
        .routes(routes!(cards::list_transactions))
        .routes(routes!(transactions::show))
        .routes(routes!(transfers::create))
        .routes(routes!(transfers::create_batch))
        .routes(routes!(holds::create))
        .routes(routes!(holds::show))
        .routes(routes!(holds::list))
        .routes(routes!(holds::post))
        .routes(routes!(holds::void))
        .routes(routes!(admin::world::show))
        .routes(routes!(admin::statistics::show))
        .routes(routes!(admin::audit::list))
        .routes(routes!(admin::jobs::advance_clock))
        .routes(routes!(admin::jobs::verify))
        .routes(routes!(admin::jobs::show))
        .routes(routes!(admin::transactions::create))
        .routes(routes!(admin::accounts::change))
        .routes(routes!(health::show))
        .routes(routes!(metrics::show))
}

/// Which limits a route's requests count against; `None` is for where no route fits.
pub(crate) fn limit_class(route: Option<&str>) -> LimitClass {
    match route {
        Some("/health" | "/metrics") => LimitClass::Exempt,
        // Each of them costs the work of a password.
        Some("/login" | "/users" | "/users/{user_id}/password") => LimitClass::Login,
        Some("/accounts/{account_id}/transactions" | "/cards/{card_id}/transactions") => {
            LimitClass::Transactions
        }
        _ => LimitClass::General,
    }
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

/// The routes, and what stands around them.
pub(crate) fn edge(
    bank: Bank,
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Edge, ServerError> {
    let (routes, document) = api().split_for_parts();
    let limits = settings.card_limits;
    if !limits.fit_together() {
        return Err(ServerError::CardLimits(limits));
    }
    let document = openapi::with_card_limits(openapi::finish(document), limits);
    let known = document.paths.paths.keys().map(String::as_str);
    let app = Arc::new(App::new(bank, settings, clock, known)?);
    let mut router = routes.merge(documentation(document));
    if let Some(cors) = cors(&settings.cors_origins)? {
        router = router.layer(cors);
    }
    let routes = router.with_state(Arc::clone(&app));
    Ok(Edge::new(app, routes))
}

/// Swagger UI at `/apidocs/` over `/openapi.json`.
fn documentation(document: utoipa::openapi::OpenApi) -> Router<Arc<App>> {
    let config = Config::default().persist_authorization(true).try_it_out_enabled(true);
    SwaggerUi::new("/apidocs").url("/openapi.json", document).config(config).into()
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
            ]),
    ))
}

fn parse_origin(origin: &str) -> Result<HeaderValue, ServerError> {
    let wrong = || ServerError::Origin(origin.to_owned());
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.filter(|host| !host.is_empty() && !host.contains('/')).ok_or_else(wrong)?;
    HeaderValue::from_str(origin).map_err(|_| wrong())
}
