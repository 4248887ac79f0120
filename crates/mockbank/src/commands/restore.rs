//! `mockbank restore`: the world of a backup, back in the data folder.

use mockbank_store::sqlite::{IfPresent, SqliteStore};

use crate::cli::{Restore, Shared};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, Restore { file, force }: &Restore) -> anyhow::Result<()> {
    let present = if *force { IfPresent::Replace } else { IfPresent::Refuse };
    let folder = shared.folder("psql, or pg_restore")?;
    SqliteStore::restore(file, folder, present)?;
    output::text(&format!(
        "The world of {} is in {}; 'mockbank verify' checks it.\n",
        file.display(),
        folder.display()
    ))
}
