//! The routes, as a table of contents.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use mockbank_store::Store;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::ServerError;
use crate::api::{accounts, cards, health, login, metrics, transactions, users};
use crate::app::App;
use crate::clock::{Clock, SystemClock};
use crate::edge::{BANK_TIME, edge};
use crate::limit::LimitClass;
use crate::openapi;
use crate::request_id::REQUEST_ID;
use crate::settings::Settings;

/// Every documented route of the API.
pub(crate) fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::preamble())
        .routes(routes!(login::log_in))
        .routes(routes!(users::show))
        .routes(routes!(users::list_accounts))
        .routes(routes!(accounts::show))
        .routes(routes!(accounts::list_transactions))
        .routes(routes!(accounts::list_cards))
        .routes(routes!(cards::show))
        .routes(routes!(cards::list_transactions))
        .routes(routes!(transactions::show))
        .routes(routes!(health::show))
        .routes(routes!(metrics::show))
}

/// Which limits a route's requests count against; `None` is for where no route fits.
pub(crate) fn limit_class(route: Option<&str>) -> LimitClass {
    match route {
        Some("/health" | "/metrics") => LimitClass::Exempt,
        Some("/login") => LimitClass::Login,
        Some("/accounts/{account_id}/transactions" | "/cards/{card_id}/transactions") => {
            LimitClass::Transactions
        }
        _ => LimitClass::General,
    }
}

/// The whole API over a store, without a socket.
pub fn router(store: Arc<dyn Store>, settings: &Settings) -> Result<Router, ServerError> {
    router_with_clock(store, settings, Arc::new(SystemClock))
}

/// The same by another clock, which tokens and limits then go by.
pub fn router_with_clock(
    store: Arc<dyn Store>,
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Router, ServerError> {
    let (routes, document) = api().split_for_parts();
    let document = openapi::finish(document);
    let known = document.paths.paths.keys().map(String::as_str);
    let app = Arc::new(App::new(store, settings, clock, known)?);
    let mut router =
        routes.merge(documentation(document)).layer(DefaultBodyLimit::max(settings.max_body_bytes));
    if let Some(cors) = cors(&settings.cors_origins)? {
        router = router.layer(cors);
    }
    Ok(router.layer(from_fn_with_state(Arc::clone(&app), edge)).with_state(app))
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
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, REQUEST_ID])
            .expose_headers([REQUEST_ID, BANK_TIME, header::RETRY_AFTER]),
    ))
}

fn parse_origin(origin: &str) -> Result<HeaderValue, ServerError> {
    let wrong = || ServerError::Origin(origin.to_owned());
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.filter(|host| !host.is_empty() && !host.contains('/')).ok_or_else(wrong)?;
    HeaderValue::from_str(origin).map_err(|_| wrong())
}
