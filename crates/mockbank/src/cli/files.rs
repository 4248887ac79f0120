//! What can be said about files: generated, exported, statements.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use mockbank_bank::{AccountId, CardId, Day};
use mockbank_export::{Format, Shard};

use super::{Output, WorldArgs};

/// `mockbank generate`
#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    #[command(flatten)]
    pub(crate) files: Files,
    /// Write one of N shards, counted from 1: each can be written by another machine
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, help_heading = "The files")]
    pub(crate) shard: Shard,
    /// Go on where an earlier run of the same command stopped
    #[arg(long, help_heading = "The files")]
    pub(crate) resume: bool,
    /// Print what the tables and columns mean, and write nothing
    #[arg(long)]
    pub(crate) describe: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) files: Files,
    /// Go on where an earlier run of the same command stopped; the world must not have changed
    #[arg(long, help_heading = "The files")]
    pub(crate) resume: bool,
    /// Print what the tables and columns mean, and write nothing
    #[arg(long)]
    pub(crate) describe: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank merge`
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Folders of all the shards
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// File to write the manifest into, as manifest.json in the folder where the files are to be
    /// put together
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which files to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "The files")]
pub(crate) struct Files {
    /// Folder to write into
    #[arg(long, value_name = "DIR", required_unless_present = "describe")]
    pub(crate) out: Option<PathBuf>,
    /// Format of the files
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = TableFormat(Format::Parquet))]
    pub(crate) format: TableFormat,
    /// Customers whose rows share a file [default: as many as live two million days]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) users_per_part: Option<NonZeroU32>,
}

/// A format of table files, on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableFormat(pub(crate) Format);

impl ValueEnum for TableFormat {
    fn value_variants<'a>() -> &'a [Self] {
        const VARIANTS: [TableFormat; 4] = [
            TableFormat(Format::ALL[0]),
            TableFormat(Format::ALL[1]),
            TableFormat(Format::ALL[2]),
            TableFormat(Format::ALL[3]),
        ];
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

/// `mockbank statement`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("holding").required(true))]
pub(crate) struct Statement {
    /// The account
    #[arg(long, value_name = "ACCOUNT", group = "holding")]
    pub(crate) account: Option<AccountId>,
    /// The card
    #[arg(long, value_name = "CARD", group = "holding")]
    pub(crate) card: Option<CardId>,
    /// The month
    #[arg(long, value_name = "YYYY-MM", value_parser = Month::parse)]
    pub(crate) month: Month,
    /// Form of the statement
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: StatementFormat,
    /// File to write into [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Form of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatementFormat {
    /// OFX 2.2, for accounting programs
    Ofx,
    /// camt.053 of ISO 20022, as banks send it
    Camt053,
}

/// A month, by its first and last day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Month {
    pub(crate) first: Day,
    pub(crate) last: Day,
}

impl Month {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no month; write it as YYYY-MM, as in 2025-01");
        let first = Day::parse(&format!("{text}-01")).map_err(|_| wrong())?;
        let last = Day::from_date(first.date().last_of_month()).map_err(|_| wrong())?;
        Ok(Self { first, last })
    }
}
