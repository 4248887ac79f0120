//! `/users`

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{self, Command, Outcome};
use mockbank_bank::{AccountId, AccountKind, Currency, Instant, Money, Settings, UserId};
use mockbank_store::{AccountFilter, Idempotency, Page, Reply};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::{Account, AccountType, CurrencyCode};
use crate::answer::body::{as_text, json};
use crate::answer::page::Meta;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::caller::Caller;
use crate::request::fields::{Check, Field, Object, Wrong, from_json, text};
use crate::request::page::Paging;
use crate::request::query::{PathId, Query, flag};
use crate::request::write::{RepeatKey, Write, fingerprint};

/// Owner of the idempotency keys of those who are no customers yet.
const SIGN_UP: &str = "sign-up";

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
    let held: BTreeMap<AccountId, Money> = app.store.held_of(user.id).await?.into_iter().collect();
    let show = |account: &mockbank_bank::Account| {
        Account::new(account, held.get(&account.id).copied().unwrap_or_default())
    };
    let accounts: Vec<Account> = listing.items.iter().map(show).collect();
    let size = 128 + 320 * accounts.len();
    json(&AccountList { meta: Meta::new(page, listing.total), accounts }, size)
}

/// Characters of a password.
const PASSWORD: RangeInclusive<usize> = 8..=128;

/// Characters of a first name, a last name or a city.
const NAME: RangeInclusive<usize> = 1..=80;

/// Characters of an e-mail address.
const EMAIL: RangeInclusive<usize> = 3..=254;

/// Characters of a username.
const USERNAME: RangeInclusive<usize> = 3..=32;

/// A customer to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// Letters, digits, `.`, `_` and `-`; nobody else may have it.
    #[serde(default)]
    #[schema(
        value_type = String, required, example = "ada",
        min_length = 3, max_length = 32, pattern = "^[A-Za-z0-9._-]+$",
    )]
    username: Field<String>,
    /// Not the username.
    #[serde(default)]
    #[schema(
        value_type = String, required, format = Password, example = "correct horse",
        min_length = 8, max_length = 128,
    )]
    password: Field<String>,
    #[serde(default)]
    #[schema(
        value_type = String, required, example = "Ada",
        min_length = 1, max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    )]
    first_name: Field<String>,
    #[serde(default)]
    #[schema(
        value_type = String, required, example = "Lindqvist",
        min_length = 1, max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    )]
    last_name: Field<String>,
    #[serde(default)]
    #[schema(
        value_type = String, required, format = Email, example = "ada@example.org",
        min_length = 3, max_length = 254,
    )]
    email: Field<String>,
    #[serde(default)]
    #[schema(
        value_type = String, required, example = "Boston",
        min_length = 1, max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    )]
    city: Field<String>,
}

/// A customer to be, with a password that is not hashed yet.
struct Applicant {
    user: command::NewUser,
    password: String,
}

impl NewUser {
    fn check(self) -> Result<Applicant, Problem> {
        let mut check = Check::default();
        let username = check.tested("username", self.username, username);
        let password = check.tested("password", self.password, password);
        let first_name = check.tested("first_name", self.first_name, text(NAME));
        let last_name = check.tested("last_name", self.last_name, text(NAME));
        let email = check.tested("email", self.email, email);
        let city = check.tested("city", self.city, text(NAME));
        match (username, password, first_name, last_name, email, city) {
            (
                Some(username),
                Some(password),
                Some(first_name),
                Some(last_name),
                Some(email),
                Some(city),
            ) => {
                differ(&username, &password)?;
                let password_hash = String::new();
                let user = command::NewUser {
                    username,
                    password_hash,
                    first_name,
                    last_name,
                    email,
                    city,
                };
                Ok(Applicant { user, password })
            }
            _ => Err(check.refuse()),
        }
    }
}

/// Whether a password fits a username: what the document cannot say.
fn differ(username: &str, password: &str) -> Result<(), Problem> {
    if username != password {
        return Ok(());
    }
    let detail = "the password must not be the username";
    Err(Problem::new(StatusCode::CONFLICT, detail).with_code("password_is_username"))
}

fn username(name: &str) -> Result<(), Wrong> {
    text(USERNAME)(name)?;
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        return Ok(());
    }
    Err(Wrong::new("characters", "must consist of letters, digits, '.', '_' and '-'"))
}

/// A password may have any characters, spaces at its ends too.
fn password(password: &str) -> Result<(), Wrong> {
    if PASSWORD.contains(&password.chars().count()) {
        return Ok(());
    }
    let message = format!("must have from {} to {} characters", PASSWORD.start(), PASSWORD.end());
    Err(Wrong::new("length", message))
}

fn email(address: &str) -> Result<(), Wrong> {
    text(EMAIL)(address)?;
    match address.split_once('@') {
        Some((name, host))
            if !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !address.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(Wrong::new("format", "must be an address such as ada@example.org")),
    }
}

/// Sign up
///
/// Open to all. The customer has no account yet: log in, then open one.
#[utoipa::path(
    post, path = "/users", tag = "users",
    params(RepeatKey),
    request_body = NewUser,
    responses(
        (status = 201, description = "The user", body = User),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 409, description = "`username_taken`, `password_is_username`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
)]
pub(crate) async fn sign_up(
    State(app): State<Arc<App>>,
    request: Write<NewUser>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &SIGN_UP);
    let Applicant { mut user, password } = body.check()?;
    // The hash of a body with a password in it could be tried out against guesses much faster
    // than the password's own: the key stands for everything else.
    let parts = [&user.username, &user.first_name, &user.last_name, &user.email, &user.city];
    let fingerprint = fingerprint(parts.map(String::as_bytes));
    let idempotency = idempotency.map(|key| Idempotency { fingerprint, ..key });
    user.password_hash = app.passwords.hash(password).await?;
    let order = Order { command: Command::RegisterUser(user), idempotency, audit: None };
    carry_out(&app, order, |outcome, _| match outcome {
        Outcome::User(user) => reply(StatusCode::CREATED, &User::new(user, true)),
        _ => None,
    })
    .await
}

/// What is to change about a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    #[serde(default)]
    #[schema(value_type = SettingsChange, required = false)]
    settings: Object<SettingsChange>,
}

/// What is to change about the settings; what is absent stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// Colours of the screens.
    #[serde(default)]
    #[schema(value_type = Option<Theme>)]
    theme: Field<Theme>,
    /// Whether the customer wants to be notified.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    notifications: Field<bool>,
}

/// Colours of the screens.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    Light,
    Dark,
}

from_json!(Theme = "must be \"light\" or \"dark\"");

/// Change a user's settings
#[utoipa::path(
    patch, path = "/users/{user_id}", tag = "users",
    params(("user_id" = String, Path, example = "u_1")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The user, with the settings", body = User),
        (status = 400, description = "The body is not JSON"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The user is somebody else"),
        (status = 404, description = "There is no such user"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    request: Write<UserChange>,
) -> Result<Response, Problem> {
    let user = caller.user(&app, id).await?;
    let (UserChange { settings: Object(wanted) }, idempotency) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let theme = check.optional("settings.theme", wanted.theme);
    let notifications = check.optional("settings.notifications", wanted.notifications);
    let (Some(theme), Some(notifications)) = (theme, notifications) else {
        return Err(check.refuse());
    };
    let theme = theme.map(|theme| match theme {
        Theme::Light => "light".to_owned(),
        Theme::Dark => "dark".to_owned(),
    });
    let settings = Settings {
        theme: theme.unwrap_or(user.settings.theme),
        notifications: notifications.unwrap_or(user.settings.notifications),
    };
    let command = Command::SetSettings { user: user.id, settings };
    carry_out(&app, Order { command, idempotency, audit: None }, |outcome, _| match outcome {
        Outcome::User(user) => reply(StatusCode::OK, &User::new(user, true)),
        _ => None,
    })
    .await
}

/// A password in place of another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password until now.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password, example = "password123")]
    current_password: Field<String>,
    /// The password from now on; not the username.
    #[serde(default)]
    #[schema(
        value_type = String, required, format = Password, example = "correct horse",
        min_length = 8, max_length = 128,
    )]
    new_password: Field<String>,
}

/// Change a user's password
///
/// Tokens that were issued before stay good until they expire.
#[utoipa::path(
    put, path = "/users/{user_id}/password", tag = "users",
    params(("user_id" = String, Path, example = "u_1")),
    request_body = NewPassword,
    responses(
        (status = 204, description = "The password was changed"),
        (status = 400, description = "The body is not JSON"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The user is somebody else, or the current password is wrong: \
            `wrong_password`"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`password_is_username`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn set_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    request: Write<NewPassword>,
) -> Result<Response, Problem> {
    let user = caller.user(&app, id).await?;
    let (body, _) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let current = check.required("current_password", body.current_password);
    let new = check.tested("new_password", body.new_password, password);
    let (Some(current), Some(new)) = (current, new) else { return Err(check.refuse()) };
    differ(&user.username, &new)?;
    let known = app.store.credentials(&user.username).await?;
    let hash = known.map(|credentials| credentials.password_hash);
    if !app.passwords.verify(current, hash).await? {
        let detail = "the current password is wrong";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail).with_code("wrong_password"));
    }
    let password_hash = app.passwords.hash(new).await?;
    let command = Command::SetPassword { user: user.id, password_hash };
    let order = Order { command, idempotency: None, audit: None };
    carry_out(&app, order, |outcome, _| match outcome {
        Outcome::Done => Some(Reply { status: StatusCode::NO_CONTENT.as_u16(), body: Vec::new() }),
        _ => None,
    })
    .await
}
