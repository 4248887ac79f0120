//! Worlds straight to files, simulation included, beside the least that such files can cost: the
//! Parquet writer alone on the same columns, ready made; for CSV, as many constant rows of as many
//! bytes through the `csv` crate.
//!
//! First come nanoseconds of CPU time a row of `transactions` and the ratios: both sides take turns
//! on one thread, and the kernel says how long the process ran (`/proc/self/stat`, so Linux only),
//! so that others on the machine matter less. Then how much more a world of ten times as many
//! customers costs, which should be ten times as much. Then divan's wall clock.
//!
//! `cargo bench -p mockbank --bench files -- linearity` prints nothing but the growth.

use std::fs::File;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{Account, Card, Day, PostingBatch, User};
use mockbank_export::{
    Export, ExportDescription, Format, PartWriter, Plan, Rows, Table, WorldDescription,
};
use mockbank_sim::{Customer, Preset};
use mockbank_world::{
    Archive, ArchivePart, ArchiveResult, Crime, Piece, Recipe, Unwatched, Workers, generate,
};

const USERS: u32 = 4_000;
const DAYS: u16 = 365;
/// Rows that the simulation hands on at once.
const BATCH: usize = 1 << 14;
/// Turns of each side.
const TURNS: u32 = 5;
/// Turns of each size.
const GROWTH_TURNS: u32 = 2;
/// The kernel's ticks in a second, as it tells them to programs.
const TICKS: f64 = 100.0;

fn main() {
    let asked_for = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // Cargo says so when it measures, and not when it only tests that benchmarks run.
    if asked_for("--bench") {
        let only_growth = asked_for("linearity");
        if !only_growth {
            compare();
        }
        compare_sizes();
        if only_growth {
            return;
        }
    }
    divan::main();
}

/// CPU time of ten times the customers, against ten times that of the small world.
#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn compare_sizes() {
    let (small, large) = (recipe(USERS), recipe(10 * USERS));
    let (mut ten_small, mut one_large) = (0.0, 0.0);
    for _ in 0..GROWTH_TURNS {
        let before = cpu_seconds();
        for _ in 0..10 {
            end_to_end(&small, Format::Parquet);
        }
        let between = cpu_seconds();
        end_to_end(&large, Format::Parquet);
        ten_small += between - before;
        one_large += cpu_seconds() - between;
    }
    println!(
        "classic to parquet, {} customers against {USERS}: {:.2} times the CPU time",
        10 * USERS,
        10.0 * one_large / ten_small
    );
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn compare() {
    let (recipe, batches) = (recipe(USERS), batches());
    let rows: usize = batches.iter().map(PostingBatch::len).sum();
    let catalog = recipe.world().catalog().clone();
    let columns = Rows::new(&catalog).expect("a catalogue");
    for format in [Format::Parquet, Format::Csv] {
        let (mut whole, mut limit) = (0.0, 0.0);
        for _ in 0..TURNS {
            let before = cpu_seconds();
            let bytes = end_to_end(&recipe, format);
            let between = cpu_seconds();
            whole += between - before;
            if format == Format::Csv {
                constant_rows(rows, usize::try_from(bytes).expect("fits") / rows);
                limit += cpu_seconds() - between;
            } else {
                let prepared: Vec<_> = batches
                    .iter()
                    .map(|batch| columns.transactions(batch).expect("valid"))
                    .collect();
                let before = cpu_seconds();
                let mut writer = format.writer(Table::Transactions, file()).expect("a file");
                for rows in &prepared {
                    writer.write(rows).expect("written");
                }
                black_box(writer.finish().expect("finished"));
                limit += cpu_seconds() - before;
            }
        }
        let a_row = |seconds: f64| seconds * 1e9 / f64::from(TURNS) / count(rows);
        println!(
            "classic to {}: {:.0} ns of CPU time a row; {}: {:.0} (ratio {:.2})",
            format.name(),
            a_row(whole),
            if format == Format::Csv { "constant rows" } else { "the writer alone" },
            a_row(limit),
            limit / whole
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 rows")]
fn count(rows: usize) -> f64 {
    rows as f64
}

/// CPU time of the process until now, in seconds.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let behind_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = |field: usize| behind_name.split_whitespace().nth(field)?.parse::<f64>().ok();
    // In user mode and in the kernel: fields 14 and 15, as proc_pid_stat(5) counts them.
    ticks(11).zip(ticks(12)).map(|(user, system)| (user + system) / TICKS).expect("two fields")
}

fn file() -> File {
    tempfile::tempfile().expect("a temporary file")
}

fn recipe(users: u32) -> Recipe {
    Recipe {
        preset: Preset::parse(Preset::builtin("classic").expect("built in")).expect("valid"),
        seed: 1,
        start: Day::parse("2025-01-01").expect("a date"),
        users,
        days: DAYS,
    }
}

/// The world's postings, in the batches that the simulation hands on.
fn batches() -> Vec<PostingBatch> {
    let recipe = recipe(USERS);
    let (world, to) = (recipe.world(), recipe.end().expect("in range"));
    let (mut batches, mut batch) = (Vec::new(), PostingBatch::default());
    for number in 1..=i64::from(USERS) {
        let mut customer =
            Customer::from_newcomer(&world, &world.newcomer(number)).expect("of this world");
        world.simulate(&mut customer, recipe.start.start(), to, &mut batch).expect("in order");
        if batch.len() >= BATCH {
            batches.push(std::mem::take(&mut batch));
        }
    }
    batches.push(batch);
    batches
}

/// Makes the world and writes all its tables, as `mockbank generate` does; bytes of `transactions`.
fn end_to_end(recipe: &Recipe, format: Format) -> u64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = Plan::new(u64::from(recipe.users), u64::from(recipe.users)).expect("customers");
    let world = WorldDescription {
        preset: recipe.preset.name().to_owned(),
        preset_fingerprint: String::new(),
        seed: recipe.seed,
        model_version: 1,
        start: recipe.start.to_string(),
        clock: recipe.end().expect("in range").to_string(),
        currency: recipe.preset.currency().code().to_owned(),
    };
    let description = ExportDescription::new(world, plan, format);
    let catalog = recipe.world().catalog().clone();
    let files = Files(Export::open(folder.path(), description, &catalog).expect("a new folder"));
    let piece = Piece { part: 0, numbers: plan.users_of(0).expect("one part") };
    let workers = Workers::new(1).expect("a thread");
    generate(recipe, &[piece], &files, &workers, &Unwatched).expect("written");
    let manifest = files.0.write_manifest().expect("written");
    let files = manifest.parts.iter().flat_map(|part| &part.files);
    files.filter(|file| file.table == Table::Transactions).map(|file| file.bytes).sum()
}

/// Rows of constant fields, as many as the table has, of so many bytes each.
fn constant_rows(rows: usize, bytes: usize) {
    let columns = Table::Transactions.columns().len();
    let field = "x".repeat(bytes / columns - 1);
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(file());
    for _ in 0..rows {
        (0..columns).for_each(|_| writer.write_field(black_box(&field)).expect("written"));
        writer.write_record(None::<&[u8]>).expect("written");
    }
    writer.flush().expect("written");
}

struct Files(Export);

struct Part<'a>(PartWriter<'a>);

impl Archive for Files {
    fn part(&self, number: u32) -> ArchiveResult<Box<dyn ArchivePart + '_>> {
        Ok(Box::new(Part(self.0.part(number)?)))
    }
}

impl ArchivePart for Part<'_> {
    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> ArchiveResult<()> {
        let part = &mut self.0;
        part.users(users)?;
        part.accounts(accounts)?;
        Ok(part.cards(cards)?)
    }

    fn add_postings(&mut self, postings: &PostingBatch) -> ArchiveResult<()> {
        Ok(self.0.transactions(postings)?)
    }

    fn add_crime(&mut self, _: &Crime) -> ArchiveResult<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> ArchiveResult<()> {
        self.0.finish()?;
        Ok(())
    }
}

#[divan::bench(args = [Format::Parquet, Format::Csv, Format::Jsonl, Format::Arrow], sample_count = 3)]
fn generated(bencher: Bencher<'_, '_>, format: Format) {
    let recipe = recipe(USERS);
    let rows: usize = batches().iter().map(PostingBatch::len).sum();
    bencher.counter(ItemsCount::new(rows)).bench_local(|| end_to_end(&recipe, format));
}
