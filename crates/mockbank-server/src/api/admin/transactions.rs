//! `/admin/transactions`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{Command, ManualTarget, Outcome};
use mockbank_bank::{AccountId, CardId, Money};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::admin::{ADMIN, Admin};
use crate::api::transactions::Transaction;
use crate::api::transfers::DESCRIPTION;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::fields::{Check, Field, Wrong, text};
use crate::problem::Problem;
use crate::write::{RepeatKey, Write};

/// A transaction to be booked by hand, on an account or on a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransaction {
    /// On which account; not together with `card_id`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "acc_1")]
    account_id: Field<AccountId>,
    /// On which card; not together with `account_id`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    card_id: Field<CardId>,
    /// How much, not zero, debits negative, with at most two decimals.
    #[serde(default)]
    #[schema(
        value_type = f64, required, example = -10.00,
        minimum = -10_000_000_000_i64, maximum = 10_000_000_000_i64, multiple_of = 0.01,
    )]
    amount: Field<Money>,
    /// What for.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 140, example = "Correction")]
    description: Field<String>,
}

impl NewTransaction {
    fn check(self) -> Result<(ManualTarget, Money, Option<String>), Problem> {
        let mut check = Check::default();
        let account = check.optional("account_id", self.account_id);
        let card = check.optional("card_id", self.card_id);
        let target = match (account, card) {
            (Some(Some(account)), Some(None)) => Some(ManualTarget::Account(account)),
            (Some(None), Some(Some(card))) => Some(ManualTarget::Card(card)),
            (Some(_), Some(_)) => {
                let message = "or card_id must be there, and not both";
                check.wrong("account_id", Wrong::new("one_of_two", message));
                None
            }
            _ => None,
        };
        let amount = check.required("amount", self.amount);
        let description = check.optional_tested("description", self.description, text(DESCRIPTION));
        match (target, amount, description) {
            (Some(target), Some(amount), Some(description)) => Ok((target, amount, description)),
            _ => Err(check.refuse()),
        }
    }
}

/// Book a transaction by hand
///
/// On any account or card, against the bank. On a card a debit raises what is owed on it.
#[utoipa::path(
    post, path = "/admin/transactions", tag = "administration",
    params(RepeatKey),
    request_body = NewTransaction,
    responses(
        (status = 201, description = "The transaction", body = Transaction),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "This is not the admin token"),
        (status = 404, description = "`unknown_account`, `unknown_card`"),
        (status = 409, description = "`limit_exceeded`, `account_frozen`, `account_closed`, \
            `card_blocked`, `card_expired`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`, `amount_zero`, `amount_too_large`, \
            `key_reused`"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    _: Admin,
    request: Write<NewTransaction>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &ADMIN);
    let (target, amount, description) = body.check()?;
    let catalog = app.store.catalog().await?;
    let text = description.clone();
    let command = Command::Manual { target, amount, description };
    let order = Order { command, idempotency, audit: Some(Admin::audit(&app)) };
    carry_out(&app, order, move |outcome, _| match outcome {
        Outcome::Booked(posting) => {
            let record = Transaction::from_posting(posting, text.as_deref(), &catalog)?;
            reply(StatusCode::CREATED, &record)
        }
        _ => None,
    })
    .await
}
