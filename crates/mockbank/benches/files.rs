//! Worlds straight to files, simulation included, beside the least that such files can cost: the
//! Parquet writer alone on the same columns of all tables, ready made, until they are safe on disk;
//! for CSV, as many constant rows of as many bytes through the `csv` crate.
//!
//! The Parquet writer is Arrow's, with the encodings of our files. Two more are told: Arrow's for
//! `transactions` alone, and our own for all tables, which leaves all but labels to Arrow's.
//!
//! First come nanoseconds of CPU time a row of `transactions` and the ratios: both sides take turns
//! on one thread, and the kernel says how long the process ran (`/proc/self/stat`, so Linux only),
//! so that others on the machine matter less. Then how much more a world of ten times as many
//! customers costs, which should be ten times as much. Then divan's wall clock.
//!
//! `cargo bench -p mockbank --bench files -- linearity` prints nothing but the growth.

use std::fs::File;
use std::sync::Mutex;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{Account, Card, Day, PostingBatch, User};
use mockbank_export::format::parquet_properties;
use mockbank_export::{
    Export, ExportDescription, Format, Manifest, PartWriter, Plan, RecordBatch, Rows, Settlements,
    Table, WorldDescription,
};
use mockbank_sim::Preset;
use mockbank_world::{
    Archive, ArchivePart, ArchiveResult, Crime, Piece, Recipe, Unwatched, Workers, generate,
};
use parquet::arrow::ArrowWriter;

const USERS: u32 = 4_000;
const DAYS: u16 = 365;
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

fn compare() {
    let recipe = recipe(USERS);
    let prepared = Prepared::new(&recipe);
    compare_parquet(&recipe, &prepared);
    compare_csv(&recipe, prepared.rows(Table::Transactions));
}

fn compare_parquet(recipe: &Recipe, prepared: &Prepared) {
    let mut seconds = [0.0; 4];
    for _ in 0..TURNS {
        let mut written = [0; 4];
        let every = |table: Table| !table.is_of_crime();
        let transactions = |table| table == Table::Transactions;
        let sides: [&dyn Fn() -> u64; 4] = [
            &|| bytes(&end_to_end(recipe, Format::Parquet), every),
            &|| prepared.write(every, arrow_table),
            &|| prepared.write(transactions, arrow_table),
            &|| prepared.write(every, own_table),
        ];
        for ((side, seconds), written) in sides.iter().zip(&mut seconds).zip(&mut written) {
            let before = cpu_seconds();
            *written = side();
            *seconds += cpu_seconds() - before;
        }
        assert_eq!(written[0], written[3], "the limit writes the same files");
    }
    let [whole, arrow, transactions, own] = seconds;
    let limits = [
        ("the writer alone", arrow),
        ("the writer alone on transactions", transactions),
        ("our own writer alone", own),
    ];
    tell(Format::Parquet, prepared.rows(Table::Transactions), whole, limits);
}

fn compare_csv(recipe: &Recipe, rows: usize) {
    let (mut whole, mut limit) = (0.0, 0.0);
    for _ in 0..TURNS {
        let before = cpu_seconds();
        let manifest = end_to_end(recipe, Format::Csv);
        let between = cpu_seconds();
        whole += between - before;
        let bytes = bytes(&manifest, |table| table == Table::Transactions);
        constant_rows(rows, usize::try_from(bytes).expect("fits") / rows);
        limit += cpu_seconds() - between;
    }
    tell(Format::Csv, rows, whole, [("constant rows", limit)]);
}

/// Prints what a row cost end to end, and at the limits; all in seconds of all turns.
#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn tell<const N: usize>(format: Format, rows: usize, whole: f64, limits: [(&str, f64); N]) {
    let a_row = |seconds: f64| seconds * 1e9 / f64::from(TURNS) / count(rows);
    println!("classic to {}: {:.0} ns of CPU time a row", format.name(), a_row(whole));
    for (name, limit) in limits {
        println!("    {name}: {:.0} (ratio {:.2})", a_row(limit), limit / whole);
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

/// Makes the world and writes all its tables, as `mockbank generate` does.
fn end_to_end(recipe: &Recipe, format: Format) -> Manifest {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = plan(recipe);
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
    generate_into(&files, recipe);
    files.0.write_manifest().expect("written")
}

/// Parts of some size, whatever the world's: each has a cost of its own, above all settlements.
fn plan(recipe: &Recipe) -> Plan {
    Plan::new(recipe.users.into(), USERS.into()).expect("customers")
}

/// Makes the world on one thread.
fn generate_into(archive: &dyn Archive, recipe: &Recipe) {
    let plan = plan(recipe);
    let piece = |part| Piece { part, numbers: plan.users_of(part).expect("a part") };
    let pieces: Vec<_> = (0..plan.parts()).map(piece).collect();
    let workers = Workers::new(1).expect("a thread");
    generate(recipe, &pieces, archive, &workers, &Unwatched).expect("written");
}

/// Bytes of some tables' files.
fn bytes(manifest: &Manifest, of: impl Fn(Table) -> bool) -> u64 {
    let files = manifest.parts.iter().flat_map(|part| &part.files);
    files.filter(|file| of(file.table)).map(|file| file.bytes).sum()
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

/// A world's columns, in the batches in which an export writes them.
struct Prepared {
    columns: Rows,
    batches: Mutex<Vec<(Table, RecordBatch)>>,
}

/// The one part of [`Prepared`].
struct PreparedPart<'a> {
    prepared: &'a Prepared,
    settlements: Settlements,
}

impl Prepared {
    fn new(recipe: &Recipe) -> Self {
        let columns = Rows::new(recipe.world().catalog()).expect("a catalogue");
        let merchants = (Table::Merchants, columns.merchants().clone());
        let prepared = Self { columns, batches: Mutex::new(vec![merchants]) };
        generate_into(&prepared, recipe);
        prepared
    }

    fn add(&self, table: Table, rows: mockbank_export::Result<RecordBatch>) -> ArchiveResult<()> {
        self.batches.lock().expect("one thread").push((table, rows?));
        Ok(())
    }

    fn rows(&self, of: Table) -> usize {
        let batches = self.batches.lock().expect("one thread");
        batches.iter().filter(|(table, _)| *table == of).map(|(_, rows)| rows.num_rows()).sum()
    }

    /// Writes some tables to files that are safe on disk, as an export's are; their bytes.
    fn write(&self, tables: impl Fn(Table) -> bool, writer: WriteTable) -> u64 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let batches = self.batches.lock().expect("one thread");
        let tables = Table::ALL.into_iter().filter(|table| tables(*table));
        let write = |table: Table| {
            let file = File::create(folder.path().join(table.name())).expect("a file");
            let rows = batches.iter().filter(|(of, rows)| *of == table && rows.num_rows() > 0);
            let file = writer(table, file, &mut rows.map(|(_, rows)| rows));
            file.sync_all().expect("on disk");
            file.metadata().expect("a file").len()
        };
        tables.map(write).sum()
    }
}

/// Writes all of a table's batches to a file and finishes it.
type WriteTable = fn(Table, File, &mut dyn Iterator<Item = &RecordBatch>) -> File;

fn arrow_table(table: Table, file: File, batches: &mut dyn Iterator<Item = &RecordBatch>) -> File {
    let properties = Some(parquet_properties(table));
    let mut writer = ArrowWriter::try_new(file, table.schema(), properties).expect("a file");
    batches.for_each(|rows| writer.write(rows).expect("written"));
    writer.into_inner().expect("finished")
}

fn own_table(table: Table, file: File, batches: &mut dyn Iterator<Item = &RecordBatch>) -> File {
    let mut writer = Format::Parquet.writer(table, file).expect("a file");
    batches.for_each(|rows| writer.write(rows).expect("written"));
    writer.finish().expect("finished")
}

impl Archive for Prepared {
    fn part(&self, _: u32) -> ArchiveResult<Box<dyn ArchivePart + '_>> {
        let settlements = self.columns.open_settlements();
        Ok(Box::new(PreparedPart { prepared: self, settlements }))
    }
}

impl PreparedPart<'_> {
    fn settle(&mut self) -> ArchiveResult<()> {
        let columns = self.prepared.columns.settlements(&self.settlements.take());
        self.prepared.add(Table::Settlements, columns)
    }
}

impl ArchivePart for PreparedPart<'_> {
    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> ArchiveResult<()> {
        let Prepared { columns, .. } = self.prepared;
        self.prepared.add(Table::Users, columns.users(users))?;
        self.prepared.add(Table::Accounts, columns.accounts(accounts))?;
        self.prepared.add(Table::Cards, columns.cards(cards))
    }

    fn add_postings(&mut self, postings: &PostingBatch) -> ArchiveResult<()> {
        let columns = self.prepared.columns.transactions(postings);
        self.prepared.add(Table::Transactions, columns)?;
        self.settlements.add(postings);
        if self.settlements.is_full() { self.settle() } else { Ok(()) }
    }

    fn add_crime(&mut self, _: &Crime) -> ArchiveResult<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> ArchiveResult<()> {
        self.settle()
    }
}

#[divan::bench(args = [Format::Parquet, Format::Csv, Format::Jsonl, Format::Arrow], sample_count = 3)]
fn generated(bencher: Bencher<'_, '_>, format: Format) {
    let recipe = recipe(USERS);
    let rows = Prepared::new(&recipe).rows(Table::Transactions);
    bencher.counter(ItemsCount::new(rows)).bench_local(|| end_to_end(&recipe, format));
}
