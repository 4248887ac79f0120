//! Rows a second into files, each beside the least that the work can cost in the same run:
//! Parquet beside its writer alone on columns that are ready, text beside constant rows. One
//! thread, so a second is a CPU-second.
//!
//! The limit for CSV is the `csv` crate that writes as many rows of as many constant fields: what a
//! general writer of the format costs when there is nothing to format. Plain bytes are shown too;
//! that is the cost of the file alone, with neither fields nor rows in it.

#[path = "../tests/common/mod.rs"]
#[expect(dead_code, reason = "the tests use more of the sample bank")]
mod common;

use std::fs::File;
use std::io::Write as _;
use std::sync::LazyLock;

use arrow_array::RecordBatch;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mockbank_bank::{ContentHash, PostingBatch};
use mockbank_export::{Format, Rows, Table};

const BATCHES: i64 = 8;
const CUSTOMERS_PER_BATCH: i64 = 180;
const DAYS: u32 = 365;

static ROWS: LazyLock<Rows> = LazyLock::new(|| Rows::new(&common::catalog()).unwrap());

static POSTINGS: LazyLock<Vec<PostingBatch>> = LazyLock::new(|| {
    let batch = |batch| {
        let mut postings = PostingBatch::default();
        for customer in 1..=CUSTOMERS_PER_BATCH {
            common::live(batch * CUSTOMERS_PER_BATCH + customer, DAYS, &mut postings);
        }
        postings
    };
    (0..BATCHES).map(batch).collect()
});

fn main() {
    divan::main();
}

fn rows() -> ItemsCount {
    ItemsCount::new(POSTINGS.iter().map(PostingBatch::len).sum::<usize>())
}

fn write<'a>(format: Format, batches: impl Iterator<Item = RecordBatch> + 'a) -> u64 {
    let mut writer = format.writer(Table::Transactions, tempfile::tempfile().unwrap()).unwrap();
    batches.for_each(|batch| writer.write(&batch).unwrap());
    writer.finish().unwrap().metadata().unwrap().len()
}

/// From postings to a file, as an export does it: columns, content hash, file.
fn export(format: Format) -> u64 {
    let mut hash = ContentHash::EMPTY;
    let bytes = write(
        format,
        POSTINGS.iter().map(|postings| {
            hash.add(postings);
            ROWS.transactions(postings).unwrap()
        }),
    );
    black_box(hash);
    bytes
}

fn prepared() -> Vec<RecordBatch> {
    POSTINGS.iter().map(|postings| ROWS.transactions(postings).unwrap()).collect()
}

#[divan::bench(args = [Format::Parquet, Format::Csv, Format::Jsonl, Format::Arrow], sample_count = 5)]
fn exported(bencher: Bencher<'_, '_>, format: Format) {
    bencher.counter(rows()).bench_local(|| export(format));
}

/// The limit for Parquet: its writer alone.
#[divan::bench(args = [Format::Parquet, Format::Arrow], sample_count = 5)]
fn writer_alone(bencher: Bencher<'_, '_>, format: Format) {
    let batches = prepared();
    bencher.counter(rows()).bench_local(|| write(format, batches.iter().cloned()));
}

/// As many bytes, in as many rows: through the `csv` crate, the limit for CSV, or as they are.
#[divan::bench(args = ["csv crate", "plain bytes"], sample_count = 5)]
fn constant_rows(bencher: Bencher<'_, '_>, how: &str) {
    let rows_count: usize = POSTINGS.iter().map(PostingBatch::len).sum();
    let columns = Table::Transactions.columns().len();
    let bytes = usize::try_from(export(Format::Csv)).unwrap() / rows_count;
    let field = "x".repeat(bytes / columns - 1);
    let line = format!("{}\n", vec![field.as_str(); columns].join(","));
    bencher.counter(rows()).bench_local(|| {
        let mut file: File = tempfile::tempfile().unwrap();
        if how == "csv crate" {
            let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(file);
            for _ in 0..rows_count {
                (0..columns).for_each(|_| writer.write_field(black_box(&field)).unwrap());
                writer.write_record(None::<&[u8]>).unwrap();
            }
            writer.flush().unwrap();
        } else {
            let mut buffer = Vec::with_capacity(1 << 20);
            for _ in 0..rows_count {
                buffer.extend_from_slice(black_box(&line).as_bytes());
                if buffer.len() >= (1 << 20) - 1024 {
                    file.write_all(&buffer).unwrap();
                    buffer.clear();
                }
            }
            file.write_all(&buffer).unwrap();
        }
    });
}

/// The parts of an export that are not the writer's.
#[divan::bench(sample_count = 5)]
fn columns(bencher: Bencher<'_, '_>) {
    bencher.counter(rows()).bench_local(prepared);
}

#[divan::bench(sample_count = 5)]
fn content_hash(bencher: Bencher<'_, '_>) {
    let hash = || POSTINGS.iter().map(ContentHash::of).collect::<Vec<_>>();
    bencher.counter(rows()).bench_local(hash);
}
