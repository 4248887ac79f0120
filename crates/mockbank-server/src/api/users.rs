//! `/users`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::{AccountKind, Currency, Instant, UserId};
use mockbank_store::{AccountFilter, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::{Account, AccountType, CurrencyCode};
use super::{as_text, json};
use crate::app::App;
use crate::caller::Caller;
use crate::page::{Meta, Paging};
use crate::problem::Problem;
use crate::query::{PathId, Query, flag};

/// A customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct User<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "u_1")]
    user_id: UserId,
    #[schema(example = "user1")]
    username: &'a str,
    #[schema(example = "Ada")]
    first_name: &'a str,
    #[schema(example = "Lindqvist")]
    last_name: &'a str,
    #[schema(example = "ada.lindqvist@example.org")]
    email: &'a str,
    #[schema(example = "Boston")]
    city: &'a str,
    /// When the customer was registered, in the bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-01T00:00:00Z")]
    created_at: Instant,
    /// Only on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    settings: Option<UserSettings<'a>>,
}

/// A customer's settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserSettings<'a> {
    /// Colours of the screens.
    #[schema(example = "light")]
    theme: &'a str,
    /// Whether the customer wants to be notified.
    notifications: bool,
}

impl<'a> User<'a> {
    fn new(user: &'a mockbank_bank::User, include_settings: bool) -> Self {
        let settings = include_settings.then(|| UserSettings {
            theme: &user.settings.theme,
            notifications: user.settings.notifications,
        });
        Self {
            user_id: user.id,
            username: &user.username,
            first_name: &user.first_name,
            last_name: &user.last_name,
            email: &user.email,
            city: &user.city,
            created_at: user.created_at,
            settings,
        }
    }
}

/// What to say of a user.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowParameters {
    /// Whether to add the settings.
    #[serde(default, deserialize_with = "flag")]
    #[param(required = false, default = false)]
    include_settings: bool,
}

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountParameters {
    /// Only of this type.
    #[param(inline)]
    r#type: Option<AccountType>,
    /// Only in this currency.
    #[param(inline)]
    currency: Option<CurrencyCode>,
}

/// A page of a user's accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountList {
    meta: Meta,
    accounts: Vec<Account>,
}

/// A user
///
/// The password's hash is never shown.
#[utoipa::path(
    get, path = "/users/{user_id}", tag = "users",
    params(("user_id" = String, Path, example = "u_1"), ShowParameters),
    responses(
        (status = 200, description = "The user", body = User),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The user is somebody else"),
        (status = 404, description = "There is no such user"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    Query(parameters): Query<ShowParameters>,
) -> Result<Response, Problem> {
    let user = caller.user(&app, id).await?;
    json(&User::new(&user, parameters.include_settings), 512)
}

/// A user's accounts
#[utoipa::path(
    get, path = "/users/{user_id}/accounts", tag = "users",
    params(("user_id" = String, Path, example = "u_1"), AccountParameters, Paging),
    responses(
        (status = 200, description = "A page of accounts", body = AccountList),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The user is somebody else"),
        (status = 404, description = "There is no such user"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list_accounts(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    Query(parameters): Query<AccountParameters>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let user = caller.user(&app, id).await?;
    let page = Page::from(paging);
    let filter = AccountFilter {
        kind: parameters.r#type.map(AccountKind::from),
        currency: parameters.currency.map(Currency::from),
    };
    let listing = app.store.accounts_of(user.id, &filter, page).await?;
    let accounts: Vec<Account> = listing.items.iter().map(Account::from).collect();
    let size = 128 + 256 * accounts.len();
    json(&AccountList { meta: Meta::new(page, listing.total), accounts }, size)
}
