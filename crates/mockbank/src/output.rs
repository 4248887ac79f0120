//! What commands print on standard output.

use std::io::{self, Write as _};

use comfy_table::{CellAlignment, Table, presets};
use mockbank_bank::Money;
use mockbank_store::{Counts, WorldInfo};
use serde::Serialize;

/// Prints text as it is.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut json = serde_json::to_string_pretty(value)?;
    json.push('\n');
    text(&json)
}

/// A table with a header, its numeric columns (by index) aligned to the right.
pub(crate) fn table(header: &[&str], numeric: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.to_vec());
    for &index in numeric {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A world's identity, clock and counts, as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct WorldFigures {
    preset: String,
    seed: u64,
    model: u32,
    currency: &'static str,
    start: String,
    clock: String,
    #[serde(flatten)]
    counts: CountFigures,
}

/// How much there is, as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct CountFigures {
    users: u64,
    accounts: u64,
    cards: u64,
    transactions: u64,
}

impl From<&WorldInfo> for WorldFigures {
    fn from(world: &WorldInfo) -> Self {
        Self {
            preset: world.preset.clone(),
            seed: world.seed,
            model: world.model,
            currency: world.currency.code(),
            start: world.start.to_string(),
            clock: world.clock.to_string(),
            counts: world.counts.into(),
        }
    }
}

impl From<Counts> for CountFigures {
    fn from(counts: Counts) -> Self {
        let Counts { users, accounts, cards, transactions } = counts;
        Self { users, accounts, cards, transactions }
    }
}

/// Which world it is, what time it is there, and how much there is in it: two lines.
pub(crate) fn world(world: &WorldInfo) -> String {
    let WorldInfo { preset, seed, start, clock, counts, .. } = world;
    let counts = counted(*counts);
    format!(
        "It is {clock} in the world '{preset}' (seed {seed}), which began on {start}.\n{counts}\n"
    )
}

/// `5 users, 5 accounts, 5 cards, 93 transactions`
pub(crate) fn counted(counts: Counts) -> String {
    let Counts { users, accounts, cards, transactions } = counts;
    let parts = [
        plural(users, "user"),
        plural(accounts, "account"),
        plural(cards, "card"),
        plural(transactions, "transaction"),
    ];
    parts.join(", ")
}

/// A number of things: `1 user`, `2 users`.
pub(crate) fn plural(number: u64, thing: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{end}")
}

/// Minor units as major ones with two decimals; sums may pass the range of an amount.
pub(crate) fn major(minor: i128) -> String {
    i64::try_from(minor)
        .map_or_else(|_| format!("{}", minor / 100), |minor| Money::from_minor(minor).to_string())
}
