//! An export's folder: parts, manifests, and every format read back.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Int32Type, Int64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_ipc::reader::FileReader;
use mockbank_bank::{ContentHash, Money, PostingBatch};
use mockbank_export::{
    Export, ExportDescription, ExportError, Format, Manifest, Rows, Shard, Table, Totals, merge,
    read_manifest,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

const USERS: u64 = 10;
const USERS_PER_PART: u64 = 3;
const DAYS: u32 = 45;

fn describe(format: Format) -> ExportDescription {
    common::description(USERS, USERS_PER_PART, DAYS, format)
}

fn open(folder: &Path, format: Format) -> Export {
    Export::open(folder, describe(format), &common::catalog()).unwrap()
}

fn whole(format: Format) -> (TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let export = open(folder.path(), format);
    for part in 0..export.description().plan.parts() {
        common::write_part(&export, part);
    }
    let manifest = export.write_manifest().unwrap();
    (folder, manifest)
}

fn postings_of(part: u32) -> PostingBatch {
    let mut postings = PostingBatch::default();
    for number in describe(Format::Csv).plan.users_of(part).unwrap() {
        common::live(number, DAYS, &mut postings);
    }
    postings
}

/// The rows that a part's transactions must hold.
fn expected(part: u32) -> RecordBatch {
    Rows::new(&common::catalog()).unwrap().transactions(&postings_of(part)).unwrap()
}

fn assert_same_rows(found: &RecordBatch, expected: &RecordBatch) {
    assert_eq!(found.num_rows(), expected.num_rows());
    for (at, field) in expected.schema().fields().iter().enumerate() {
        let (found, expected) = (found.column(at), expected.column(at));
        match (found.as_dictionary_opt::<Int32Type>(), expected.as_dictionary_opt::<Int32Type>()) {
            (Some(found), Some(expected)) => {
                let texts = |labels: &arrow_array::Int32DictionaryArray| -> Vec<Option<String>> {
                    let values = labels.values().as_string::<i32>().clone();
                    let key = |row| labels.keys().value(row).cast_unsigned() as usize;
                    let text =
                        |row| labels.is_valid(row).then(|| values.value(key(row)).to_owned());
                    (0..labels.len()).map(text).collect()
                };
                assert_eq!(texts(found), texts(expected), "{}", field.name());
            }
            _ => assert_eq!(found, expected, "{}", field.name()),
        }
    }
}

/// Joins batches of one customer each as the whole part's.
fn assert_part(batches: &[RecordBatch], part: u32) {
    let expected = expected(part);
    let mut row = 0;
    for batch in batches {
        assert_eq!(batch.schema().fields(), Table::Transactions.schema().fields());
        assert_same_rows(batch, &expected.slice(row, batch.num_rows()));
        row += batch.num_rows();
    }
    assert_eq!(row, expected.num_rows());
}

fn path_of(manifest: &Manifest, part: usize, table: Table) -> &str {
    let files = &manifest.parts[part].files;
    &files.iter().find(|file| file.table == table).unwrap().path
}

#[test]
fn parquet_is_read_back() {
    let (folder, manifest) = whole(Format::Parquet);
    for part in 0..4 {
        let path = folder.path().join(path_of(&manifest, part, Table::Transactions));
        let file = File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let batches: Vec<_> = reader.map(Result::unwrap).collect();
        assert_part(&batches, u32::try_from(part).unwrap());
    }
}

#[test]
fn arrow_is_read_back() {
    let (folder, manifest) = whole(Format::Arrow);
    for part in 0..4 {
        let path = folder.path().join(path_of(&manifest, part, Table::Transactions));
        let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
        let batches: Vec<_> = reader.map(Result::unwrap).collect();
        assert_part(&batches, u32::try_from(part).unwrap());
    }
}

type Cells = BTreeMap<String, Option<String>>;

/// The values of some columns of the expected rows, as text.
fn expected_cells(part: u32) -> Vec<Cells> {
    let rows = expected(part);
    let integer = |name: &str, row: usize| {
        let column = rows.column_by_name(name).unwrap().as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row).to_string())
    };
    let amount = |name: &str, row: usize| {
        let column = rows.column_by_name(name).unwrap().as_primitive::<Decimal128Type>();
        column.is_valid(row).then(|| column.value_as_string(row))
    };
    let label = |name: &str, row: usize| {
        let column = rows.column_by_name(name).unwrap().as_dictionary::<Int32Type>();
        let labels = column.downcast_dict::<arrow_array::StringArray>().unwrap();
        column.is_valid(row).then(|| {
            let key = column.keys().value(row).cast_unsigned() as usize;
            labels.values().value(key).to_owned()
        })
    };
    let row = |row| {
        ["account_id", "card_id", "contra_id", "transfer_group_id"]
            .map(|name| (name.to_owned(), integer(name, row)))
            .into_iter()
            .chain(["amount", "balance", "card_balance"].map(|n| (n.to_owned(), amount(n, row))))
            .chain(
                ["description", "location", "counterparty", "kind"]
                    .map(|name| (name.to_owned(), label(name, row))),
            )
            .collect()
    };
    (0..rows.num_rows()).map(row).collect()
}

fn only(cells: &Cells, wanted: &Cells) -> Cells {
    cells
        .iter()
        .filter(|(name, _)| wanted.contains_key(*name))
        .map(|(n, c)| (n.clone(), c.clone()))
        .collect()
}

#[test]
fn csv_is_read_back() {
    let (folder, manifest) = whole(Format::Csv);
    for part in 0..4u32 {
        let path = folder.path().join(path_of(&manifest, part as usize, Table::Transactions));
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().clone();
        let wanted = expected_cells(part);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), wanted.len());
        for (row, wanted) in rows.iter().zip(&wanted) {
            let cell = |(name, cell): (&str, &str)| {
                (name.to_owned(), (!cell.is_empty()).then(|| cell.to_owned()))
            };
            let cells = header.iter().zip(row).map(cell).collect();
            assert_eq!(only(&cells, wanted), *wanted);
        }
    }
}

#[test]
fn json_lines_are_read_back() {
    let (folder, manifest) = whole(Format::Jsonl);
    for part in 0..4u32 {
        let path = folder.path().join(path_of(&manifest, part as usize, Table::Transactions));
        let text = fs::read_to_string(path).unwrap();
        let wanted = expected_cells(part);
        assert_eq!(text.lines().count(), wanted.len());
        for (line, wanted) in text.lines().zip(&wanted) {
            let values: BTreeMap<String, Box<serde_json::value::RawValue>> =
                serde_json::from_str(line).unwrap();
            // Numbers are compared as they are written: a float would hide a wrong cent.
            let cell = |(name, value): (String, Box<serde_json::value::RawValue>)| {
                let cell = match value.get() {
                    "null" => None,
                    text if text.starts_with('"') => Some(serde_json::from_str(text).unwrap()),
                    number => Some(number.to_owned()),
                };
                (name, cell)
            };
            let cells = values.into_iter().map(cell).collect();
            assert_eq!(only(&cells, wanted), *wanted);
        }
    }
}

#[test]
fn small_files_are_as_readers_know_them() {
    for format in [Format::Csv, Format::Jsonl] {
        let folder = tempfile::tempdir().unwrap();
        let description = common::description(2, 2, 15, format);
        let export = Export::open(folder.path(), description, &common::catalog()).unwrap();
        let record = common::write_part(&export, 0);
        let tables = record.files.iter().map(|file| {
            let text = fs::read_to_string(folder.path().join(&file.path)).unwrap();
            let shown: String = text.split_inclusive('\n').take(18).collect();
            format!("== {}\n{shown}", file.path)
        });
        insta::assert_snapshot!(format.name(), tables.collect::<String>());
    }
}

#[test]
fn the_manifest_tells_what_was_written() {
    let (folder, manifest) = whole(Format::Parquet);
    let mut totals = Totals::default();
    let mut rows = 0;
    for part in 0..4 {
        totals.content_hash.merge(ContentHash::of(&postings_of(part)));
        let mut settlements = Rows::new(&common::catalog()).unwrap().open_settlements();
        settlements.add(&postings_of(part));
        totals.settle(&settlements.take());
        for number in describe(Format::Csv).plan.users_of(part).unwrap() {
            let customer = common::live(number, DAYS, &mut PostingBatch::default());
            totals.content_hash.add_user(&customer.user);
            totals.content_hash.add_account(&customer.account);
            totals.content_hash.add_card(&customer.card);
        }
        let batch = expected(part);
        let amounts = batch.column_by_name("amount").unwrap().as_primitive::<Decimal128Type>();
        totals.credit_minor += amounts.values().iter().filter(|minor| **minor > 0).sum::<i128>();
        totals.debit_minor -= amounts.values().iter().filter(|minor| **minor < 0).sum::<i128>();
        rows += batch.num_rows() as u64;
    }
    assert!(manifest.complete);
    assert_eq!(manifest.totals, totals);
    assert_eq!(manifest.rows[&Table::Transactions], rows);
    assert_eq!(manifest.rows[&Table::Users], USERS);
    assert_eq!(manifest.rows[&Table::Merchants], common::catalog().hubs.len() as u64);
    assert_eq!(read_manifest(folder.path()).unwrap(), Some(manifest.clone()));
    for file in manifest.parts.iter().flat_map(|part| &part.files) {
        assert_eq!(fs::metadata(folder.path().join(&file.path)).unwrap().len(), file.bytes);
    }
    // Sizes follow the compressor's version and the program's; the shape does not.
    let mut shown = manifest;
    shown.export.program_version = "[version]".to_owned();
    shown.parts.iter_mut().flat_map(|part| &mut part.files).for_each(|file| file.bytes = 0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

/// The shards of the sample world, each in a folder of its own.
fn shards(of: u32, format: Format) -> Vec<TempDir> {
    let write = |number| {
        let folder = tempfile::tempdir().unwrap();
        let export = open(folder.path(), format);
        let shard: Shard = format!("{number}/{of}").parse().unwrap();
        for part in shard.parts(export.description().plan) {
            common::write_part(&export, part);
        }
        assert!(!export.write_manifest().unwrap().complete);
        folder
    };
    (1..=of).map(write).collect()
}

fn merge_of(folders: &[&TempDir]) -> Result<Manifest, ExportError> {
    let folders: Vec<_> = folders.iter().map(|folder| folder.path().to_owned()).collect();
    let out = tempfile::tempdir().unwrap();
    let merged = merge(&folders, &out.path().join("manifest.json"))?;
    assert_eq!(read_manifest(out.path()).unwrap().as_ref(), Some(&merged));
    Ok(merged)
}

#[test]
fn shards_on_several_machines_add_up_to_the_whole() {
    let (_folder, whole) = whole(Format::Jsonl);
    for of in [2, 3, 7] {
        let shards = shards(of, Format::Jsonl);
        assert_eq!(merge_of(&shards.iter().rev().collect::<Vec<_>>()).unwrap(), whole);
    }
}

#[test]
fn what_is_no_whole_export_is_not_merged() {
    let refusal = |folders: &[&TempDir]| {
        let mut told = merge_of(folders).unwrap_err().to_string();
        for (folder, name) in folders.iter().zip(["A", "B", "C"]) {
            told = told.replace(folder.path().to_str().unwrap(), name);
        }
        told
    };
    let (csv, jsonl) = (shards(3, Format::Csv), shards(3, Format::Jsonl));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(refusal(&[&csv[0], &empty]), "B holds no export: it has no manifest.json");
    assert_eq!(
        refusal(&[&csv[0], &jsonl[1]]),
        "A and B hold shards of different exports: file_format is \"csv\" there and \"jsonl\" here"
    );
    assert_eq!(
        refusal(&[&csv[0], &csv[1], &csv[1]]),
        "part 1 is in B and in B; name each shard once"
    );
    assert_eq!(
        refusal(&[&csv[2]]),
        "none of the folders holds these parts: 0, 1, 3; name all shards, and finish the others \
         with --resume"
    );
    let path = csv[2].path().join("transactions/part-00002-of-00004.csv");
    fs::write(&path, "").unwrap();
    assert!(refusal(&[&csv[0], &csv[1], &csv[2]]).contains("has 0 bytes, its manifest says"));
    fs::remove_file(&path).unwrap();
    assert!(refusal(&[&csv[0], &csv[1], &csv[2]]).starts_with("cannot read or write C/"));
    assert!(matches!(merge_of(&[]), Err(ExportError::NothingToMerge)));
}

#[test]
fn every_day_is_settled_to_zero() {
    let (folder, manifest) = whole(Format::Csv);
    let mut days: BTreeMap<String, i64> = BTreeMap::new();
    let minor = |text: &str| text.parse::<Money>().unwrap().minor();
    let mut each = |table: Table, add: &dyn Fn(&csv::StringRecord) -> (String, i64)| {
        for part in 0..manifest.parts.len() {
            let path = folder.path().join(path_of(&manifest, part, table));
            for row in csv::Reader::from_path(path).unwrap().records() {
                let (day, amount) = add(&row.unwrap());
                *days.entry(day).or_default() += amount;
            }
        }
    };
    each(Table::Transactions, &|row| (row[2][..10].to_owned(), minor(&row[5])));
    each(Table::Settlements, &|row| (row[3].to_owned(), minor(&row[5]) - minor(&row[4])));
    assert_eq!(days.len(), DAYS as usize);
    // The customers of the sample world come in pairs, and all of them are there.
    assert!(days.values().all(|sum| *sum == 0), "{days:?}");
    let Totals { debit_minor, credit_minor, settled_minor, .. } = manifest.totals;
    assert_eq!(credit_minor - debit_minor + settled_minor, 0);
}

#[test]
fn threads_and_an_interrupted_run_give_the_same_files() {
    let (quiet, whole) = whole(Format::Parquet);
    let folder = tempfile::tempdir().unwrap();
    let export = open(folder.path(), Format::Parquet);
    common::write_part(&export, 2);
    // Interrupted: rows are written, but the part is not finished.
    let mut abandoned = export.part(0).unwrap();
    abandoned.users(&[common::live(1, 1, &mut PostingBatch::default()).user]).unwrap();
    drop(abandoned);
    drop(export);

    let export = open(folder.path(), Format::Parquet);
    let manifest = read_manifest(folder.path()).unwrap().unwrap();
    assert!(manifest.is_finished(2) && !manifest.is_finished(0) && !manifest.complete);
    assert!(matches!(export.part(2), Err(ExportError::PartExists { part: 2, .. })));
    std::thread::scope(|scope| {
        for part in [0, 1, 3] {
            let export = &export;
            scope.spawn(move || common::write_part(export, part));
        }
    });
    assert_eq!(export.write_manifest().unwrap(), whole);
    for file in whole.parts.iter().flat_map(|part| &part.files) {
        let read = |folder: &TempDir| fs::read(folder.path().join(&file.path)).unwrap();
        assert!(read(&folder) == read(&quiet), "{}", file.path);
    }
}

#[test]
fn readers_see_no_unfinished_file() {
    let folder = tempfile::tempdir().unwrap();
    let export = open(folder.path(), Format::Parquet);
    let visible = || {
        let entries = fs::read_dir(folder.path().join("transactions")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name())
            .any(|name| name.to_str().unwrap().starts_with("part"))
    };
    let part = export.part(0).unwrap();
    assert!(!visible() && !export.is_finished(0).unwrap());
    part.finish().unwrap();
    assert!(visible() && export.is_finished(0).unwrap());
}

#[test]
fn a_folder_with_another_export_is_refused() {
    let (folder, _) = whole(Format::Csv);
    let mut other = describe(Format::Csv);
    other.world.seed += 1;
    let refused = Export::open(folder.path(), other, &common::catalog());
    assert!(matches!(refused, Err(ExportError::OtherExport(_))));
    fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    let refused = Export::open(folder.path(), describe(Format::Csv), &common::catalog());
    assert!(matches!(refused, Err(ExportError::Manifest { .. })));
}

#[test]
fn numbers_that_stand_for_nothing_are_refused() {
    let rows = Rows::new(&common::catalog()).unwrap();
    let mut good = PostingBatch::default();
    common::live(1, 1, &mut good);
    let damages: [fn(&mut PostingBatch); 8] = [
        |batch| batch.description[0] = u32::MAX,
        |batch| batch.place[0] = 40,
        |batch| batch.category[0] = 5,
        |batch| batch.kind[0] = 11,
        |batch| batch.contra[0] = -1,
        |batch| batch.contra[0] = 501 << 2 | 1,
        |batch| batch.reference[0] = -1,
        |batch| batch.amount[0] = i64::MIN,
    ];
    assert!(rows.transactions(&good).is_ok());
    for (number, damage) in damages.into_iter().enumerate() {
        let mut bad = good.clone();
        damage(&mut bad);
        assert!(rows.transactions(&bad).is_err(), "damage {number}");
    }
}
