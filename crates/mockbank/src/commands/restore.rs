//! `mockbank restore`: the world of a backup, back in the data folder.

use mockbank_store::sqlite::{IfPresent, SqliteStore};

use crate::cli::{Restore, Shared};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, Restore { file, force }: &Restore) -> anyhow::Result<()> {
    let present = if *force { IfPresent::Replace } else { IfPresent::Refuse };
    SqliteStore::restore(file, &shared.data, present)?;
    output::text(&format!(
        "The world of {} is in {}; 'mockbank verify' checks it.\n",
        file.display(),
        shared.data.display()
    ))
}
