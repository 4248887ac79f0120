//! The suite of every store over `PostgreSQL`, and what only a server can do.
//!
//! A binary of its own: starting a server forks, and a fork holds the lock files of other tests
//! for a moment.

#[path = "../conformance/directory.rs"]
mod directory;
#[path = "../conformance/expected.rs"]
mod expected;
mod holds;
mod place;
mod rates;
#[path = "../conformance/reads.rs"]
mod reads;
#[path = "../conformance/sample.rs"]
mod sample;
#[path = "../throwaway/mod.rs"]
mod throwaway;
#[path = "../conformance/writes.rs"]
mod writes;

use mockbank_store::IfPresent;
use mockbank_store::postgres::PostgresStore;
use sample::Sample;
use throwaway::Server;

/// Makes a world without customers.
async fn empty_world(url: &str) {
    let world = Sample::new(3).world;
    let building = PostgresStore::build(url, &world, IfPresent::Refuse).await.unwrap();
    building.finish().unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn postgres_keeps_and_finds() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    if let Err(wrong) = writes::story(&mut writer, &store).await {
        panic!("{wrong}");
    }
}
