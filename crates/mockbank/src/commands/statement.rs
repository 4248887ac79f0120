//! `mockbank statement`: a month of an account or a card, for accounting programs.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use mockbank_bank::Catalog;
use mockbank_export::statement::{self, Balances, Bank, Holding, Line, Period};
use mockbank_store::WorldInfo;
use mockbank_world::{StatementLines, StatementOf, full_catalog, statement_lines};

use super::runtime;
use crate::cli::{Month, Shared, Statement, StatementFormat};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, args: &Statement) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let (catalog, mut snapshot) = runtime.block_on(async {
        let store = shared.place().open().await?;
        anyhow::Ok((store.catalog().await?, store.snapshot().await?))
    })?;
    let WorldInfo { clock, start, .. } = snapshot.world()?;
    let Month { first, last } = args.month;
    if first.start() >= clock {
        return Err(anyhow!("the month has not begun: it is {clock} in the world"));
    }
    if last < start {
        return Err(anyhow!("the month was over when the world began on {start}"));
    }
    let of = match (args.account, args.card) {
        (_, Some(card)) => StatementOf::Card(card),
        (Some(account), None) => StatementOf::Account(account),
        (None, None) => return Err(anyhow!("name an account or a card")),
    };
    let Some(lines) = statement_lines(snapshot.as_mut(), of, (first, last))? else {
        return Err(anyhow!("there is no such account or card in the world"));
    };
    let catalog = full_catalog(snapshot.as_mut(), &catalog)?;
    let mut text = Vec::new();
    write(&lines, &catalog, Period { from: first, to: last }, clock, args.format, &mut text)?;
    match &args.out {
        Some(path) => save(path, &text),
        None => output::text(&String::from_utf8(text)?),
    }
}

fn write(
    lines: &StatementLines,
    catalog: &Catalog,
    period: Period,
    clock: mockbank_bank::Instant,
    format: StatementFormat,
    out: &mut Vec<u8>,
) -> anyhow::Result<()> {
    let bank = Bank { name: "Mock-Bank".to_owned(), routing_number: "000000000".to_owned() };
    let StatementLines { owner, account, card, opening, closing, postings } = lines;
    let holding =
        card.as_ref().map_or(Holding::Account(account), |card| Holding::Card(card, account));
    let lines: Vec<Line> =
        postings.iter().map(|posting| Line::new(posting, catalog)).collect::<Result<_, _>>()?;
    let balances = Balances { opening: *opening, closing: *closing };
    let statement =
        statement::Statement::new(&bank, owner, holding, period, clock, balances, &lines)?;
    match format {
        StatementFormat::Ofx => statement::ofx::write(&statement, out)?,
        StatementFormat::Camt053 => statement::camt053::write(&statement, out)?,
    }
    Ok(())
}

fn save(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
