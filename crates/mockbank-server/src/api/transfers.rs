//! `/transfers`

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use mockbank_bank::command::{BatchMode, Command, Outcome, TransferOrder};
use mockbank_bank::rules::Refusal;
use mockbank_bank::{AccountId, Catalog, GroupId, Money, Posting};
use mockbank_store::Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::transactions::Transaction;
use crate::answer::body::as_text;
use crate::answer::json;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, carry_out, reply};
use crate::request::caller::Caller;
use crate::request::fields::{Check, DESCRIPTION, Field, Object, Wrong, from_json, movable, text};
use crate::request::write::{RepeatKey, Write};

/// Transfers in one batch.
const LARGEST_BATCH: usize = 1000;

/// A transfer to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransfer {
    /// Who pays: an account of one's own.
    #[serde(default)]
    #[schema(value_type = String, required, pattern = "^acc_[1-9][0-9]{0,9}$", example = "acc_1")]
    from_account_id: Field<AccountId>,
    /// Who is paid.
    #[serde(default)]
    #[schema(value_type = String, required, pattern = "^acc_[1-9][0-9]{0,9}$", example = "acc_2")]
    to_account_id: Field<AccountId>,
    /// How much, above zero, with at most two decimals.
    #[serde(default)]
    #[schema(
        value_type = f64, required, example = 50.00,
        minimum = 0.01, maximum = 10_000_000_000_i64, multiple_of = 0.01,
    )]
    amount: Field<Money>,
    /// What for; both records carry it.
    #[serde(default)]
    #[schema(
        value_type = Option<String>, example = "Rent",
        min_length = 1, max_length = 140,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    )]
    description: Field<String>,
}

impl NewTransfer {
    /// The order, if nothing is wrong with it.
    pub(super) fn check(self, check: &mut Check) -> Option<TransferOrder> {
        let from = check.required("from_account_id", self.from_account_id);
        let to = check.required("to_account_id", self.to_account_id);
        let amount = check.tested("amount", self.amount, movable);
        let description = check.optional_tested("description", self.description, text(DESCRIPTION));
        Some(TransferOrder { from: from?, to: to?, amount: amount?, description: description? })
    }
}

/// A transfer that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Transfer<'a> {
    /// What the two records have in common.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "grp_1")]
    transfer_group_id: GroupId,
    /// The payer's record, then the receiver's.
    #[schema(min_items = 2, max_items = 2)]
    transactions: [Transaction<'a>; 2],
}

impl<'a> Transfer<'a> {
    /// The two records with their texts.
    pub(super) fn new(
        records: &[Posting; 2],
        description: Option<&'a str>,
        catalog: &'a Catalog,
    ) -> Option<Self> {
        let [debit, credit] = records;
        let record = |posting| Transaction::from_posting(posting, description, catalog);
        Some(Self {
            transfer_group_id: debit.group?,
            transactions: [record(debit)?, record(credit)?],
        })
    }

    /// The transfer as the body of an answer.
    fn to_json(&self) -> Vec<u8> {
        let [debit, credit] = &self.transactions;
        let mut out = Vec::with_capacity(Transaction::list_size(2));
        out.push(b'{');
        json::key(&mut out, "transfer_group_id");
        json::plain(&mut out, &self.transfer_group_id);
        json::key(&mut out, "transactions");
        Transaction::write_list([debit, credit], &mut out);
        out.push(b'}');
        out
    }

    /// The records alone.
    pub(super) fn into_transactions(self) -> [Transaction<'a>; 2] {
        self.transactions
    }
}

/// Make a transfer
///
/// Moves money from an account of one's own to any other of the same currency. The answer is
/// given when both records are on the disk.
#[utoipa::path(
    post, path = "/transfers", tag = "transfers",
    params(RepeatKey),
    request_body = NewTransfer,
    responses(
        (status = 201, description = "The transfer", body = Transfer),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "The paying account is somebody else's"),
        (status = 404, description = "There is no such account: `unknown_account`"),
        (status = 409, description = "`insufficient_funds`, `account_frozen`, `account_closed`, \
            `same_account`, `currency_mismatch`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Write<NewTransfer>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &caller.id());
    let mut check = Check::default();
    let Some(order) = body.check(&mut check) else { return Err(check.refuse()) };
    caller.pays_from(&app, order.from).await?;
    let catalog = app.store.catalog().await?;
    let description = order.description.clone();
    let order = Order { command: Command::Transfer(order), idempotency, audit: None };
    carry_out(&app, order, move |outcome, _| match outcome {
        Outcome::Transferred(records) => {
            let transfer = Transfer::new(records, description.as_deref(), &catalog)?;
            Some(Reply { status: StatusCode::CREATED.as_u16(), body: transfer.to_json() })
        }
        _ => None,
    })
    .await
}

/// Whether the transfers of a batch stand and fall together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// All of them are made, or none.
    Atomic,
    /// Each is made or refused for itself.
    Independent,
}

from_json!(Mode = "must be \"atomic\" or \"independent\"");

/// Transfers to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBatch {
    /// Whether they stand and fall together.
    #[serde(default)]
    #[schema(value_type = Mode, required)]
    mode: Field<Mode>,
    /// The transfers, made in this order.
    #[serde(default)]
    #[schema(value_type = Vec<NewTransfer>, required, min_items = 1, max_items = 1000)]
    transfers: Vec<Object<NewTransfer>>,
}

impl NewBatch {
    fn check(self) -> Result<(Mode, Vec<TransferOrder>), Problem> {
        let mut check = Check::default();
        let mode = check.required("mode", self.mode);
        let count = self.transfers.len();
        if !(1..=LARGEST_BATCH).contains(&count) {
            let message = format!("must have from 1 to {LARGEST_BATCH} items, not {count}");
            check.wrong("transfers", Wrong::new("length", message));
            return Err(check.refuse());
        }
        let mut orders = Vec::with_capacity(count);
        for (index, Object(transfer)) in self.transfers.into_iter().enumerate() {
            check.enter("transfers", index);
            orders.extend(transfer.check(&mut check));
        }
        match mode {
            Some(mode) if check.is_good() => Ok((mode, orders)),
            _ => Err(check.refuse()),
        }
    }
}

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batch<'a> {
    mode: Mode,
    /// Transfers that were made.
    #[schema(minimum = 0, maximum = 1000, example = 2)]
    accepted: usize,
    /// Transfers that were refused.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    refused: usize,
    /// What became of each transfer, in order.
    #[schema(min_items = 1, max_items = 1000)]
    results: Vec<BatchResult<'a>>,
}

/// What became of one transfer.
#[derive(Serialize, ToSchema)]
#[expect(clippy::large_enum_variant, reason = "the large one is the common one")]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BatchResult<'a> {
    /// It was made.
    Accepted(Transfer<'a>),
    /// It was refused.
    Refused {
        /// Why, for programs.
        #[schema(value_type = String, example = "insufficient_funds")]
        code: &'static str,
        /// Why.
        #[schema(example = "insufficient funds: 12.30 available")]
        error: String,
    },
}

impl<'a> Batch<'a> {
    fn new(
        mode: Mode,
        results: &[Result<[Posting; 2], Refusal>],
        descriptions: &'a [Option<String>],
        catalog: &'a Catalog,
    ) -> Option<Self> {
        let result = |(result, text): (&Result<_, Refusal>, &'a Option<String>)| match result {
            Ok(records) => {
                Transfer::new(records, text.as_deref(), catalog).map(BatchResult::Accepted)
            }
            Err(refusal) => {
                Some(BatchResult::Refused { code: refusal.code(), error: refusal.to_string() })
            }
        };
        let accepted = results.iter().filter(|result| result.is_ok()).count();
        Some(Self {
            mode,
            accepted,
            refused: results.len() - accepted,
            results: results.iter().zip(descriptions).map(result).collect::<Option<_>>()?,
        })
    }
}

/// Make many transfers
///
/// All from accounts of one's own, in their order, within one commit. An `atomic` batch with a
/// transfer that cannot be made is refused whole, and `errors` names that transfer.
#[utoipa::path(
    post, path = "/transfers/batch", tag = "transfers",
    params(RepeatKey),
    request_body = NewBatch,
    responses(
        (status = 200, description = "What became of each transfer", body = Batch),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "There is no good token"),
        (status = 403, description = "A paying account is somebody else's"),
        (status = 404, description = "There is no such account: `unknown_account`"),
        (status = 409, description = "`insufficient_funds`, `account_frozen`, `account_closed`, \
            `same_account`, `currency_mismatch`, `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create_batch(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Write<NewBatch>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &caller.id());
    let (mode, orders) = body.check()?;
    let payers: BTreeSet<AccountId> = orders.iter().map(|order| order.from).collect();
    for payer in payers {
        caller.pays_from(&app, payer).await?;
    }
    let catalog = app.store.catalog().await?;
    let texts: Vec<_> = orders.iter().map(|order| order.description.clone()).collect();
    let rule = match mode {
        Mode::Atomic => BatchMode::Atomic,
        Mode::Independent => BatchMode::Independent,
    };
    let order = Order { command: Command::Batch { mode: rule, orders }, idempotency, audit: None };
    carry_out(&app, order, move |outcome, _| match outcome {
        Outcome::Batch(results) => {
            reply(StatusCode::OK, &Batch::new(mode, results, &texts, &catalog)?)
        }
        _ => None,
    })
    .await
}
