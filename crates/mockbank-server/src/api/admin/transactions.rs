//! `/admin/transactions`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{Command, ManualTarget, Outcome};
use mockbank_bank::{AccountId, CardId, Money};
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::schema::{AdditionalProperties, Object, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::problem::Problem;
use crate::api::transactions::Transaction;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::admin::{ADMIN, Admin};
use crate::request::fields::{Check, DESCRIPTION, Field, OneOf, bookable, text};
use crate::request::write::{RepeatKey, Write};

/// The largest amount in either direction, in major units.
const LARGEST: i64 = 10_000_000_000;

/// A transaction to be booked by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransaction {
    #[serde(default)]
    account_id: Field<AccountId>,
    #[serde(default)]
    card_id: Field<CardId>,
    #[serde(default)]
    amount: Field<Money>,
    #[serde(default)]
    description: Field<String>,
}

/// An object of one of two forms: on an account, or on a card.
impl PartialSchema for NewTransaction {
    fn schema() -> RefOr<Schema> {
        let forms = OneOfBuilder::new()
            .description(Some("A transaction to be booked by hand, on an account or on a card"))
            .item(booked_on("account_id", "acc_"))
            .item(booked_on("card_id", "card_"))
            .build();
        RefOr::T(Schema::OneOf(forms))
    }
}

impl ToSchema for NewTransaction {}

fn booked_on(target: &str, prefix: &str) -> Object {
    let number = || ObjectBuilder::new().schema_type(Type::Number).multiple_of(Some(0.01));
    let amount = OneOfBuilder::new()
        .description(Some("How much, debits negative, with at most two decimals"))
        .item(number().minimum(Some(0.01)).maximum(Some(LARGEST)))
        .item(number().minimum(Some(-LARGEST)).maximum(Some(-0.01)));
    let id = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^{prefix}[1-9][0-9]{{0,9}}$")));
    let text = [Type::String, Type::Null].into_iter().collect::<SchemaType>();
    let description = ObjectBuilder::new()
        .schema_type(text)
        .description(Some("What for"))
        .min_length(Some(*DESCRIPTION.start()))
        .max_length(Some(*DESCRIPTION.end()))
        .pattern(Some(
            r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        ));
    ObjectBuilder::new()
        .property(target, id)
        .required(target)
        .property("amount", amount)
        .required("amount")
        .property("description", description)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([
            json!({target: format!("{prefix}1"), "amount": -10, "description": "Correction"}),
        ])
        .build()
}

impl NewTransaction {
    fn check(self) -> Result<(ManualTarget, Money, Option<String>), Problem> {
        let mut check = Check::default();
        let target = check.one_of(("account_id", self.account_id), ("card_id", self.card_id)).map(
            |target| match target {
                OneOf::First(account) => ManualTarget::Account(account),
                OneOf::Second(card) => ManualTarget::Card(card),
            },
        );
        let amount = check.tested("amount", self.amount, bookable);
        let description = check.optional_tested("description", self.description, text(DESCRIPTION));
        match (target, amount, description) {
            (Some(target), Some(amount), Some(description)) => Ok((target, amount, description)),
            _ => Err(check.refuse()),
        }
    }
}

/// Book a transaction by hand
///
/// On any account in the world's currency or a card of one, against the bank. On a card a debit
/// raises what is owed on it.
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
            `card_blocked`, `card_expired`, `currency_mismatch`, `amount_too_large`, \
            `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
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
