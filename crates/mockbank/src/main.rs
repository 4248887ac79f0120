//! The `mockbank` command: reads settings, wires the parts together, prints. No rule lives here.

mod archive;
mod cli;
mod commands;
mod failure;
mod interrupt;
mod logging;
mod output;
mod place;
mod progress;
mod settings;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use mimalloc::MiMalloc;

use crate::cli::{Cli, Command};
use crate::failure::Usage;
use crate::settings::FileSettings;

/// A request's memory is taken on one thread and given back on another, which this allocator does
/// without a lock.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Exit code of a command that failed, or of a check that found something.
const FAILED: u8 = 1;
/// Exit code of a command that was used wrongly.
const MISUSED: u8 = 2;
/// Exit code of a command that a signal stopped.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}

fn run() -> anyhow::Result<()> {
    let file = FileSettings::find().map_err(Usage)?;
    let matches = file.defaults_of(Cli::command()).get_matches();
    let Cli { shared, command } = Cli::from_arg_matches(&matches)?;
    // Lines of the log would land in the middle of the dashboard's screen.
    if command.is_some() || !io::stderr().is_terminal() {
        logging::start(&shared).map_err(Usage)?;
    }
    match command {
        Some(Command::Init(init)) => commands::init::run(&shared, &init),
        Some(Command::Evolve(evolve)) => commands::evolve::run(&shared, &evolve),
        Some(Command::Stats(stats)) => commands::stats::run(&shared, &stats),
        Some(Command::Verify(verify)) => commands::verify::run(&shared, &verify),
        Some(Command::Serve(serve)) => commands::serve::run(&shared, &serve.server),
        Some(Command::Up(up)) => commands::up::run(&shared, &up),
        Some(Command::Backup(backup)) => commands::backup::run(&shared, &backup),
        Some(Command::Restore(restore)) => commands::restore::run(&shared, &restore),
        Some(Command::Generate(generate)) => commands::generate::run(&shared, &generate),
        Some(Command::Merge(merge)) => commands::merge::run(&merge),
        Some(Command::Export(export)) => commands::export::run(&shared, &export),
        Some(Command::Report(report)) => commands::report::run(&shared, &report),
        Some(Command::Compare(compare)) => commands::compare::run(&compare),
        Some(Command::Statement(statement)) => commands::statement::run(&shared, &statement),
        Some(Command::Settings(settings)) => commands::settings::run(&settings, &file, &matches),
        None if at_terminal() => commands::dashboard::run(&shared, &file),
        None => output::text(&Cli::command().render_help().to_string()),
    }
}

/// Whether somebody can see the dashboard and press keys.
fn at_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
