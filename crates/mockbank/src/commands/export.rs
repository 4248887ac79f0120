//! `mockbank export`: the stored world to files.

use mockbank_export::{Shard, WorldDescription};
use mockbank_store::WorldInfo;
use mockbank_world::{full_catalog, has_labels, preset_fingerprint};

use super::runtime;
use crate::archive::{self, Files};
use crate::cli::{Export, Shared};
use crate::interrupt::Interrupt;
use crate::progress::TerminalWatch;

/// Runs the command.
pub(crate) fn run(shared: &Shared, export: &Export) -> anyhow::Result<()> {
    let Some(out) = export.files.out.as_deref().filter(|_| !export.describe) else {
        return archive::print_dictionary(export.output.json);
    };
    let runtime = runtime()?;
    let (catalog, mut snapshot) = runtime.block_on(async {
        let store = shared.place().open().await?;
        anyhow::Ok((store.catalog().await?, store.snapshot().await?))
    })?;
    let world = snapshot.world()?;
    let catalog = full_catalog(snapshot.as_mut(), &catalog)?;
    let days = u64::from(world.clock.day().number() - world.start.number());
    let mut description =
        archive::describe(&export.files, describe(&world), world.counts.users, days)?;
    if has_labels(&world) {
        description = description.labelled();
    }
    let files = Files(mockbank_export::Export::open(out, description, &catalog)?);
    let plan = files.0.description().plan;
    let outstanding = files.0.outstanding(Shard::WHOLE, export.resume)?;
    let mut pieces = archive::pieces(plan, &outstanding)?;
    if let Some(last) = pieces.last_mut().filter(|last| last.part + 1 == plan.parts()) {
        // A customer may hold more than one account, and numbers run on.
        last.numbers = *last.numbers.start()..=i64::MAX;
    }
    let interrupt = Interrupt::listen()?;
    let watch = TerminalWatch::new("exporting", interrupt.clone());
    let written = mockbank_world::export(snapshot.as_mut(), &pieces, &files, &watch);
    drop(watch);
    // Also after a failure the manifest names what is finished.
    let manifest = files.0.write_manifest()?;
    let interrupted = written?.interrupted;
    if export.resume && manifest.complete {
        let watch = TerminalWatch::new("checking", interrupt);
        let now = mockbank_world::content_hash(snapshot.as_mut(), &watch)?;
        anyhow::ensure!(
            now == manifest.totals.content_hash,
            "the world was changed while the export was stopped, so the parts in {} do not belong \
             together; export it anew into another folder",
            out.display()
        );
    }
    archive::report(out, &manifest, interrupted, export.output.json)
}

fn describe(world: &WorldInfo) -> WorldDescription {
    WorldDescription {
        preset: world.preset.clone(),
        preset_fingerprint: preset_fingerprint(&world.preset_text),
        seed: world.seed,
        model_version: world.model,
        start: world.start.to_string(),
        clock: world.clock.to_string(),
        currency: world.currency.code().to_owned(),
    }
}
