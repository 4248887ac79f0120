//! The routes, as a table of contents.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{
    accounts, admin, cards, health, holds, login, metrics, transactions, transfers, users,
};
use crate::app::App;
use crate::openapi;
use crate::traffic::limit::LimitClass;

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
