//! What can be said about two worlds.

use clap::{Args, ValueEnum};
use mockbank_bank::AccountId;

use super::WorldArgs;

/// `mockbank compare`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 the worlds are the same; 1 they differ; 2 they could not be \
                        compared; 130 interrupted."
)]
#[command(group = clap::ArgGroup::new("worlds").required(true).multiple(true))]
pub(crate) struct Compare {
    /// The first world.
    #[arg(help = "The first world: a data folder, or the URL of a PostgreSQL database")]
    #[arg(value_name = "A", requires = "after", conflicts_with = "change", group = "worlds")]
    pub(crate) before: Option<String>,
    /// The second world
    #[arg(value_name = "B")]
    pub(crate) after: Option<String>,
    /// Compare the world of the preset with the same one with a change: a TOML file, or its text,
    /// as in 'crime.enabled = false'; both are simulated and kept nowhere
    #[arg(long, value_name = "FILE|TOML", group = "worlds")]
    pub(crate) change: Option<String>,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    /// Compare one account's book alone
    #[arg(long, value_name = "ACCOUNT", help_heading = "What to show")]
    pub(crate) account: Option<AccountId>,
    /// Lines to show, 0 for all of them [default: 20 in a table, else all]
    #[arg(long, value_name = "N", help_heading = "What to show")]
    pub(crate) limit: Option<u64>,
    /// Form of what is shown
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = RowFormat::Table)]
    #[arg(help_heading = "What to show")]
    pub(crate) format: RowFormat,
}

/// Form of lines and sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// Lines and sums, for people
    Table,
    /// The lines alone
    Csv,
    /// Lines and sums in one document
    Json,
}
