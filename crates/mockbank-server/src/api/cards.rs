//! `/cards`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::{AccountId, CardId, CardStatus, Day, Money, TimeError};
use mockbank_store::{Page, TransactionFilter};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::transactions::Transaction;
use super::{as_optional_text, as_text, json};
use crate::amount::{Amount, lower_bound};
use crate::app::App;
use crate::caller::Caller;
use crate::page::{Meta, Paging};
use crate::problem::Problem;
use crate::query::{PathId, Query, parameter};

/// A credit card.
#[derive(Serialize, ToSchema)]
pub(crate) struct Card<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "card_1")]
    card_id: CardId,
    /// The account that pays its bill.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    #[schema(example = "****-****-****-1234")]
    masked_number: String,
    pub(super) status: CardState,
    /// The most that may be owed on it.
    limit: Amount,
    /// Day of the month on which the bill is paid.
    #[schema(minimum = 1, maximum = 31, example = 15)]
    billing_day: u8,
    #[schema(example = "AVERAGE")]
    spending_profile: &'a str,
    /// What is owed on it.
    current_spend: Amount,
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = Date, example = "2025-01-01")]
    issue_date: Day,
    /// Last day on which it is valid.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = Date, example = "2028-01-01")]
    expiry_date: Day,
    /// When the bill was last paid.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, format = Date, required, example = "2025-01-15")]
    last_bill_date: Option<Day>,
}

impl<'a> Card<'a> {
    /// A card as it is on a day.
    pub(super) fn new(card: &'a mockbank_bank::Card, today: Day) -> Self {
        Self {
            card_id: card.id,
            account_id: card.account,
            masked_number: card.masked_number(),
            status: card.status_on(today).into(),
            limit: Amount(card.limit),
            billing_day: card.billing_day,
            spending_profile: &card.profile,
            current_spend: Amount(card.spend),
            issue_date: card.issued,
            expiry_date: card.expires,
            last_bill_date: card.last_bill,
        }
    }
}

/// Whether a card can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CardState {
    Active,
    Blocked,
    Expired,
}

impl From<CardStatus> for CardState {
    fn from(status: CardStatus) -> Self {
        match status {
            CardStatus::Active => Self::Active,
            CardStatus::Blocked => Self::Blocked,
            CardStatus::Expired => Self::Expired,
        }
    }
}

/// Which transactions of a card to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TransactionParameters {
    /// Only on or after this day.
    #[serde(default, deserialize_with = "day")]
    #[param(value_type = Option<String>, format = Date, example = "2025-01-01")]
    start_date: Option<Day>,
    /// Only on or before this day.
    #[serde(default, deserialize_with = "day")]
    #[param(value_type = Option<String>, format = Date, example = "2025-01-31")]
    end_date: Option<Day>,
    /// Only with at least this amount, whatever its sign.
    #[serde(default, deserialize_with = "amount")]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 10_000_000_000_i64, example = 50)]
    min_amount: Option<Money>,
}

/// Reads a date; one outside the bank's time becomes the nearest inside.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    parameter(deserializer, "a date that exists, as in 2025-01-31", |text| match Day::parse(text) {
        Ok(day) => Some(Some(day)),
        Err(TimeError::OutOfRange) if text < "1970" => Some(Some(Day::default())),
        Err(TimeError::OutOfRange) => Some(Some(Day::MAX)),
        Err(TimeError::NotADate(_)) => None,
    })
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let expected = format_args!("a number from 0 to {}", Money::MAX_MOVEMENT);
    parameter(deserializer, expected, |text| lower_bound(text).map(Some))
}

/// A page of a card's transactions.
#[derive(Serialize, ToSchema)]
pub(crate) struct CardTransactions<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "card_1")]
    card_id: CardId,
    meta: Meta,
    transactions: Vec<Transaction<'a>>,
}

/// A card
#[utoipa::path(
    get, path = "/cards/{card_id}", tag = "cards",
    params(("card_id" = String, Path, example = "card_1")),
    responses(
        (status = 200, description = "The card", body = Card),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The card is somebody else's"),
        (status = 404, description = "There is no such card"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<CardId>,
) -> Result<Response, Problem> {
    let card = caller.card(&app, id).await?;
    json(&Card::new(&card, app.bank_day().await?), 384)
}

/// A card's transactions
///
/// The newest first.
#[utoipa::path(
    get, path = "/cards/{card_id}/transactions", tag = "cards",
    params(("card_id" = String, Path, example = "card_1"), TransactionParameters, Paging),
    responses(
        (status = 200, description = "A page of transactions", body = CardTransactions),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The card is somebody else's"),
        (status = 404, description = "There is no such card"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list_transactions(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<CardId>,
    Query(parameters): Query<TransactionParameters>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let card = caller.card(&app, id).await?;
    let page = Page::from(paging);
    let filter = TransactionFilter {
        from: parameters.start_date,
        to: parameters.end_date,
        min_amount: parameters.min_amount,
        ..TransactionFilter::default()
    };
    let listing = app.store.transactions_of_card(card.id, &filter, page).await?;
    let transactions: Vec<Transaction> = listing.items.iter().map(Transaction::from).collect();
    let size = Transaction::list_size(transactions.len());
    let meta = Meta::new(page, listing.total);
    json(&CardTransactions { card_id: card.id, meta, transactions }, size)
}
