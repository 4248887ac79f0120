//! Settings: flag over environment over file over default.
//!
//! Each setting is declared once, as an argument in [`crate::cli`], with its default and the name
//! of its environment variable. The file's values take the place of the defaults before the
//! command line is read, so the order of precedence is that of the command line's own reader.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, CommandFactory as _};
use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::cli::{Cli, ServerArgs, Shared, WorldArgs};

/// File that is read from the current folder if `--config` names no other.
const DEFAULT_FILE: &str = "mockbank.toml";

/// The argument that names the file can not stand in it.
const CONFIG: &str = "config";

/// What the settings file says: values by the name of their argument.
#[derive(Debug, Default)]
pub(crate) struct FileSettings {
    /// The file, if there is one.
    pub(crate) path: Option<PathBuf>,
    values: BTreeMap<String, String>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// Given on the command line.
    Flag,
    /// Given by an environment variable.
    Environment,
    /// Given by the settings file.
    File,
    /// Given by nobody.
    Default,
}

impl Source {
    /// The name in listings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

impl FileSettings {
    /// Reads the file that the command line or the environment names, or the default one if it
    /// is there.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let matches = Cli::command().ignore_errors(true).try_get_matches();
        let named = matches.ok().and_then(|matches| named_file(&matches));
        match named {
            Some(path) => Self::read(&path),
            None if Path::new(DEFAULT_FILE).exists() => Self::read(Path::new(DEFAULT_FILE)),
            None => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the settings file {}", path.display()))?;
        let values = parse(&text)
            .with_context(|| format!("the settings file {} is wrong", path.display()))?;
        Ok(Self { path: Some(path.to_owned()), values })
    }

    /// The command with the file's values as its defaults.
    pub(crate) fn defaults_of(&self, command: Command) -> Command {
        let values = &self.values;
        let overridden = |argument: Arg| match values.get(argument.get_id().as_str()) {
            Some(value) => argument.default_value(value.clone()),
            None => argument,
        };
        command.mut_args(overridden).mut_subcommands(|sub| sub.mut_args(overridden))
    }

    /// Where the value of an argument comes from.
    pub(crate) fn source(&self, matches: &ArgMatches, argument: &str) -> Source {
        match matches.value_source(argument) {
            Some(ValueSource::CommandLine) => Source::Flag,
            Some(ValueSource::EnvVariable) => Source::Environment,
            _ if self.values.contains_key(argument) => Source::File,
            _ => Source::Default,
        }
    }
}

/// The value of `--config`, before or after the command's name.
fn named_file(matches: &ArgMatches) -> Option<PathBuf> {
    let below = matches.subcommand().and_then(|(_, sub)| sub.try_get_one(CONFIG).ok().flatten());
    below.or_else(|| matches.try_get_one::<PathBuf>(CONFIG).ok().flatten()).cloned()
}

/// A section of the file, empty for its top, and the arguments that are set in it.
fn sections() -> [(&'static str, Command); 3] {
    let arguments = || Command::new("section");
    [
        ("", Shared::augment_args(arguments())),
        ("world", WorldArgs::augment_args(arguments())),
        ("server", ServerArgs::augment_args(arguments())),
    ]
}

/// Reads the file's text; what no argument would take is refused by key and line.
fn parse(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let table = DeTable::parse(text)?;
    let mut values = BTreeMap::new();
    read_section(text, "", table.get_ref(), &mut values)?;
    Ok(values)
}

fn read_section(
    text: &str,
    section: &str,
    table: &DeTable<'_>,
    values: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let known = sections();
    for (key, value) in table {
        let at = |span: Range<usize>| format!("line {}", line_of(text, span.start));
        let (name, is_top) = (key.get_ref().as_ref(), section.is_empty());
        if let (DeValue::Table(below), true) = (value.get_ref(), is_top)
            && known.iter().any(|(section, _)| *section == name)
        {
            read_section(text, name, below, values)?;
            continue;
        }
        let command = known.iter().find(|(known, _)| *known == section).map(|(_, args)| args);
        let arguments = || {
            let all = command.into_iter().flat_map(Command::get_arguments);
            all.filter(|argument| argument.get_id() != CONFIG)
        };
        let Some(argument) = arguments().find(|argument| argument.get_id() == name) else {
            let mut allowed: Vec<_> =
                arguments().map(|argument| argument.get_id().as_str()).collect();
            if is_top {
                allowed.extend(["[world]", "[server]"]);
            }
            let (line, allowed) = (at(key.span()), allowed.join(", "));
            return Err(anyhow!("{line}: there is no setting {name:?} here; known are {allowed}"));
        };
        let value_text = scalar(value.get_ref())
            .filter(|value| accepts(argument, value))
            .ok_or_else(|| anyhow!("{}: {name} does not take this value", at(value.span())))?;
        values.insert(name.to_owned(), value_text);
    }
    Ok(())
}

/// A value as it would be written on the command line; a list with commas.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| scalar(item.get_ref())).collect();
            Some(items?.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// Whether the argument would take the value on the command line.
fn accepts(argument: &Arg, value: &str) -> bool {
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return matches!(value, "true" | "false");
    }
    let flag = format!("--{}={value}", argument.get_long().unwrap_or_default());
    let command = Command::new("settings").arg(argument.clone().env(None::<&str>));
    command.try_get_matches_from(["settings", &flag]).is_ok()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_section_are_read() {
        let text = "data = 'd'\nlog_format = 'json'\n[world]\nusers = 7\nstart = '2024-02-29'\n\
            [server]\nno_rate_limit = true\ncors_origins = ['https://a.example', '*']\n";
        let values = parse(text).unwrap();
        let pairs: Vec<_> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            pairs,
            [
                "cors_origins=https://a.example,*",
                "data=d",
                "log_format=json",
                "no_rate_limit=true",
                "start=2024-02-29",
                "users=7",
            ]
        );
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named_by_line() {
        let wrong = |text: &str| parse(text).unwrap_err().to_string();
        assert!(
            wrong("log = 'info'\ncolour = 'red'\n")
                .starts_with("line 2: there is no setting \"colour\"")
        );
        assert!(
            wrong("[world]\ndata = 'd'\n").contains("known are preset, users, days, start, seed")
        );
        assert!(wrong("[world]\nusers = 'many'\n").starts_with("line 2: users does not take"));
        assert!(
            wrong("[world]\nstart = '2025-02-30'\n").starts_with("line 2: start does not take")
        );
        assert!(wrong("[server]\nno_rate_limit = 3\n").starts_with("line 2: no_rate_limit"));
        assert!(wrong("config = 'other.toml'\n").contains("no setting \"config\""));
        assert!(wrong("data =\n").contains("line 1"));
    }
}
