//! `mockbank up`: a world if there is none, and the API over it.

use mockbank_store::{IfPresent, StoreError};
use mockbank_world::Created;

use super::{init, runtime, serve};
use crate::cli::{Shared, Up};
use crate::output;

/// Runs the command.
pub(crate) fn run(shared: &Shared, up: &Up) -> anyhow::Result<()> {
    // A world is not made for a server that cannot run.
    serve::settings(shared, &up.server)?;
    let place = shared.place();
    if let Err(StoreError::NoWorld(_)) = runtime()?.block_on(place.open()) {
        let recipe = init::recipe(&up.world)?;
        let Created { clock, counts } = init::make(shared, &recipe, IfPresent::Refuse)?;
        output::text(&format!("{}\n", init::describe(&place, &recipe, counts, clock)))?;
    }
    serve::run(shared, &up.server)
}
