//! `mockbank compare`: two worlds line by line.

mod show;

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mockbank_store::Place;
use mockbank_world::{Comparing, Recipe, WorldError};

use super::init::recipe;
use super::runtime;
use crate::cli::{Compare, RowFormat};
use crate::failure::{Failure, Trouble};
use crate::interrupt::Interrupt;
use crate::progress::TerminalWatch;
use show::{Csv, Json, Show, Table};

/// Lines of a table, unless the user says otherwise.
const TABLE_LINES: u64 = 20;

/// Runs the command.
pub(crate) fn run(compare: &Compare) -> anyhow::Result<()> {
    match find(compare) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Differs.into()),
        Err(error) if matches!(error.downcast_ref(), Some(WorldError::Interrupted)) => Err(error),
        Err(error) => Err(Trouble(error).into()),
    }
}

/// Shows the differences, and tells whether there are none.
fn find(compare: &Compare) -> anyhow::Result<bool> {
    match (&compare.before, &compare.after, &compare.change) {
        (Some(before), Some(after), _) => {
            let runtime = runtime()?;
            let (places, mut worlds) = ([place(before), place(after)], Vec::new());
            for place in &places {
                worlds.push(runtime.block_on(async {
                    let store = place.open().await?;
                    anyhow::Ok((store.snapshot().await?, store.catalog().await?))
                })?);
            }
            let mut names = Vec::new();
            for (place, (snapshot, _)) in places.iter().zip(&mut worlds) {
                let world = snapshot.world()?;
                names.push(format!(
                    "{place}: '{}', seed {}, until {}",
                    world.preset, world.seed, world.clock
                ));
            }
            let [(before, old), (after, new)] = worlds.as_mut_slice() else { return Ok(true) };
            let sides = [(before.as_mut() as _, &**old), (after.as_mut() as _, &**new)];
            shown(compare, &names, Comparing::stored(sides, compare.account)?)
        }
        (_, _, change) => {
            let before = recipe(&compare.world)?;
            let change = change.as_deref().unwrap_or_default();
            let preset = mockbank_world::changed(&before.preset, &text_of(change)?)
                .with_context(|| format!("the change {change:?}"))?;
            let after = Recipe { preset, ..before.clone() };
            let names = [
                format!(
                    "'{}', seed {}, until {}",
                    before.preset.name(),
                    before.seed,
                    before.end()?
                ),
                format!("the same with {change}"),
            ];
            shown(compare, &names, Comparing::simulated([&before, &after], compare.account)?)
        }
    }
}

fn place(name: &str) -> Place {
    if name.contains("://") {
        Place::Database(name.to_owned())
    } else {
        Place::Folder(PathBuf::from(name))
    }
}

/// A change that is no file is its own text.
fn text_of(change: &str) -> anyhow::Result<String> {
    let path = Path::new(change);
    if change.contains('=') && !path.exists() {
        return Ok(change.to_owned());
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn shown(compare: &Compare, names: &[String], mut worlds: Comparing<'_>) -> anyhow::Result<bool> {
    let out = BufWriter::new(io::stdout().lock());
    let mut show: Box<dyn Show> = match compare.format {
        RowFormat::Table => Box::new(Table::new(out, names)?),
        RowFormat::Csv => Box::new(Csv::new(out)?),
        RowFormat::Json => Box::new(Json::new(out, names)?),
    };
    let limit = match (compare.limit, compare.format) {
        (None, RowFormat::Table) => TABLE_LINES,
        (None | Some(0), _) => u64::MAX,
        (Some(limit), _) => limit,
    };
    let watch = TerminalWatch::new("comparing", Interrupt::listen()?);
    let mut found = 0;
    while let Some(difference) = worlds.next(&watch)? {
        found += 1;
        if found <= limit {
            show.line(&difference, worlds.catalogs())?;
        }
    }
    drop(watch);
    show.sums(worlds.summary(), found.saturating_sub(limit))?;
    Ok(worlds.summary().is_same())
}
