//! Movements generated in memory, beside the bare limit: the same columns filled with no logic.
//!
//! The counters are postings. Both sides fill fresh memory, of which the system's part is the
//! larger one for the limit; so compare CPU time (`user` and `sys` of two runs that differ in
//! `--sample-count`), not the wall clock of a machine that others use.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{ContentHash, Day, Posting, PostingBatch};
use mockbank_sim::{Customer, Preset, World};

/// Customers in one measured pass.
const USERS: i64 = 4_000;
/// A year, as a world has that is made for analysis: a customer is made once for all of it.
const DAYS: i64 = 365;

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

/// Makes customers `1..=users` and moves each through all days.
fn generate(world: &World, users: i64, batch: &mut PostingBatch) {
    let from = world.start().start();
    let to = world.start().plus(DAYS).expect("in range").start();
    for number in 1..=users {
        let mut customer =
            Customer::from_newcomer(world, &world.newcomer(number)).expect("of this world");
        world.simulate(&mut customer, from, to, batch).expect("in order");
    }
}

fn rows_of(world: &World) -> usize {
    let mut batch = PostingBatch::default();
    generate(world, USERS, &mut batch);
    batch.len()
}

/// Fills fresh memory beyond any cache, as a process does that generates. The limit does too.
fn bench_fill(bencher: Bencher<'_, '_>, rows: usize, fill: impl Fn(&mut PostingBatch)) {
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| PostingBatch::with_capacity(rows))
        .bench_local_refs(|batch| {
            fill(batch);
            assert_eq!(batch.len(), rows);
        });
}

fn bench_world(bencher: Bencher<'_, '_>, world: &World) {
    bench_fill(bencher, rows_of(world), |batch| generate(world, USERS, batch));
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

/// Some postings of a world, ready made and few enough to stay in the cache.
fn postings() -> Vec<Posting> {
    let mut batch = PostingBatch::default();
    generate(&classic(), 10, &mut batch);
    batch.iter().collect()
}

/// The bare limit: ready made postings, over and over, into the same columns.
#[divan::bench]
fn limit_columns_alone(bencher: Bencher<'_, '_>) {
    let postings = postings();
    let rows = rows_of(&classic());
    bench_fill(bencher, rows, |batch| {
        for posting in postings.iter().cycle().take(rows) {
            batch.push(black_box(posting));
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
    for posting in postings() {
        batch.push(&posting);
    }
    bencher
        .counter(ItemsCount::new(batch.len()))
        .bench_local(|| ContentHash::of(black_box(&batch)));
}
