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
    match runtime()?.block_on(async { place.open().await?.world().await }) {
        Err(StoreError::NoWorld(_)) => {
            let recipe = init::recipe(&up.world)?;
            let Created { clock, counts } = init::make(shared, &recipe, IfPresent::Refuse)?;
            output::text(&format!("{}\n", init::describe(&place, &recipe, counts, clock)))?;
        }
        // It need not be the one that was asked for.
        Ok(world) => output::text(&format!(
            "There is a world in {place} already, which is served as it is.\n{}\n",
            output::world(&world)
        ))?,
        // Said by the server, where a world of an earlier format is no error.
        Err(_) => {}
    }
    serve::run(shared, &up.server)
}
