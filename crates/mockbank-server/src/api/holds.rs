//! `/holds`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{Command, Outcome, TransferOrder};
use mockbank_bank::{AccountId, Catalog, GroupId, HoldId, HoldState, Instant, Money, Posting};
use mockbank_store::{Idempotency, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::transactions::Transaction;
use super::transfers::Transfer;
use crate::answer::amount::Amount;
use crate::answer::body::{as_optional_text, as_text, json};
use crate::answer::page::Meta;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::caller::Caller;
use crate::request::fields::{Check, DESCRIPTION, Field, movable, text, within};
use crate::request::page::Paging;
use crate::request::query::{PathId, Query};
use crate::request::write::{Nothing, RepeatKey, Write};

/// Seconds of the bank's time until a hold expires, unless asked for otherwise: a week.
const DEFAULT_EXPIRY: i64 = 7 * 86_400;

/// The longest that a hold can stand, in seconds of the bank's time: 31 days.
const LONGEST_EXPIRY: i64 = 31 * 86_400;

/// Money of one account that is set aside for another.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hold<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "hold_1")]
    hold_id: HoldId,
    /// Whose money is set aside.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    from_account_id: AccountId,
    /// Who is to get it.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_2")]
    to_account_id: AccountId,
    /// What was set aside.
    amount: Amount,
    /// What for.
    #[schema(required, example = "Hotel deposit")]
    description: Option<&'a str>,
    status: HoldStatus,
    /// In the bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-31T12:30:00Z")]
    authorised_at: Instant,
    /// From when on it can no longer be posted, in the bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-02-07T12:30:00Z")]
    expires_at: Instant,
    /// What was moved; null unless it was posted.
    #[schema(required)]
    posted_amount: Option<Amount>,
    /// The transfer that moved it; null unless it was posted.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, required, example = "grp_1")]
    transfer_group_id: Option<GroupId>,
}

/// What became of a hold.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum HoldStatus {
    Pending,
    Posted,
    Voided,
    Expired,
}

impl<'a> From<&'a mockbank_bank::Hold> for Hold<'a> {
    fn from(hold: &'a mockbank_bank::Hold) -> Self {
        let (status, posted) = match hold.state {
            HoldState::Pending => (HoldStatus::Pending, None),
            HoldState::Posted { amount, group } => (HoldStatus::Posted, Some((amount, group))),
            HoldState::Voided => (HoldStatus::Voided, None),
            HoldState::Expired => (HoldStatus::Expired, None),
        };
        Self {
            hold_id: hold.id,
            from_account_id: hold.from,
            to_account_id: hold.to,
            amount: Amount(hold.amount),
            description: hold.description.as_deref(),
            status,
            authorised_at: hold.authorised_at,
            expires_at: hold.expires_at,
            posted_amount: posted.map(|(amount, _)| Amount(amount)),
            transfer_group_id: posted.map(|(_, group)| group),
        }
    }
}

/// Money to be set aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHold {
    /// Whose money: an account of one's own.
    #[serde(default)]
    #[schema(value_type = String, required, pattern = "^acc_[1-9][0-9]{0,9}$", example = "acc_1")]
    from_account_id: Field<AccountId>,
    /// Who is to get it.
    #[serde(default)]
    #[schema(value_type = String, required, pattern = "^acc_[1-9][0-9]{0,9}$", example = "acc_2")]
    to_account_id: Field<AccountId>,
    /// How much, above zero, with at most two decimals.
    #[serde(default)]
    #[schema(
        value_type = f64, required, example = 120.00,
        minimum = 0.01, maximum = 10_000_000_000_i64, multiple_of = 0.01,
    )]
    amount: Field<Money>,
    /// What for.
    #[serde(default)]
    #[schema(
        value_type = Option<String>, example = "Hotel deposit",
        min_length = 1, max_length = 140,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    )]
    description: Field<String>,
    /// Seconds of the bank's time until it expires; a week unless given.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 2_678_400, default = 604_800)]
    expires_in: Field<i64>,
}

impl NewHold {
    fn check(self) -> Result<(TransferOrder, i64), Problem> {
        let mut check = Check::default();
        let from = check.required("from_account_id", self.from_account_id);
        let to = check.required("to_account_id", self.to_account_id);
        let amount = check.tested("amount", self.amount, movable);
        let description = check.optional_tested("description", self.description, text(DESCRIPTION));
        let expires_in =
            check.optional_tested("expires_in", self.expires_in, within(1..=LONGEST_EXPIRY));
        match (from, to, amount, description, expires_in) {
            (Some(from), Some(to), Some(amount), Some(description), Some(expires_in)) => {
                let order = TransferOrder { from, to, amount, description };
                Ok((order, expires_in.unwrap_or(DEFAULT_EXPIRY)))
            }
            _ => Err(check.refuse()),
        }
    }
}

/// How much of a hold to move.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostHold {
    /// No more than is held; all of it unless given.
    #[serde(default)]
    #[schema(
        value_type = Option<f64>, example = 80.00,
        minimum = 0.01, maximum = 10_000_000_000_i64, multiple_of = 0.01,
    )]
    amount: Field<Money>,
}

/// A hold that was posted.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostedHold<'a> {
    hold: Hold<'a>,
    /// The payer's record, then the receiver's.
    #[schema(min_items = 2, max_items = 2)]
    transactions: [Transaction<'a>; 2],
}

impl<'a> PostedHold<'a> {
    fn new(
        hold: &'a mockbank_bank::Hold,
        records: &[Posting; 2],
        catalog: &'a Catalog,
    ) -> Option<Self> {
        let transfer = Transfer::new(records, hold.description.as_deref(), catalog)?;
        Some(Self { hold: Hold::from(hold), transactions: transfer.into_transactions() })
    }
}

/// A page of an account's holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountHolds<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    meta: Meta,
    holds: Vec<Hold<'a>>,
}

/// Set money aside
///
/// It stays in the account's `balance` and leaves its `available_balance`, until the hold is
/// posted, voided or expires on the bank's clock.
#[utoipa::path(
    post, path = "/holds", tag = "holds",
    params(RepeatKey),
    request_body = NewHold,
    responses(
        (status = 201, description = "The hold", body = Hold),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The paying account is somebody else's"),
        (status = 404, description = "There is no such account: `unknown_account`"),
        (status = 409, description = "`insufficient_funds`, `account_frozen`, `account_closed`, \
            `same_account`, `currency_mismatch`, `expiry_not_ahead`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Write<NewHold>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &caller.id());
    let (order, expires_in) = body.check()?;
    caller.pays_from(&app, order.from).await?;
    let command = Command::Authorise { order, expires_in };
    resolve(&app, StatusCode::CREATED, command, idempotency).await
}

/// A hold
///
/// Shown to those on either side of it.
#[utoipa::path(
    get, path = "/holds/{hold_id}", tag = "holds",
    params(("hold_id" = String, Path, example = "hold_1")),
    responses(
        (status = 200, description = "The hold", body = Hold),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The hold is between others"),
        (status = 404, description = "There is no such hold"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<HoldId>,
) -> Result<Response, Problem> {
    let hold = caller.hold(&app, id).await?;
    json(&Hold::from(&hold), 384)
}

/// An account's holds
///
/// Those on its money, resolved ones too, the newest first.
#[utoipa::path(
    get, path = "/accounts/{account_id}/holds", tag = "holds",
    params(("account_id" = String, Path, example = "acc_1"), Paging),
    responses(
        (status = 200, description = "A page of holds", body = AccountHolds),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let account = caller.account(&app, id).await?;
    let page = Page::from(paging);
    let listing = app.store.holds_of(account.id, page).await?;
    let holds: Vec<Hold> = listing.items.iter().map(Hold::from).collect();
    let size = 128 + 384 * holds.len();
    let meta = Meta::new(page, listing.total);
    json(&AccountHolds { account_id: account.id, meta, holds }, size)
}

/// Post a hold
///
/// Moves what it set aside, in full or in part; what is not moved is free again. Either side may
/// do it. However many try at once, a hold is resolved once.
#[utoipa::path(
    post, path = "/holds/{hold_id}/post", tag = "holds",
    params(("hold_id" = String, Path, example = "hold_1"), RepeatKey),
    request_body = Option<PostHold>,
    responses(
        (status = 200, description = "The hold and the records of the transfer", body = PostedHold),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The hold is between others"),
        (status = 404, description = "There is no such hold"),
        (status = 409, description = "`hold_resolved`, `hold_expired`, `account_frozen`, \
            `account_closed`, `more_than_held`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn post(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<HoldId>,
    request: Write<Option<PostHold>>,
) -> Result<Response, Problem> {
    let hold = caller.hold(&app, id).await?.id;
    let (body, idempotency) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let amount = body.map(|body| body.amount).unwrap_or_default();
    let Some(amount) = check.optional_tested("amount", amount, movable) else {
        return Err(check.refuse());
    };
    resolve(&app, StatusCode::OK, Command::PostHold { hold, amount }, idempotency).await
}

/// Void a hold
///
/// Frees what it set aside. Either side may do it.
#[utoipa::path(
    post, path = "/holds/{hold_id}/void", tag = "holds",
    params(("hold_id" = String, Path, example = "hold_1"), RepeatKey),
    request_body = Option<Nothing>,
    responses(
        (status = 200, description = "The hold", body = Hold),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The hold is between others"),
        (status = 404, description = "There is no such hold"),
        (status = 409, description = "`hold_resolved`, `hold_expired`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "The body has fields"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn void(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<HoldId>,
    request: Write<Option<Nothing>>,
) -> Result<Response, Problem> {
    let hold = caller.hold(&app, id).await?.id;
    let (_, idempotency) = request.split(&app, &caller.id());
    resolve(&app, StatusCode::OK, Command::VoidHold { hold }, idempotency).await
}

/// Has a command on a hold carried out, and shows the hold.
async fn resolve(
    app: &App,
    status: StatusCode,
    command: Command,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    let catalog = app.store.catalog().await?;
    let order = Order { command, idempotency, audit: None };
    carry_out(app, order, move |outcome, _| match outcome {
        Outcome::Held(hold, None) => reply(status, &Hold::from(hold)),
        Outcome::Held(hold, Some(records)) => {
            reply(status, &PostedHold::new(hold, records, &catalog)?)
        }
        _ => None,
    })
    .await
}
