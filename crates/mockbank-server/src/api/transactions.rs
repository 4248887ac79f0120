//! `/transactions`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::{AccountId, CardId, Catalog, GroupId, Instant, Posting, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{as_optional_text, as_text, json};
use crate::amount::Amount;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::query::PathId;

/// A line in an account's book.
#[derive(Serialize, ToSchema)]
pub(crate) struct Transaction<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "txn_00000000jgh40g0000")]
    transaction_id: TransactionId,
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    /// The card that was used; null if the account's own money moved.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, required, example = "card_1")]
    card_id: Option<CardId>,
    amount: Amount,
    /// In the bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-31T12:30:00Z")]
    date: Instant,
    #[schema(example = "Harbour Bakery")]
    description: &'a str,
    #[schema(example = "Food & Dining")]
    category: &'a str,
    #[schema(example = "Boston")]
    location: &'a str,
    r#type: TransactionType,
    /// What a transfer's two records have in common; absent elsewhere.
    #[serde(serialize_with = "as_optional_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "grp_1")]
    transfer_group_id: Option<GroupId>,
}

/// Which way the money went.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionType {
    Debit,
    Credit,
}

impl<'a> From<&'a mockbank_store::Transaction> for Transaction<'a> {
    fn from(transaction: &'a mockbank_store::Transaction) -> Self {
        let mockbank_store::Transaction { posting, category, description, location } = transaction;
        Self::new(posting, category, description, location)
    }
}

impl<'a> Transaction<'a> {
    fn new(posting: &Posting, category: &'a str, description: &'a str, location: &'a str) -> Self {
        Self {
            transaction_id: posting.transaction_id(),
            account_id: posting.account,
            card_id: posting.card,
            amount: Amount(posting.amount),
            date: posting.at,
            description,
            category,
            location,
            r#type: if posting.amount.is_negative() {
                TransactionType::Debit
            } else {
                TransactionType::Credit
            },
            transfer_group_id: posting.group,
        }
    }

    /// A posting that was just made, with its client's description or else the catalogue's.
    pub(super) fn from_posting(
        posting: &Posting,
        description: Option<&'a str>,
        catalog: &'a Catalog,
    ) -> Option<Self> {
        fn text(texts: &[String], number: impl TryInto<usize>) -> Option<&str> {
            texts.get(number.try_into().ok()?).map(String::as_str)
        }
        Some(Self::new(
            posting,
            text(&catalog.categories, posting.category)?,
            description.or_else(|| text(&catalog.descriptions, posting.description))?,
            text(&catalog.places, posting.place)?,
        ))
    }
}

impl Transaction<'_> {
    /// About how many bytes a list of so many has.
    pub(super) fn list_size(count: usize) -> usize {
        192 + 288 * count
    }
}

/// A transaction
#[utoipa::path(
    get, path = "/transactions/{transaction_id}", tag = "transactions",
    params(("transaction_id" = String, Path, example = "txn_00000000jgh40g0000")),
    responses(
        (status = 200, description = "The transaction", body = Transaction),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The transaction is somebody else's"),
        (status = 404, description = "There is no such transaction"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
) -> Result<Response, Problem> {
    let transaction = caller.transaction(&app, id).await?;
    json(&Transaction::from(&transaction), 288)
}
