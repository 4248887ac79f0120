//! Whole worlds: made, moved and checked. Making one stands beside its two halves, simulating
//! alone and storing alone, of which the dearer one is the limit.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use mockbank_bank::{Day, PostingBatch};
use mockbank_sim::{Customer, Preset, World};
use mockbank_store::sqlite::{Building, IfPresent, SqliteStore};
use mockbank_store::{Books, Snapshot, Store as _, Writer as _};
use mockbank_world::{Created, Recipe, Unwatched, Workers};
use tempfile::TempDir;

const USERS: u32 = 2_000;
const DAYS: u16 = 90;

fn main() {
    divan::main();
}

fn recipe(days: u16) -> Recipe {
    let preset = Preset::parse(Preset::builtin("classic").unwrap()).unwrap();
    Recipe { preset, seed: 1, start: Day::parse("2025-01-01").unwrap(), users: USERS, days }
}

fn build(folder: &TempDir, recipe: &Recipe) -> Building {
    let new_world = recipe.new_world("$argon2id$none".to_owned());
    SqliteStore::build(folder.path(), &new_world, IfPresent::Refuse).unwrap()
}

fn create(folder: &TempDir, recipe: &Recipe) -> Created {
    let mut building = build(folder, recipe);
    let workers = Workers::new(1).unwrap();
    let created = mockbank_world::create(&mut building, recipe, &workers, &Unwatched).unwrap();
    building.finish().unwrap();
    created
}

/// A world on disk, and its number of postings.
static WORLD: LazyLock<(TempDir, u64)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let created = create(&folder, &recipe(DAYS));
    (folder, created.counts.transactions)
});

fn snapshot() -> Box<dyn Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(SqliteStore::open(WORLD.0.path()).unwrap().snapshot()).unwrap()
}

/// Everybody's first days, in one batch.
fn simulate() -> (Vec<mockbank_sim::Newcomer>, PostingBatch, Vec<Books>) {
    let Recipe { preset, seed, start, users, days } = recipe(DAYS);
    let world = World::new(preset, seed, start, users.into());
    let end = start.plus(days.into()).unwrap().start();
    let newcomers: Vec<_> = (1..=users.into()).map(|number| world.newcomer(number)).collect();
    let (mut postings, mut books) = (PostingBatch::default(), Vec::new());
    for newcomer in &newcomers {
        let mut customer = Customer::from_newcomer(&world, newcomer).unwrap();
        world.simulate(&mut customer, start.start(), end, &mut postings).unwrap();
        let (user, memory) = (customer.user(), customer.memory());
        books.push(Books { user, books: customer.books().to_vec(), memory });
    }
    (newcomers, postings, books)
}

#[divan::bench(sample_count = 5)]
fn make(bencher: Bencher) {
    let recipe = recipe(DAYS);
    let folders = || TempDir::new().unwrap();
    bencher
        .counter(ItemsCount::new(WORLD.1))
        .with_inputs(folders)
        .bench_values(|folder| (create(&folder, &recipe), folder));
}

#[divan::bench(sample_count = 5)]
fn limit_simulating_alone(bencher: Bencher) {
    bencher.counter(ItemsCount::new(WORLD.1)).bench(simulate);
}

#[divan::bench(sample_count = 5)]
fn limit_storing_alone(bencher: Bencher) {
    let recipe = recipe(DAYS);
    let (newcomers, postings, books) = simulate();
    let clock = recipe.start.plus(DAYS.into()).unwrap().start();
    bencher
        .counter(ItemsCount::new(postings.len()))
        .with_inputs(|| TempDir::new().unwrap())
        .bench_values(|folder| {
            let mut building = build(&folder, &recipe);
            let mut step = building.begin().unwrap();
            for newcomer in &newcomers {
                let user = std::slice::from_ref(&newcomer.user);
                step.add_customers(user, &newcomer.accounts, &newcomer.cards).unwrap();
            }
            step.append(&postings).unwrap();
            step.save(&books).unwrap();
            step.commit(clock).unwrap();
            building.finish().unwrap();
            folder
        });
}

#[divan::bench(sample_count = 5)]
fn evolve_by_ten_days(bencher: Bencher) {
    let workers = Workers::new(1).unwrap();
    let made = || {
        let folder = TempDir::new().unwrap();
        create(&folder, &recipe(30));
        folder
    };
    bencher.with_inputs(made).bench_values(|folder| {
        let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
        mockbank_world::evolve(&mut writer, 10 * 86_400, &workers, &Unwatched).unwrap();
        folder
    });
}

#[divan::bench(sample_count = 5)]
fn verify(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(WORLD.1))
        .with_inputs(snapshot)
        .bench_values(|mut world| mockbank_world::verify(world.as_mut(), &Unwatched).unwrap());
}

#[divan::bench(sample_count = 5)]
fn hash(bencher: Bencher) {
    bencher.counter(ItemsCount::new(WORLD.1)).with_inputs(snapshot).bench_values(|mut world| {
        mockbank_world::content_hash(world.as_mut(), &Unwatched).unwrap()
    });
}
