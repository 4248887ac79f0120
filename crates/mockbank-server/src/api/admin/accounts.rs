//! `/admin/accounts`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::AccountId;
use mockbank_bank::command::{Command, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::problem::Problem;
use crate::api::accounts::Account;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::admin::{ADMIN, Admin};
use crate::request::fields::{Check, Field, from_json};
use crate::request::query::PathId;
use crate::request::write::Write;

/// What an administrator can make of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Use {
    /// Money may come and go.
    Active,
    /// Money may neither come nor go.
    Frozen,
}

from_json!(Use = "must be \"ACTIVE\" or \"FROZEN\"");

/// What is to change about an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    #[serde(default)]
    #[schema(value_type = Use, required)]
    status: Field<Use>,
}

/// Freeze an account, or take it back into use
#[utoipa::path(
    patch, path = "/admin/accounts/{account_id}", tag = "administration",
    params(("account_id" = String, Path, example = "acc_1")),
    request_body = AccountChange,
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 400, description = "The body is not JSON"),
        (status = 401, description = "This is not the admin token"),
        (status = 404, description = "There is no such account: `unknown_account`"),
        (status = 409, description = "`account_closed`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    _: Admin,
    PathId(id): PathId<AccountId>,
    request: Write<AccountChange>,
) -> Result<Response, Problem> {
    let account = id.ok_or_else(|| Problem::not_found("account").with_code("unknown_account"))?;
    let (body, idempotency) = request.split(&app, &ADMIN);
    let mut check = Check::default();
    let Some(status) = check.required("status", body.status) else { return Err(check.refuse()) };
    let held = app.store.held(account).await?.unwrap_or_default();
    let command = Command::FreezeAccount { account, frozen: status == Use::Frozen };
    let order = Order { command, idempotency, audit: Some(Admin::audit(&app)) };
    carry_out(&app, order, move |outcome, _| match outcome {
        Outcome::Account(account) => reply(StatusCode::OK, &Account::new(account, held)),
        _ => None,
    })
    .await
}
