//! `/transactions`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::{AccountId, CardId, Catalog, GroupId, Instant, Posting, TransactionId};
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::answer::amount::Amount;
use crate::answer::body::json as respond;
use crate::answer::json;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::request::caller::Caller;
use crate::request::query::PathId;

/// A line in an account's book.
#[derive(ToSchema)]
pub(crate) struct Transaction<'a> {
    #[schema(value_type = String, example = "txn_00000000jgh40g0000")]
    transaction_id: TransactionId,
    #[schema(value_type = String, example = "acc_1")]
    account_id: AccountId,
    /// The card that was used; null if the account's own money moved.
    #[schema(value_type = Option<String>, required, example = "card_1")]
    card_id: Option<CardId>,
    amount: Amount,
    /// In the bank's time.
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
    #[schema(value_type = Option<String>, nullable = false, example = "grp_1")]
    transfer_group_id: Option<GroupId>,
}

/// Which way the money went.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionType {
    Debit,
    Credit,
}

impl TransactionType {
    fn name(self) -> &'static str {
        match self {
            Self::Debit => "DEBIT",
            Self::Credit => "CREDIT",
        }
    }
}

/// What [`Transaction::write`] writes, where it stands in something else.
impl Serialize for Transaction<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(Self::list_size(1));
        self.write(&mut text);
        let json: &RawValue = serde_json::from_slice(&text).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
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
    /// Puts the transactions as a list at the end of `out`.
    pub(super) fn write_list<'t>(items: impl IntoIterator<Item = &'t Self>, out: &mut Vec<u8>)
    where
        Self: 't,
    {
        out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            item.write(out);
        }
        out.push(b']');
    }

    /// Puts the transaction at the end of `out`.
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        json::key(out, "transaction_id");
        json::plain(out, &self.transaction_id);
        json::key(out, "account_id");
        json::plain(out, &self.account_id);
        json::key(out, "card_id");
        match &self.card_id {
            Some(card) => json::plain(out, card),
            None => out.extend_from_slice(b"null"),
        }
        json::key(out, "amount");
        json::amount(out, self.amount.0);
        json::key(out, "date");
        json::plain(out, &self.date);
        json::key(out, "description");
        json::text(out, self.description);
        json::key(out, "category");
        json::text(out, self.category);
        json::key(out, "location");
        json::text(out, self.location);
        json::key(out, "type");
        json::text(out, self.r#type.name());
        if let Some(group) = &self.transfer_group_id {
            json::key(out, "transfer_group_id");
            json::plain(out, group);
        }
        out.push(b'}');
    }

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
    respond(&Transaction::from(&transaction), 288)
}
