//! `mockbank up`: a world if there is none, and the API over it.

use mockbank_store::StoreError;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_world::Created;

use super::{init, serve};
use crate::cli::{Shared, Up};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, up: &Up) -> anyhow::Result<()> {
    if let Err(StoreError::NoWorld(_)) = SqliteStore::open(&shared.data) {
        let recipe = init::recipe(&up.world)?;
        let Created { clock, counts } = init::make(shared, &recipe, IfPresent::Refuse)?;
        output::text(&format!("{}\n", init::describe(&shared.data, &recipe, counts, clock)))?;
    }
    serve::run(shared, &up.server)
}
