//! `mockbank stats`: the clock, the counts, the balances.

use mockbank_store::{AccountLine, LedgerTotals, Listing, Page, WorldInfo};
use serde::Serialize;
use serde_json::value::RawValue;

use super::runtime;
use crate::cli::{Shared, Stats};
use crate::interrupt::Interrupt;
use crate::output::{self, WorldFigures, major};
use crate::progress::TerminalWatch;

#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    world: WorldFigures,
    deposits: Box<RawValue>,
    card_debt: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_hash: Option<String>,
    balances: Vec<BalanceFigures>,
}

#[derive(Serialize)]
struct BalanceFigures {
    user_id: String,
    username: String,
    name: String,
    account_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    balance: Box<RawValue>,
}

/// Runs the command.
pub(crate) fn run(shared: &Shared, stats: &Stats) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let store = runtime.block_on(shared.place().open())?;
    let size = if stats.rows == 0 { i64::MAX.unsigned_abs() } else { stats.rows };
    let (world, ledger, accounts) = runtime.block_on(async {
        let page = Page { number: 1, size };
        anyhow::Ok((store.world().await?, store.ledger().await?, store.accounts(page).await?))
    })?;
    let content_hash = if stats.content_hash {
        let watch = TerminalWatch::new("hashing", Interrupt::listen()?);
        let mut snapshot = runtime.block_on(store.snapshot())?;
        Some(mockbank_world::content_hash(snapshot.as_mut(), &watch)?.to_string())
    } else {
        None
    };
    if stats.output.json {
        output::json(&figures(&world, &ledger, &accounts, content_hash)?)
    } else {
        output::text(&describe(&world, &ledger, &accounts, content_hash))
    }
}

fn figures(
    world: &WorldInfo,
    ledger: &LedgerTotals,
    accounts: &Listing<AccountLine>,
    content_hash: Option<String>,
) -> anyhow::Result<Figures> {
    let balance = |line: &AccountLine| {
        anyhow::Ok(BalanceFigures {
            user_id: line.account.user.to_string(),
            username: line.username.clone(),
            name: name(line),
            account_id: line.account.id.to_string(),
            kind: line.account.kind.name(),
            balance: number(line.account.balance.minor().into())?,
        })
    };
    Ok(Figures {
        world: world.into(),
        deposits: number(ledger.deposits)?,
        card_debt: number(ledger.card_debt)?,
        content_hash,
        balances: accounts.items.iter().map(balance).collect::<anyhow::Result<_>>()?,
    })
}

fn describe(
    world: &WorldInfo,
    ledger: &LedgerTotals,
    accounts: &Listing<AccountLine>,
    content_hash: Option<String>,
) -> String {
    let mut text = format!(
        "{world}{deposits} {currency} on deposit, {debt} {currency} owed on cards\n",
        world = output::world(world),
        deposits = major(ledger.deposits),
        debt = major(ledger.card_debt),
        currency = world.currency.code(),
    );
    if let Some(hash) = content_hash {
        text.extend(["content ", &hash, "\n"]);
    }
    let mut table = output::table(&["User", "Name", "Account", "Type", "Balance"], &[4]);
    for line in &accounts.items {
        let AccountLine { account, username, .. } = line;
        table.add_row([
            username.clone(),
            name(line),
            account.id.to_string(),
            account.kind.name().to_owned(),
            account.balance.to_string(),
        ]);
    }
    let hidden = accounts.total - accounts.items.len() as u64;
    let rest = match hidden {
        0 => String::new(),
        hidden => {
            format!("and {} more: --rows 0 shows all\n", output::plural(hidden, "account"))
        }
    };
    format!("{text}\n{table}\n{rest}")
}

fn name(line: &AccountLine) -> String {
    format!("{} {}", line.first_name, line.last_name)
}

/// A JSON number that no float has touched.
fn number(minor: i128) -> anyhow::Result<Box<RawValue>> {
    Ok(RawValue::from_string(major(minor))?)
}
