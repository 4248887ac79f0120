//! Movements generated in memory, beside the bare limit: the same columns filled with no logic.
//!
//! Both sides fill one batch and clear it when it is full, as a process does that generates. First
//! come nanoseconds of CPU time a row and the ratio: the two take turns, and the kernel says how
//! long the thread ran (`/proc/thread-self/schedstat`, so Linux only), so that others on the
//! machine matter less. Then divan's wall clock; its counters are postings.

use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{ContentHash, Day, Posting, PostingBatch, PostingBlock};
use mockbank_sim::{Customer, Preset, World};

/// Customers in one measured pass.
const USERS: i64 = 4_000;
/// A year, as a world has that is made for analysis: a customer is made once for all of it.
const DAYS: i64 = 365;
/// Rows at which a batch is handed on, and cleared.
const BATCH: usize = 1 << 16;
/// Passes of each side; the medians are compared.
const PASSES: usize = 15;

fn main() {
    // Cargo says so when it measures, and not when it only tests that benchmarks run.
    if std::env::args().any(|argument| argument == "--bench") {
        compare();
    }
    divan::main();
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 nanoseconds")]
fn compare() {
    let (world, postings) = (classic(), postings());
    let rows = generate(&world, &mut batch());
    let [mut generated, mut limit, mut blocks] = [batch(), batch(), batch()];
    let mut passes: Vec<[Duration; 3]> = (0..PASSES)
        .map(|_| {
            [
                cpu_time_of(|| generate(&world, &mut generated)),
                cpu_time_of(|| fill(&postings, rows, &mut limit)),
                cpu_time_of(|| fill_in_blocks(&postings, rows, &mut blocks)),
            ]
        })
        .collect();
    let [generating, filling, in_blocks] = [0, 1, 2].map(|side| {
        passes.sort_unstable_by_key(|pass| pass[side]);
        passes[PASSES / 2][side].as_nanos() as f64 / rows as f64
    });
    let mut households = batch();
    let world = realistic();
    let rows = generate(&world, &mut households);
    let mut seconds: Vec<f64> = (0..PASSES / 3)
        .map(|_| cpu_time_of(|| generate(&world, &mut households)).as_secs_f64())
        .collect();
    seconds.sort_unstable_by(f64::total_cmp);
    let each = seconds[PASSES / 6] * 1e9 / rows as f64;
    println!(
        "realistic: {each:.0} ns of CPU time a row, {:.2} million rows a CPU-second; columns \
         alone: {filling:.1} ns (ratio {:.3})",
        1e3 / each,
        filling / each
    );
    println!(
        "classic: {generating:.1} ns of CPU time a row; columns alone: {filling:.1} a posting at a \
         time (ratio {:.2}), {in_blocks:.1} in blocks (ratio {:.2})",
        filling / generating,
        in_blocks / generating
    );
}

/// CPU time that the thread spends on `work`.
fn cpu_time_of<T>(work: impl FnOnce() -> T) -> Duration {
    let before = cpu_time();
    black_box(work());
    cpu_time().saturating_sub(before)
}

#[expect(clippy::disallowed_methods, reason = "the kernel counts the time on the CPU")]
fn cpu_time() -> Duration {
    // The kernel brings its count up to date when a thread gives way, else at the next tick only.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds = text.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.expect("the first field is the time on the CPU"))
}

fn batch() -> PostingBatch {
    PostingBatch::with_capacity(2 * BATCH)
}

fn world(from: &str, to: &str) -> World {
    let text = Preset::builtin("classic").expect("built in").replacen(from, to, 1);
    let preset = Preset::parse(&text).expect("valid");
    World::new(preset, 1, Day::parse("2025-01-01").expect("a date"), USERS)
}

fn classic() -> World {
    world("", "")
}

fn realistic() -> World {
    let preset = Preset::parse(Preset::builtin("realistic").expect("built in")).expect("valid");
    World::new(preset, 1, Day::parse("2025-01-01").expect("a date"), USERS)
}

/// Makes all customers and moves each through all days; the number of rows.
fn generate(world: &World, batch: &mut PostingBatch) -> usize {
    let from = world.start().start();
    let to = world.start().plus(DAYS).expect("in range").start();
    let mut rows = 0;
    for number in 1..=USERS {
        let mut customer =
            Customer::from_newcomer(world, &world.newcomer(number)).expect("of this world");
        world.simulate(&mut customer, from, to, batch).expect("in order");
        if batch.len() >= BATCH {
            rows += hand_on(batch);
        }
    }
    rows + hand_on(batch)
}

/// Fills the columns with ready made postings, over and over.
fn fill(postings: &[Posting], rows: usize, batch: &mut PostingBatch) -> usize {
    let mut filled = 0;
    for posting in postings.iter().cycle().take(rows) {
        batch.push(black_box(posting));
        if batch.len() >= BATCH {
            filled += hand_on(batch);
        }
    }
    filled + hand_on(batch)
}

/// As [`fill`], gathered in blocks as the engine does.
fn fill_in_blocks(postings: &[Posting], rows: usize, batch: &mut PostingBatch) -> usize {
    let (mut block, mut filled) = (PostingBlock::default(), 0);
    for posting in postings.iter().cycle().take(rows) {
        block.push(black_box(posting), batch);
        if batch.len() >= BATCH {
            filled += hand_on(batch);
        }
    }
    block.hand_on(batch);
    filled + hand_on(batch)
}

/// Empties a batch, as whoever writes it would; the number of rows it had.
fn hand_on(batch: &mut PostingBatch) -> usize {
    let rows = black_box(&*batch).len();
    batch.clear();
    rows
}

fn bench_fill(bencher: Bencher<'_, '_>, rows: usize, fill: impl Fn(&mut PostingBatch) -> usize) {
    let mut batch = batch();
    bencher.counter(ItemsCount::new(rows)).bench_local(|| assert_eq!(fill(&mut batch), rows));
}

fn bench_world(bencher: Bencher<'_, '_>, world: &World) {
    let rows = generate(world, &mut batch());
    bench_fill(bencher, rows, |batch| generate(world, batch));
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
    bench_world(bencher, &realistic());
}

/// Some postings of a world, ready made and few enough to stay in the cache.
fn postings() -> Vec<Posting> {
    let world = classic();
    let (from, to) = (world.start(), world.start().plus(DAYS).expect("in range"));
    let mut batch = PostingBatch::default();
    for number in 1..=10 {
        let mut customer =
            Customer::from_newcomer(&world, &world.newcomer(number)).expect("of this world");
        world.simulate(&mut customer, from.start(), to.start(), &mut batch).expect("in order");
    }
    batch.iter().collect()
}

/// The bare limit.
#[divan::bench]
fn limit_columns_alone(bencher: Bencher<'_, '_>) {
    let (postings, rows) = (postings(), generate(&classic(), &mut batch()));
    bench_fill(bencher, rows, |batch| fill(&postings, rows, batch));
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
