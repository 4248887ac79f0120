//! `/cards`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{CardOrder, Command, Outcome};
use mockbank_bank::{AccountId, CardId, CardStatus, Day, Money, TimeError};
use mockbank_store::{Idempotency, Page, TransactionFilter};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::transactions::Transaction;
use crate::answer::amount::Amount;
use crate::answer::body::{as_optional_text, as_text, json};
use crate::answer::page::Meta;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::amount::lower_bound;
use crate::request::caller::Caller;
use crate::request::fields::{Check, Field, OneOf, Wrong, from_json, within};
use crate::request::page::Paging;
use crate::request::query::{PathId, Query, parameter};
use crate::request::write::{RepeatKey, Write};
use crate::settings::CardLimits;

/// Day of the month on which a card's bill is paid, unless its owner chooses another.
const BILLING_DAY: u8 = 15;

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

/// What a customer can make of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CardUse {
    Active,
    Blocked,
}

from_json!(CardUse = "must be \"ACTIVE\" or \"BLOCKED\"");

/// A card to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCard {
    /// The most that may be owed on it; the bank's choice unless given.
    #[serde(default)]
    #[schema(value_type = Option<f64>, multiple_of = 0.01, example = 5000.00)]
    limit: Field<Money>,
    /// Day of the month on which the bill is paid; 15 unless given.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 28, example = 15)]
    billing_day: Field<i64>,
    /// How the simulation spends with it: a profile of the world's preset, the first one unless
    /// given.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "AVERAGE")]
    spending_profile: Field<String>,
}

/// What is to change about a card: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1, example = json!({"status": "BLOCKED"}))]
pub(crate) struct CardChange {
    #[serde(default)]
    #[schema(value_type = CardUse, required = false)]
    status: Field<CardUse>,
    /// The most that may be owed on it, and not below what is.
    #[serde(default)]
    #[schema(value_type = f64, required = false, multiple_of = 0.01)]
    limit: Field<Money>,
}

/// Issue a card
///
/// Billed to an account of one's own, valid for three years.
#[utoipa::path(
    post, path = "/accounts/{account_id}/cards", tag = "cards",
    params(("account_id" = String, Path, example = "acc_1"), RepeatKey),
    request_body = NewCard,
    responses(
        (status = 201, description = "The card", body = Card),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "`account_frozen`, `account_closed`, `unknown_profile`, \
            `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn issue(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    request: Write<NewCard>,
) -> Result<Response, Problem> {
    let account = caller.account(&app, id).await?.id;
    let (body, idempotency) = request.split(&app, &caller.id());
    let profiles =
        mockbank_world::spending_profiles(&app.store.world().await?).map_err(|error| {
            tracing::error!(%error, "the world's preset cannot be read");
            Problem::internal()
        })?;
    let mut check = Check::default();
    let limit = check.optional_tested("limit", body.limit, limit_within(&app));
    let billing_day = check.optional_tested("billing_day", body.billing_day, within(1..=28));
    let profile = check.optional("spending_profile", body.spending_profile);
    let (Some(limit), Some(billing_day), Some(profile)) = (limit, billing_day, profile) else {
        return Err(check.refuse());
    };
    let profile = profile.or_else(|| profiles.first().cloned()).unwrap_or_default();
    if !profiles.contains(&profile) {
        let detail = format!("spending_profile must be one of {}", profiles.join(", "));
        return Err(Problem::new(StatusCode::CONFLICT, detail).with_code("unknown_profile"));
    }
    let billing_day = billing_day.and_then(|day| u8::try_from(day).ok()).unwrap_or(BILLING_DAY);
    let limit = limit.unwrap_or(app.settings.card_limits.default);
    let terms =
        CardOrder { account, limit, billing_day, profile, last_four: last_four()?, valid_years: 3 };
    change_card(&app, StatusCode::CREATED, Command::IssueCard(terms), idempotency).await
}

/// Block a card, take it back into use, or change its limit
#[utoipa::path(
    patch, path = "/cards/{card_id}", tag = "cards",
    params(("card_id" = String, Path, example = "card_1")),
    request_body = CardChange,
    responses(
        (status = 200, description = "The card", body = Card),
        (status = 400, description = "The body is not JSON"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The card is somebody else's"),
        (status = 404, description = "There is no such card"),
        (status = 409, description = "`card_expired`, `limit_below_spend`, `account_closed`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<CardId>,
    request: Write<CardChange>,
) -> Result<Response, Problem> {
    let card = caller.card(&app, id).await?.id;
    let (body, idempotency) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let limit = body.limit.tested(limit_within(&app));
    let command = match check.one_of(("status", body.status), ("limit", limit)) {
        Some(OneOf::First(status)) => {
            Command::BlockCard { card, blocked: status == CardUse::Blocked }
        }
        Some(OneOf::Second(limit)) => Command::SetCardLimit { card, limit },
        None => return Err(check.refuse()),
    };
    change_card(&app, StatusCode::OK, command, idempotency).await
}

/// Has a command on a card carried out, and shows the card.
async fn change_card(
    app: &App,
    status: StatusCode,
    command: Command,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    let order = Order { command, idempotency, audit: None };
    carry_out(app, order, move |outcome, now| match outcome {
        Outcome::Card(card) => reply(status, &Card::new(card, now.day())),
        _ => None,
    })
    .await
}

/// Tests that a limit is one that customers may choose.
fn limit_within(app: &App) -> impl Fn(&Money) -> Result<(), Wrong> {
    let CardLimits { least, most, .. } = app.settings.card_limits;
    move |limit| {
        if (least..=most).contains(limit) {
            return Ok(());
        }
        Err(Wrong::new("range", format!("must lie between {least} and {most}")))
    }
}

/// The last four digits of a new card's number.
fn last_four() -> Result<u16, Problem> {
    let random = getrandom::u32().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        Problem::internal()
    })?;
    Ok(u16::try_from(random % 10_000).unwrap_or_default())
}
