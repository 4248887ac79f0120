//! What the documents say to do with files, done: queries in `DuckDB`, and the detector of crime.
//!
//! Both need the packages of `docs/detector/requirements.txt`, which are installed once, into a
//! virtual environment in the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Sandbox, printed};

const README: &str = include_str!("../../../../README.md");
const REQUIREMENTS: &str = include_str!("../../../../docs/detector/requirements.txt");
const QUERY: &str = "import sys, duckdb; print(duckdb.sql(sys.argv[1]).fetchall())";

fn run(command: &mut Command) -> String {
    let done = printed(command);
    assert_eq!(done.code, Some(0), "{command:?}\n{}{}", done.stdout, done.stderr);
    done.stdout
}

fn detector() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detector")
}

/// The interpreter of the virtual environment, which is made on first use.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("detector");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let (venv, stamp) = (folder.join("venv"), folder.join("installed.txt"));
    let interpreter = venv.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        return interpreter;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    run(Command::new(&interpreter)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"])
        .arg(detector().join("requirements.txt")));
    fs::write(stamp, REQUIREMENTS).unwrap();
    interpreter
}

/// Commands of the README that begin so, each in one line.
fn commands(starts: [&str; 2]) -> Vec<String> {
    let joined = README.replace("\\\n", " ");
    let commands = joined.lines().filter_map(|line| line.strip_prefix("$ "));
    commands
        .filter(|command| starts.iter().any(|start| command.starts_with(start)))
        .map(str::to_owned)
        .collect()
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn the_queries_of_the_readme_answer() {
    let sandbox = Sandbox::new();
    let mut answers = Vec::new();
    for command in commands(["mockbank generate", "duckdb -c "]) {
        if let Some(arguments) = command.strip_prefix("mockbank ") {
            sandbox.done(&arguments.replace("--users 100000 ", "--users 300 "));
        } else if let Some(query) = command.strip_prefix("duckdb -c ") {
            let mut asked = Command::new(python());
            let query = query.trim_matches('"');
            answers.push(run(asked.args(["-c", QUERY, query]).current_dir(sandbox.path())));
        }
    }
    let expected = ["CARD_NOT_PRESENT", "Food & Dining", "Decimal('0.00')"];
    assert_eq!(answers.len(), expected.len());
    for (answer, expected) in answers.iter().zip(expected) {
        assert!(answer.contains(expected), "{answer}");
    }
}

#[test]
#[ignore = "needs Python 3 and its package index"]
fn the_detector_finds_crime_in_another_world() {
    let sandbox = Sandbox::new();
    for seed in [1, 2] {
        sandbox.done(&format!(
            "generate --preset realistic --users 400 --days 180 --seed {seed} --out world-{seed}"
        ));
    }
    let script = detector().join("detector.py");
    let mut trained = Command::new(python());
    trained.arg(script).args(["world-1", "world-2"]).current_dir(sandbox.path());
    let told = run(&mut trained);
    let line = told.lines().find(|line| line.starts_with("| PR-AUC |")).unwrap();
    let figures: Vec<f64> = line.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
    let [chance, plain, history] = figures[..] else { panic!("{told}") };
    assert!(plain > chance && history > 5.0 * chance, "{told}");
}
