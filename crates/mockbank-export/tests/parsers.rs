//! Exported files in the hands of public readers: `DuckDB`, Polars, `PyArrow` and parsers of
//! statements, each in the version of `tests/python/requirements.txt`.
//!
//! They are installed once, into a virtual environment in the target folder. That needs `python3`
//! and a package index; where they are missing these tests fail and say so.

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use mockbank_bank::{Day, Instant, Money, PostingBatch};
use mockbank_export::statement::{Balances, Bank, Holding, Line, Period, Statement, camt053, ofx};
use mockbank_export::{Export, Format};

const REQUIREMENTS: &str = include_str!("python/requirements.txt");

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|failure| {
        panic!("{command:?} cannot be started: {failure}; these tests need python3 with venv")
    });
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

/// The interpreter of the virtual environment, which is made on first use.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let (venv, stamp) = (folder.join("venv"), folder.join("installed.txt"));
    let interpreter = venv.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        return interpreter;
    }
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/requirements.txt");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    run(Command::new(&interpreter)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"])
        .arg(requirements));
    fs::write(stamp, REQUIREMENTS).unwrap();
    interpreter
}

fn check(script: &str, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    run(Command::new(python()).arg(script).args(arguments));
}

fn check_export(format: Format) {
    let folder = tempfile::tempdir().unwrap();
    let description = common::description(30, 8, 90, format);
    let export = Export::open(folder.path(), description, &common::catalog()).unwrap();
    for part in 0..export.description().plan.parts() {
        common::write_part(&export, part);
    }
    export.write_manifest().unwrap();
    check("readers.py", &[folder.path().to_str().unwrap()]);
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn duckdb_and_polars_read_parquet_as_one_table() {
    check_export(Format::Parquet);
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn duckdb_reads_csv_as_one_table() {
    check_export(Format::Csv);
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn duckdb_reads_json_lines_as_one_table() {
    check_export(Format::Jsonl);
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn polars_and_pyarrow_read_arrow_as_one_table() {
    check_export(Format::Arrow);
}

/// Writes the statement of an account or its card for February, in both formats, and has it read.
fn check_statement(of_card: bool) {
    let mut postings = PostingBatch::default();
    let customer = common::live(1, 90, &mut postings);
    let catalog = common::catalog();
    let period =
        Period { from: Day::parse("2025-02-01").unwrap(), to: Day::parse("2025-02-28").unwrap() };
    let holding = if of_card {
        Holding::Card(&customer.card, &customer.account)
    } else {
        Holding::Account(&customer.account)
    };
    let own = postings.iter().filter(|line| line.ledger_account() == holding.ledger_account());
    let mut opening = if of_card { Money::ZERO } else { customer.account.opening_balance };
    let mut closing = opening;
    let mut lines = Vec::new();
    for posting in own.filter(|posting| posting.at.day() <= period.to) {
        closing = closing.checked_add(posting.amount).unwrap();
        if posting.at.day() < period.from {
            opening = closing;
        } else {
            lines.push(Line::new(&posting, &catalog).unwrap());
        }
    }
    let bank = Bank { name: "Mock & Bank".to_owned(), routing_number: "000000000".to_owned() };
    let created = Instant::from_seconds(1_743_465_600);
    let balances = Balances { opening, closing };
    let statement =
        Statement::new(&bank, &customer.user, holding, period, created, balances, &lines).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (form, write) in [
        ("ofx", ofx::write as fn(&Statement<'_>, File) -> std::io::Result<()>),
        ("camt053", camt053::write),
    ] {
        let path = folder.path().join(form);
        write(&statement, File::create(&path).unwrap()).unwrap();
        if !of_card {
            insta::assert_snapshot!(form, fs::read_to_string(&path).unwrap());
        }
        check(
            "statements.py",
            &[
                form,
                path.to_str().unwrap(),
                &opening.to_string(),
                &closing.to_string(),
                &lines.len().to_string(),
                &lines[0].id.to_string(),
            ],
        );
    }
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn parsers_read_an_accounts_statements() {
    check_statement(false);
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn parsers_read_a_cards_statements() {
    check_statement(true);
}
