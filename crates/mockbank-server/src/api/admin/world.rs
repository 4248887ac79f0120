//! `/admin/world`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::{Day, Instant};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::body::{as_text, json};
use crate::answer::problem::Problem;
use crate::api::accounts::CurrencyCode;
use crate::app::App;
use crate::request::admin::Admin;

/// What the world is made of.
#[derive(Serialize, ToSchema)]
pub(crate) struct World {
    /// Name of the preset whose rules it follows.
    #[schema(example = "classic")]
    preset: String,
    /// Version of the simulation's model.
    #[schema(example = 1)]
    model: u32,
    /// Seed of all randomness, as a text since it has 64 bits.
    #[schema(example = "1")]
    seed: String,
    currency: CurrencyCode,
    /// First day.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = Date, example = "2025-01-01")]
    start: Day,
    /// The bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-31T00:00:00Z")]
    clock: Instant,
    /// Customers that it was made with.
    #[schema(example = 5)]
    population: u32,
    counts: Counts,
}

/// How much there is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    #[schema(example = 5)]
    users: u64,
    #[schema(example = 5)]
    accounts: u64,
    #[schema(example = 5)]
    cards: u64,
    #[schema(example = 80)]
    transactions: u64,
}

impl From<mockbank_store::Counts> for Counts {
    fn from(counts: mockbank_store::Counts) -> Self {
        let mockbank_store::Counts { users, accounts, cards, transactions } = counts;
        Self { users, accounts, cards, transactions }
    }
}

/// The world
///
/// Its recipe, its clock and how much there is.
#[utoipa::path(
    get, path = "/admin/world", tag = "administration",
    responses(
        (status = 200, description = "The world", body = World),
        (status = 401, description = "This is not the admin token"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn show(State(app): State<Arc<App>>, _: Admin) -> Result<Response, Problem> {
    let world = app.store.world().await?;
    let body = World {
        preset: world.preset,
        model: world.model,
        seed: world.seed.to_string(),
        currency: world.currency.into(),
        start: world.start,
        clock: world.clock,
        population: world.population,
        counts: world.counts.into(),
    };
    json(&body, 512)
}
