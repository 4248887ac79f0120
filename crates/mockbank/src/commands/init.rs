//! `mockbank init`: makes a world.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use mockbank_sim::Preset;
use mockbank_store::sqlite::{Building, IfPresent, SqliteStore};
use mockbank_store::{Counts, NewWorld, StoreError, Writer as _};
use mockbank_world::{Created, Recipe, Workers};
use serde::Serialize;

use super::serve::{DEFAULT_PASSWORD, TOKEN_SECRET};
use crate::cli::{Init, Shared, WorldArgs};
use crate::failure::Usage;
use crate::interrupt::Interrupt;
use crate::output::{self, CountFigures};
use crate::progress::TerminalWatch;

#[derive(Serialize)]
struct Figures {
    data: String,
    preset: String,
    seed: u64,
    start: String,
    clock: String,
    #[serde(flatten)]
    counts: CountFigures,
}

/// Runs the command.
pub(crate) fn run(shared: &Shared, init: &Init) -> anyhow::Result<()> {
    let recipe = recipe(&init.world)?;
    let present = if init.force { IfPresent::Replace } else { IfPresent::Refuse };
    let Created { clock, counts } = make(shared, &recipe, present)?;
    if init.output.json {
        output::json(&Figures {
            data: shared.data.display().to_string(),
            preset: recipe.preset.name().to_owned(),
            seed: recipe.seed,
            start: recipe.start.to_string(),
            clock: clock.to_string(),
            counts: counts.into(),
        })
    } else {
        output::text(&describe(&shared.data, &recipe, counts, clock))
    }
}

/// What the command line says about a world. The preset is a built-in one or a file.
pub(crate) fn recipe(args: &WorldArgs) -> anyhow::Result<Recipe> {
    let preset = preset(&args.preset).map_err(Usage)?;
    let WorldArgs { users, days, start, seed, .. } = *args;
    Ok(Recipe { preset, seed, start, users, days })
}

fn preset(name: &str) -> anyhow::Result<Preset> {
    if let Some(text) = Preset::builtin(name) {
        return Ok(Preset::parse(text)?);
    }
    let path = Path::new(name);
    if !path.exists() && path.extension().is_none() {
        let known = Preset::builtin_names().collect::<Vec<_>>().join(", ");
        return Err(anyhow!(
            "there is no preset {name:?}; built in are: {known}; or give a TOML file"
        ));
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the preset {}", path.display()))?;
    Preset::parse(&text).with_context(|| format!("the preset {} is wrong", path.display()))
}

/// Makes a world in the data folder: all of it, or nothing.
pub(crate) fn make(
    shared: &Shared,
    recipe: &Recipe,
    present: IfPresent,
) -> anyhow::Result<Created> {
    let workers = Workers::new(shared.threads)?;
    let new_world = recipe.new_world(mockbank_server::hash_password(DEFAULT_PASSWORD)?);
    let mut building = build(&shared.data, &new_world, present)?;
    let watch = TerminalWatch::new("simulating", Interrupt::listen()?);
    let created = mockbank_world::create(&mut building, recipe, &workers, &watch)?;
    // Kept from the first day, so that serving the world never needs to write.
    building.put_setting(TOKEN_SECRET, &mockbank_server::new_token_secret()?)?;
    building.finish()?;
    Ok(created)
}

/// Begins the world, in place of an earlier one if somebody at a terminal says so.
fn build(folder: &Path, world: &NewWorld, present: IfPresent) -> anyhow::Result<Building> {
    match SqliteStore::build(folder, world, present) {
        Err(StoreError::WorldExists(_)) if confirmed(folder)? => {
            Ok(SqliteStore::build(folder, world, IfPresent::Replace)?)
        }
        other => Ok(other?),
    }
}

fn confirmed(folder: &Path) -> io::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    let mut terminal = io::stderr().lock();
    write!(terminal, "There is a world in {}. Replace it? [y/N] ", folder.display())?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What was made, for people.
pub(crate) fn describe(
    folder: &Path,
    recipe: &Recipe,
    counts: Counts,
    clock: mockbank_bank::Instant,
) -> String {
    format!(
        "Made the world '{}' in {}, with seed {}: from {} to {clock}\n{}\n",
        recipe.preset.name(),
        folder.display(),
        recipe.seed,
        recipe.start,
        output::counted(counts),
    )
}
