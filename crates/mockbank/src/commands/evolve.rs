//! `mockbank evolve`: lets time pass.

use mockbank_world::{Evolved, Workers};
use serde::Serialize;

use super::runtime;
use crate::cli::{Evolve, Shared};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use crate::progress::TerminalWatch;

const SECONDS_PER_HOUR: i64 = 3600;

#[derive(Serialize)]
struct Figures {
    from: String,
    clock: String,
    transactions: u64,
    interrupted: bool,
}

/// Runs the command.
pub(crate) fn run(shared: &Shared, evolve: &Evolve) -> anyhow::Result<()> {
    let hours = match (evolve.evolve_days, evolve.evolve_hours) {
        (Some(days), _) => i64::from(days) * 24,
        (None, hours) => i64::from(hours.unwrap_or_default()),
    };
    let watch = TerminalWatch::new("evolving", Interrupt::listen()?);
    let mut writer = runtime()?.block_on(shared.place().open_for_writing())?;
    let workers = Workers::new(shared.threads)?;
    let evolved = mockbank_world::evolve(&mut *writer, hours * SECONDS_PER_HOUR, &workers, &watch)?;
    drop(watch);
    let Evolved { from, clock, transactions, interrupted } = evolved;
    if evolve.output.json {
        let (from, clock) = (from.to_string(), clock.to_string());
        output::json(&Figures { from, clock, transactions, interrupted })?;
    } else {
        let stopped = if interrupted { "Interrupted: stopped at a whole step.\n" } else { "" };
        output::text(&format!(
            "{stopped}From {from} to {clock}: {} added.\n",
            output::plural(transactions, "transaction"),
        ))?;
    }
    if interrupted { Err(Failure::Interrupted.into()) } else { Ok(()) }
}
