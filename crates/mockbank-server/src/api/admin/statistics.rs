//! `/admin/statistics`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::Money;
use mockbank_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::world::Counts;
use crate::answer::amount::Amount;
use crate::answer::body::json;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::request::admin::Admin;

/// What stands on the accounts of the ledger. All of it adds up to zero.
#[derive(Serialize, ToSchema)]
pub(crate) struct Statistics {
    counts: Counts,
    /// Sum over the customers' deposit accounts.
    deposits: Amount,
    /// What customers owe on their cards.
    card_debt: Amount,
    /// Sum over the accounts of employers, merchants and other counterparties.
    counterparties: Amount,
    /// The bank's own accounts.
    bank: Vec<BankBalance>,
    /// Sum over all of it: zero, if the books balance.
    sum: Amount,
}

/// What stands on an account of the bank's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct BankBalance {
    #[schema(value_type = String, example = "manual-entries")]
    account: &'static str,
    balance: Amount,
}

/// Statistics
///
/// Counts and totals, without a look at the single transactions.
#[utoipa::path(
    get, path = "/admin/statistics", tag = "administration",
    responses(
        (status = 200, description = "The statistics", body = Statistics),
        (status = 401, description = "This is not the admin token"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn show(State(app): State<Arc<App>>, _: Admin) -> Result<Response, Problem> {
    let world = app.store.world().await?;
    let ledger = app.store.ledger().await?;
    let hubs: i128 = ledger.hubs.iter().map(|(_, balance)| *balance).sum();
    let bank = ledger.bank.iter().map(|(account, balance)| BankBalance {
        account: account.name(),
        balance: Amount(*balance),
    });
    let statistics = Statistics {
        counts: Counts::from(world.counts),
        deposits: total(ledger.deposits)?,
        card_debt: total(ledger.card_debt)?,
        counterparties: total(hubs)?,
        bank: bank.collect(),
        sum: total(ledger.sum())?,
    };
    json(&statistics, 1024)
}

/// A sum of minor units as an amount.
fn total(minor: i128) -> Result<Amount, StoreError> {
    let minor = i64::try_from(minor)
        .map_err(|_| StoreError::Damaged("a total is larger than money can be".to_owned()))?;
    Ok(Amount(Money::from_minor(minor)))
}
