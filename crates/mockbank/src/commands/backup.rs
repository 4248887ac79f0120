//! `mockbank backup`: a copy of the world in one file.

use mockbank_store::sqlite::SqliteStore;

use crate::cli::{Backup, Shared};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, Backup { file }: &Backup) -> anyhow::Result<()> {
    let folder = shared.folder("pg_dump --schema=mockbank")?;
    SqliteStore::open(folder)?.backup(file)?;
    output::text(&format!("The world is in {}.\n", file.display()))
}
