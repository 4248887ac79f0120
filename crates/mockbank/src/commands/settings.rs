//! `mockbank settings`: every setting, its value, and where that comes from.

use clap::{ArgMatches, CommandFactory as _};
use serde::Serialize;

use crate::cli::{Cli, Settings};
use crate::output;
use crate::settings::{FileSettings, Source};

#[derive(Serialize)]
struct Setting {
    name: String,
    value: String,
    source: Source,
    environment: String,
}

/// Runs the command.
pub(crate) fn run(
    settings: &Settings,
    file: &FileSettings,
    matches: &ArgMatches,
) -> anyhow::Result<()> {
    let Some((_, matches)) = matches.subcommand() else { return Ok(()) };
    let listed = list(file, matches);
    if settings.output.json {
        return output::json(&listed);
    }
    let mut table = output::table(&["Setting", "Value", "From", "Environment"], &[]);
    for Setting { name, value, source, environment } in listed {
        table.add_row([name, value, source.name().to_owned(), environment]);
    }
    let read = file.path.as_ref().map_or("No settings file.".to_owned(), |path| {
        format!("Settings file: {}", path.display())
    });
    output::text(&format!("{table}\n{read}\n"))
}

/// The arguments that can be set by the environment are the settings.
fn list(file: &FileSettings, matches: &ArgMatches) -> Vec<Setting> {
    let command = Cli::command();
    let own =
        command.find_subcommand("settings").into_iter().flat_map(clap::Command::get_arguments);
    let setting = |argument: &clap::Arg| {
        let name = argument.get_id().as_str();
        let environment = argument.get_env()?.to_str()?.to_owned();
        let raw = matches.get_raw(name).into_iter().flatten();
        let values: Vec<_> = raw.map(|value| value.to_string_lossy()).collect();
        let secret = argument.is_hide_env_values_set() && !values.is_empty();
        let value = if secret { "(set)".to_owned() } else { values.join(",") };
        let source = file.source(matches, name);
        let name = argument.get_long().unwrap_or(name).to_owned();
        Some(Setting { name, value, source, environment })
    };
    command.get_arguments().chain(own).filter_map(setting).collect()
}
