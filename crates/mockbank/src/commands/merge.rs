//! `mockbank merge`: one manifest for shards in folders of their own.

use crate::archive;
use crate::cli::Merge;

/// Runs the command.
pub(crate) fn run(Merge { folders, out, output }: &Merge) -> anyhow::Result<()> {
    let manifest = mockbank_export::merge(folders, out)?;
    archive::report(out, &manifest, false, output.json)
}
