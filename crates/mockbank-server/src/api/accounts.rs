//! `/accounts`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{Command, Outcome};
use mockbank_bank::{AccountId, AccountKind, AccountStatus, Currency, Money, UserId};
use mockbank_store::{Idempotency, Order as ListOrder, Page, TransactionFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cards::{Card, CardState};
use super::transactions::Transaction;
use crate::answer::amount::Amount;
use crate::answer::body::{as_text, json as respond, json_response};
use crate::answer::json;
use crate::answer::page::Meta;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::caller::Caller;
use crate::request::fields::{Check, Field, from_json};
use crate::request::page::Paging;
use crate::request::query::{PathId, Query};
use crate::request::write::{Nothing, RepeatKey, Write};

/// A deposit account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    /// Whose it is.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "u_1")]
    user_id: UserId,
    r#type: AccountType,
    currency: CurrencyCode,
    /// The ledger balance.
    balance: Amount,
    /// The part of it that holds have set aside.
    held_balance: Amount,
    /// The part of it that can be moved.
    available_balance: Amount,
    /// Monthly salary that is paid into it; zero for none.
    salary_amount: Amount,
    status: AccountState,
}

impl Account {
    /// An account of which holds have set `held` aside.
    pub(super) fn new(account: &mockbank_bank::Account, held: Money) -> Self {
        Self {
            account_id: account.id,
            user_id: account.user,
            r#type: account.kind.into(),
            currency: account.currency.into(),
            balance: Amount(account.balance),
            held_balance: Amount(held),
            available_balance: Amount(account.balance.checked_sub(held).unwrap_or_default()),
            salary_amount: Amount(account.salary),
            status: account.status.into(),
        }
    }
}

/// What sort of account it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountType {
    Checking,
    Savings,
}

impl From<AccountKind> for AccountType {
    fn from(kind: AccountKind) -> Self {
        match kind {
            AccountKind::Checking => Self::Checking,
            AccountKind::Savings => Self::Savings,
        }
    }
}

impl From<AccountType> for AccountKind {
    fn from(wire: AccountType) -> Self {
        match wire {
            AccountType::Checking => Self::Checking,
            AccountType::Savings => Self::Savings,
        }
    }
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountState {
    Active,
    Frozen,
    Closed,
}

impl From<AccountStatus> for AccountState {
    fn from(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Active => Self::Active,
            AccountStatus::Frozen => Self::Frozen,
            AccountStatus::Closed => Self::Closed,
        }
    }
}

/// A currency by its code of ISO 4217.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CurrencyCode {
    Usd,
    Eur,
    Gbp,
    Chf,
}

impl From<Currency> for CurrencyCode {
    fn from(currency: Currency) -> Self {
        match currency {
            Currency::USD => Self::Usd,
            Currency::EUR => Self::Eur,
            Currency::GBP => Self::Gbp,
            Currency::CHF => Self::Chf,
        }
    }
}

impl From<CurrencyCode> for Currency {
    fn from(wire: CurrencyCode) -> Self {
        match wire {
            CurrencyCode::Usd => Self::USD,
            CurrencyCode::Eur => Self::EUR,
            CurrencyCode::Gbp => Self::GBP,
            CurrencyCode::Chf => Self::CHF,
        }
    }
}

/// Which transactions of an account to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TransactionParameters {
    /// Only of the category with this name; empty for all.
    #[param(example = "Food & Dining")]
    category: Option<String>,
    /// Only with this text in the description, letters of either case; empty for all.
    search: Option<String>,
    /// Oldest or newest first.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: Sort,
}

/// Order by date.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(default = "desc")]
pub(crate) enum Sort {
    Asc,
    #[default]
    Desc,
}

/// Which cards to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CardParameters {
    /// Only with this status.
    #[param(inline)]
    status: Option<CardState>,
}

/// A page of an account's transactions.
#[derive(ToSchema)]
pub(crate) struct AccountTransactions<'a> {
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    meta: Meta,
    transactions: Vec<Transaction<'a>>,
}

impl AccountTransactions<'_> {
    fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Transaction::list_size(self.transactions.len()));
        out.push(b'{');
        json::key(&mut out, "account_id");
        json::plain(&mut out, &self.account_id);
        json::key(&mut out, "meta");
        json::value(&mut out, &self.meta);
        json::key(&mut out, "transactions");
        Transaction::write_list(&self.transactions, &mut out);
        out.push(b'}');
        out
    }
}

/// An account's cards.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountCards<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    cards: Vec<Card<'a>>,
}

/// An account
#[utoipa::path(
    get, path = "/accounts/{account_id}", tag = "accounts",
    params(("account_id" = String, Path, example = "acc_1")),
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
) -> Result<Response, Problem> {
    let account = caller.account(&app, id).await?;
    let held = app.store.held(account.id).await?.unwrap_or_default();
    respond(&Account::new(&account, held), 320)
}

/// An account to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    #[serde(default)]
    #[schema(value_type = AccountType, required)]
    r#type: Field<AccountType>,
    /// The world's currency unless given. An account in another one stays empty, as the bank and
    /// its counterparties pay in the world's.
    #[serde(default)]
    #[schema(value_type = Option<CurrencyCode>)]
    currency: Field<CurrencyCode>,
}

from_json!(
    AccountType = "must be \"CHECKING\" or \"SAVINGS\"",
    CurrencyCode = "must be \"USD\", \"EUR\", \"GBP\" or \"CHF\"",
);

/// Open an account
///
/// It is empty.
#[utoipa::path(
    post, path = "/users/{user_id}/accounts", tag = "accounts",
    params(("user_id" = String, Path, example = "u_1"), RepeatKey),
    request_body = NewAccount,
    responses(
        (status = 201, description = "The account", body = Account),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The user is somebody else"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`numbers_exhausted`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    request: Write<NewAccount>,
) -> Result<Response, Problem> {
    let user = caller.user(&app, id).await?.id;
    let (body, idempotency) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let kind = check.required("type", body.r#type);
    let currency = check.optional("currency", body.currency);
    let (Some(kind), Some(currency)) = (kind, currency) else { return Err(check.refuse()) };
    let currency = match currency {
        Some(currency) => currency.into(),
        None => app.store.world().await?.currency,
    };
    let command = Command::OpenAccount { user, kind: kind.into(), currency };
    change(&app, StatusCode::CREATED, command, idempotency).await
}

/// Close an account
///
/// For good. It must be empty: no balance, no holds, nothing owed on its cards.
#[utoipa::path(
    post, path = "/accounts/{account_id}/close", tag = "accounts",
    params(("account_id" = String, Path, example = "acc_1"), RepeatKey),
    request_body = Option<Nothing>,
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
        (status = 409, description = "`account_not_empty`, `account_frozen`, `account_closed`, \
            `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "The body has fields"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    request: Write<Option<Nothing>>,
) -> Result<Response, Problem> {
    let account = caller.account(&app, id).await?.id;
    let (_, idempotency) = request.split(&app, &caller.id());
    change(&app, StatusCode::OK, Command::CloseAccount { account }, idempotency).await
}

/// Has a command on an empty account carried out, and shows the account.
async fn change(
    app: &App,
    status: StatusCode,
    command: Command,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    let order = Order { command, idempotency, audit: None };
    carry_out(app, order, move |outcome, _| match outcome {
        Outcome::Account(account) => reply(status, &Account::new(account, Money::ZERO)),
        _ => None,
    })
    .await
}

/// An account's transactions
///
/// Those of its cards included.
#[utoipa::path(
    get, path = "/accounts/{account_id}/transactions", tag = "accounts",
    params(("account_id" = String, Path, example = "acc_1"), TransactionParameters, Paging),
    responses(
        (status = 200, description = "A page of transactions", body = AccountTransactions),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list_transactions(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    Query(parameters): Query<TransactionParameters>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let page = Page::from(paging);
    let filter = TransactionFilter {
        category: parameters.category.filter(|category| !category.is_empty()),
        search: parameters.search.filter(|search| !search.is_empty()),
        order: match parameters.sort {
            Sort::Asc => ListOrder::Ascending,
            Sort::Desc => ListOrder::Descending,
        },
        ..TransactionFilter::default()
    };
    let (account, listing) = caller.account_with_transactions(&app, id, &filter, page).await?;
    let transactions: Vec<Transaction> = listing.items.iter().map(Transaction::from).collect();
    let meta = Meta::new(page, listing.total);
    let body = AccountTransactions { account_id: account.id, meta, transactions };
    Ok(json_response(body.to_json()))
}

/// An account's cards
#[utoipa::path(
    get, path = "/accounts/{account_id}/cards", tag = "accounts",
    params(("account_id" = String, Path, example = "acc_1"), CardParameters),
    responses(
        (status = 200, description = "The cards", body = AccountCards),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The account is somebody else's"),
        (status = 404, description = "There is no such account"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list_cards(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    Query(parameters): Query<CardParameters>,
) -> Result<Response, Problem> {
    let account = caller.account(&app, id).await?;
    let today = app.bank_day().await?;
    let cards = app.store.cards_of(account.id).await?;
    let cards: Vec<Card> = cards
        .iter()
        .map(|card| Card::new(card, today))
        .filter(|card| parameters.status.is_none_or(|status| status == card.status))
        .collect();
    let size = 64 + 384 * cards.len();
    respond(&AccountCards { account_id: account.id, cards }, size)
}
