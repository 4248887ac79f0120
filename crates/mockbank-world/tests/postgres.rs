//! A world is the same wherever it is kept.
//!
//! A binary of its own: starting a server forks, and a fork holds the lock files of other tests
//! for a moment.

#[path = "../../mockbank-store/tests/throwaway/mod.rs"]
mod throwaway;

use mockbank_bank::Day;
use mockbank_sim::Preset;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::sqlite::SqliteStore;
use mockbank_store::{DirectoryQuery, DirectorySort, IfPresent, Order, Store, Writer};
use mockbank_world::{Created, Recipe, Unwatched, Workers};
use throwaway::Server;

const SECONDS_PER_DAY: i64 = 86_400;

/// Makes a world with its first days.
fn create(writer: &mut dyn Writer, recipe: &Recipe) -> Created {
    let workers = Workers::new(2).unwrap();
    mockbank_world::create(writer, recipe, &workers, &Unwatched).unwrap()
}

/// Lets days pass, each in a step of its own.
fn evolve(writer: &mut dyn Writer, days: i64) {
    let workers = Workers::new(2).unwrap();
    for _ in 0..days {
        mockbank_world::evolve(writer, SECONDS_PER_DAY, &workers, &Unwatched).unwrap();
    }
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_world_is_the_same_in_sqlite_and_postgres() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let preset = Preset::parse(Preset::builtin("classic").unwrap()).unwrap();
    let start = Day::parse("2025-01-01").unwrap();
    let recipe = Recipe { preset, seed: 7, start, users: 150, days: 60 };
    let new_world = recipe.new_world("$argon2id$none".to_owned());

    let server = Server::start();
    let url = server.database();
    let building = PostgresStore::build(&url, &new_world, IfPresent::Refuse);
    let mut building = runtime.block_on(building).unwrap();
    let created = create(&mut building, &recipe);
    building.finish().unwrap();
    evolve(&mut runtime.block_on(PostgresStore::open_for_writing(&url)).unwrap(), 3);

    // What was committed is there after a crash of the server.
    server.stop();
    server.run();

    let folder = tempfile::tempdir().unwrap();
    let mut building = SqliteStore::build(folder.path(), &new_world, IfPresent::Refuse).unwrap();
    assert_eq!(create(&mut building, &recipe), created);
    building.finish().unwrap();
    evolve(&mut SqliteStore::open_for_writing(folder.path()).unwrap(), 3);

    let postgres = runtime.block_on(PostgresStore::open(&url)).unwrap();
    let mut in_postgres = runtime.block_on(postgres.snapshot()).unwrap();
    let sqlite = SqliteStore::open(folder.path()).unwrap();
    let mut in_sqlite = runtime.block_on(sqlite.snapshot()).unwrap();
    let report = mockbank_world::verify(in_postgres.as_mut(), &Unwatched).unwrap();
    assert!(report.finding.is_none(), "{:?}", report.finding);
    assert!(report.checked.transactions > 4_000, "{:?}", report.checked);
    let hash = |snapshot| mockbank_world::content_hash(snapshot, &Unwatched).unwrap();
    assert_eq!(hash(in_postgres.as_mut()), hash(in_sqlite.as_mut()));
    let seals = |snapshot: &mut dyn mockbank_store::Snapshot| snapshot.seals(0, 100).unwrap();
    assert_eq!(seals(in_postgres.as_mut()), seals(in_sqlite.as_mut()));
    runtime.block_on(same_directory(&postgres, &sqlite));
}

/// Customers are found and sorted alike.
async fn same_directory(one: &dyn Store, other: &dyn Store) {
    let texts = [None, Some(""), Some("AN"), Some("acc_7"), Some("u_1"), Some("%"), Some("nobody")];
    let sorts = [DirectorySort::Number, DirectorySort::Name, DirectorySort::Balance];
    for (text, sort) in texts.into_iter().flat_map(|text| sorts.map(|sort| (text, sort))) {
        for (order, rows) in [(Order::Ascending, 0..u64::MAX), (Order::Descending, 3..9)] {
            let text = text.map(str::to_owned);
            let query = DirectoryQuery { text, sort, order, rows };
            let found = one.directory(&query).await.unwrap();
            assert_eq!(found, other.directory(&query).await.unwrap(), "{query:?}");
        }
    }
}
