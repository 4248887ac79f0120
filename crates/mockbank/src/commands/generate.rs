//! `mockbank generate`: a world straight to files.

use mockbank_export::{Export, WorldDescription};
use mockbank_world::{Recipe, Workers, preset_fingerprint};

use super::init::recipe;
use crate::archive::{self, Files};
use crate::cli::{Generate, Shared};
use crate::interrupt::Interrupt;
use crate::progress::TerminalWatch;

/// Runs the command.
pub(crate) fn run(shared: &Shared, generate: &Generate) -> anyhow::Result<()> {
    let Some(out) = generate.files.out.as_deref().filter(|_| !generate.describe) else {
        return archive::print_dictionary(generate.output.json);
    };
    let recipe = recipe(&generate.world)?;
    let world = describe(&recipe)?;
    let mut description =
        archive::describe(&generate.files, world, recipe.users.into(), recipe.days.into())?;
    if recipe.world().has_crime() {
        description = description.labelled();
    }
    let files = Files(Export::open(out, description, recipe.world().catalog())?);
    let outstanding = files.0.outstanding(generate.shard, generate.resume)?;
    let pieces = archive::pieces(files.0.description().plan, &outstanding)?;
    let workers = Workers::new(shared.threads)?;
    let watch = TerminalWatch::new("generating", Interrupt::listen()?);
    let written = mockbank_world::generate(&recipe, &pieces, &files, &workers, &watch);
    drop(watch);
    // Also after a failure the manifest names what is finished.
    let manifest = files.0.write_manifest()?;
    archive::report(out, &manifest, written?.interrupted, generate.output.json)
}

fn describe(recipe: &Recipe) -> anyhow::Result<WorldDescription> {
    Ok(WorldDescription {
        preset: recipe.preset.name().to_owned(),
        preset_fingerprint: preset_fingerprint(recipe.preset.text()),
        seed: recipe.seed,
        model_version: recipe.preset.model_version(),
        start: recipe.start.to_string(),
        clock: recipe.end()?.to_string(),
        currency: recipe.preset.currency().code().to_owned(),
    })
}
