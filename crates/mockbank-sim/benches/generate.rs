//! Movements generated in memory, beside the bare limit: the same columns filled with no logic.
//!
//! The counters are postings.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{ContentHash, Day, Posting, PostingBatch};
use mockbank_sim::{Customer, Preset, World};

/// Customers in one measured pass.
const USERS: i64 = 500;
const DAYS: i64 = 90;
/// Rows after which a batch is handed on, as writers do.
const BATCH: usize = 16_384;

fn main() {
    divan::main();
}

fn world(from: &str, to: &str) -> World {
    let text = Preset::builtin("classic").expect("built in").replacen(from, to, 1);
    let preset = Preset::parse(&text).expect("valid");
    World::new(preset, 1, Day::parse("2025-01-01").expect("a date"), USERS)
}

fn classic() -> World {
    world("", "")
}

/// Makes every customer and moves it through all days.
fn generate(world: &World, batch: &mut PostingBatch) -> usize {
    let from = world.start().start();
    let to = world.start().plus(DAYS).expect("in range").start();
    let mut rows = 0;
    for number in 1..=USERS {
        let mut customer =
            Customer::from_newcomer(world, &world.newcomer(number)).expect("of this world");
        let before = batch.len();
        world.simulate(&mut customer, from, to, batch).expect("in order");
        rows += batch.len() - before;
        if batch.len() >= BATCH {
            black_box(&*batch);
            batch.clear();
        }
    }
    rows
}

fn bench_world(bencher: Bencher<'_, '_>, world: &World) {
    let mut batch = PostingBatch::with_capacity(2 * BATCH);
    let rows = generate(world, &mut batch);
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        batch.clear();
        generate(world, &mut batch)
    });
}

#[divan::bench]
fn classic_world(bencher: Bencher<'_, '_>) {
    bench_world(bencher, &classic());
}

#[divan::bench]
fn classic_world_with_transfers(bencher: Bencher<'_, '_>) {
    bench_world(bencher, &world("[transfers]\nenabled = false", "[transfers]\nenabled = true"));
}

#[divan::bench]
fn realistic_world(bencher: Bencher<'_, '_>) {
    let preset = Preset::parse(Preset::builtin("realistic").expect("built in")).expect("valid");
    let start = Day::parse("2025-01-01").expect("a date");
    bench_world(bencher, &World::new(preset, 1, start, USERS));
}

/// The postings of a world, ready made.
fn postings() -> Vec<Posting> {
    let mut batch = PostingBatch::default();
    let world = classic();
    let to = world.start().plus(DAYS).expect("in range").start();
    for number in 1..=USERS {
        let mut customer =
            Customer::from_newcomer(&world, &world.newcomer(number)).expect("of this world");
        world.simulate(&mut customer, world.start().start(), to, &mut batch).expect("in order");
    }
    batch.iter().collect()
}

/// The bare limit: ready made postings into the same columns.
#[divan::bench]
fn limit_columns_alone(bencher: Bencher<'_, '_>) {
    let postings = postings();
    let mut batch = PostingBatch::with_capacity(2 * BATCH);
    bencher.counter(ItemsCount::new(postings.len())).bench_local(|| {
        batch.clear();
        for posting in &postings {
            batch.push(posting);
            if batch.len() >= BATCH {
                black_box(&batch);
                batch.clear();
            }
        }
    });
}

#[divan::bench]
fn newcomers(bencher: Bencher<'_, '_>) {
    let world = classic();
    bencher.counter(ItemsCount::new(USERS.unsigned_abs())).bench_local(|| {
        for number in 1..=USERS {
            black_box(
                Customer::from_newcomer(&world, &world.newcomer(number)).expect("of this world"),
            );
        }
    });
}

#[divan::bench]
fn content_hash(bencher: Bencher<'_, '_>) {
    let mut batch = PostingBatch::default();
    for posting in postings().iter().take(BATCH) {
        batch.push(posting);
    }
    bencher
        .counter(ItemsCount::new(batch.len()))
        .bench_local(|| ContentHash::of(black_box(&batch)));
}
