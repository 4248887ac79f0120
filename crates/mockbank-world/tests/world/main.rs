//! Worlds on a real store: made, moved, checked, and spoiled on purpose.

mod archive;
mod cards;
mod commands;
mod compare;
mod life;
mod tampering;

use std::path::Path;

use mockbank_bank::Day;
use mockbank_sim::Preset;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Snapshot, Store as _};
use mockbank_world::{Created, Recipe, Result, Unwatched, Watch, Workers};

/// The default world with transfers between customers, of which tests want some.
fn recipe(users: u32, days: u16) -> Recipe {
    let classic = Preset::builtin("classic").unwrap();
    let (head, transfers) = classic.split_once("[transfers]").unwrap();
    let lively = transfers.replacen("enabled = false", "enabled = true", 1);
    let preset = Preset::parse(&format!("{head}[transfers]{lively}")).unwrap();
    Recipe { preset, seed: 7, start: Day::parse("2025-01-01").unwrap(), users, days }
}

fn create(folder: &Path, recipe: &Recipe, watch: &dyn Watch) -> Result<Created> {
    let new_world = recipe.new_world("$argon2id$none".to_owned());
    let mut building = SqliteStore::build(folder, &new_world, IfPresent::Refuse)?;
    let created = mockbank_world::create(&mut building, recipe, &Workers::new(2)?, watch)?;
    building.finish()?;
    Ok(created)
}

fn make(folder: &Path, users: u32, days: u16) -> Created {
    create(folder, &recipe(users, days), &Unwatched).unwrap()
}

fn snapshot(folder: &Path) -> Box<dyn Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(SqliteStore::open(folder).unwrap().snapshot()).unwrap()
}
