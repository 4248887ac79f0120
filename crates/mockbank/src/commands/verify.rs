//! `mockbank verify`: checks a whole world.

use mockbank_world::verify::{Checked, Report};
use serde::Serialize;

use super::runtime;
use crate::cli::{Shared, Verify};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::progress::TerminalWatch;

#[derive(Serialize)]
struct Figures {
    holds: bool,
    finding: Option<String>,
    clock: String,
    checked: CheckedFigures,
}

#[derive(Serialize)]
struct CheckedFigures {
    users: u64,
    accounts: u64,
    cards: u64,
    transactions: u64,
    transfers: u64,
    ledger_totals: u64,
    daily_totals: u64,
    pending_holds: u64,
    seals: u64,
}

impl From<Checked> for CheckedFigures {
    fn from(checked: Checked) -> Self {
        Self {
            users: checked.users,
            accounts: checked.accounts,
            cards: checked.cards,
            transactions: checked.transactions,
            transfers: checked.transfers,
            ledger_totals: checked.totals,
            daily_totals: checked.daily_totals,
            pending_holds: checked.pending_holds,
            seals: checked.seals,
        }
    }
}

/// Runs the command.
pub(crate) fn run(shared: &Shared, verify: &Verify) -> anyhow::Result<()> {
    let watch = TerminalWatch::new("verifying", Interrupt::listen()?);
    let runtime = runtime()?;
    let store = runtime.block_on(shared.place().open())?;
    let mut snapshot = runtime.block_on(store.snapshot())?;
    let report = mockbank_world::verify(snapshot.as_mut(), &watch)?;
    drop(watch);
    if verify.output.json {
        output::json(&Figures {
            holds: report.finding.is_none(),
            finding: report.finding.as_ref().map(ToString::to_string),
            clock: report.world.clock.to_string(),
            checked: report.checked.into(),
        })?;
    } else {
        output::text(&describe(&report))?;
    }
    if report.finding.is_some() { Err(Failure::CheckFailed.into()) } else { Ok(()) }
}

fn describe(report: &Report) -> String {
    let Checked { users, accounts, cards, transactions, transfers, totals, .. } = report.checked;
    let Checked { daily_totals, pending_holds, seals, .. } = report.checked;
    let verdict = match &report.finding {
        None => "Everything holds; the ledger sums to zero.".to_owned(),
        Some(finding) => format!("It does not hold. {finding}"),
    };
    format!(
        "The world at {}: checked\n\
         \x20 {transactions} running balances, without gaps and in the order of time\n\
         \x20 {accounts} account balances and {cards} card debts against their lines\n\
         \x20 {transfers} records of transfers against their other side\n\
         \x20 {totals} totals of the bank and its counterparties, {daily_totals} of days\n\
         \x20 {pending_holds} pending holds against the money set aside for them\n\
         \x20 {seals} seals in their chain, and every transaction under its own\n\
         \x20 {users} customers, and the counts of everything\n\
         {verdict}\n",
        report.world.clock,
    )
}
