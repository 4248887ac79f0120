//! `mockbank` without a command, at a terminal: the dashboard.

use std::env;
use std::sync::Arc;

use clap::{Args as _, FromArgMatches as _};
use mockbank_dashboard::{Bank, LocalBank, Theme};
use mockbank_world::Workers;

use super::init;
use super::serve::DEFAULT_PASSWORD;
use crate::cli::{Shared, WorldArgs};
use crate::failure::Usage;
use crate::settings::FileSettings;

/// Runs the dashboard. Its key for a new world makes the one that `mockbank init` would make.
pub(crate) fn run(shared: &Shared, file: &FileSettings) -> anyhow::Result<()> {
    let recipe = init::recipe(&world_settings(file)?)?;
    let hash =
        || mockbank_server::hash_password(DEFAULT_PASSWORD).map_err(|error| error.to_string());
    let workers = Workers::new(shared.threads)?;
    let bank = LocalBank::open(shared.place(), recipe, workers, Box::new(hash))?;
    let plan = bank.plan();
    let bank: Arc<dyn Bank> = Arc::new(bank);
    let variable = |name| env::var(name).ok();
    let theme = Theme::detect(variable("NO_COLOR").as_deref(), variable("COLORFGBG").as_deref());
    Ok(mockbank_dashboard::run(&bank, plan, theme)?)
}

/// The world that the environment, the settings file and the defaults describe.
fn world_settings(file: &FileSettings) -> Result<WorldArgs, Usage> {
    let command = file.defaults_of(WorldArgs::augment_args(clap::Command::new("mockbank")));
    let matches = command.try_get_matches_from(["mockbank"]);
    let settings = matches.and_then(|matches| WorldArgs::from_arg_matches(&matches));
    settings.map_err(|error| Usage(error.into()))
}
