//! Worlds in files: the same content however it is cut and whoever writes it, and whole whatever
//! stops the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Printed, Sandbox, signal};

const WORLD: &str = "--users 100 --days 40 --seed 5";

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap()
}

fn hash(figures: &Value) -> String {
    figures["content_hash"].as_str().unwrap().to_owned()
}

/// Every preset that ships.
const PRESETS: [&str; 2] = ["classic", "realistic"];

/// The hash of a world in a database.
fn stored(world: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.done(&format!("init {world}"));
    sandbox.content_hash()
}

#[test]
fn threads_and_parts_do_not_show() {
    for preset in PRESETS {
        let sandbox = Sandbox::new();
        let world = format!("{WORLD} --preset {preset}");
        let expected = stored(&world);
        for (threads, parts) in [(1, 100), (2, 7), (64, 1)] {
            let figures = sandbox.json(&format!(
                "generate {world} --threads {threads} --users-per-part {parts} --out t{threads}"
            ));
            assert_eq!(hash(&figures), expected, "{preset}, {threads} threads");
            assert_eq!(figures["complete"], true);
            assert_eq!(figures["rows"]["users"], 100);
        }
    }
}

#[test]
fn shards_add_up_to_the_whole() {
    for preset in PRESETS {
        let sandbox = Sandbox::new();
        let world = format!("{WORLD} --preset {preset}");
        let expected = stored(&world);
        for of in [1, 2, 7] {
            let mut last = Value::Null;
            for shard in 1..=of {
                last = sandbox.json(&format!(
                    "generate {world} --format csv --users-per-part 9 --shard {shard}/{of} \
                     --out s{of}"
                ));
                assert_eq!(last["complete"], shard == of);
            }
            assert_eq!(hash(&last), expected, "{preset}, {of} shards");
        }
    }
}

#[test]
fn a_stored_world_is_exported_as_it_would_be_generated() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 100 --days 10 --seed 5");
    for _ in 0..30 {
        sandbox.done("evolve --days 1");
    }
    let stored = sandbox.content_hash();
    for format in ["parquet", "csv", "jsonl", "arrow"] {
        let files = format!("--format {format} --users-per-part 30");
        let exported = sandbox.json(&format!("export {files} --out e-{format}"));
        let generated = sandbox.json(&format!("generate {WORLD} {files} --out g-{format}"));
        assert_eq!(hash(&exported), stored);
        assert_eq!(hash(&generated), stored);
        let folder = |of: &str| sandbox.path().join(format!("{of}-{format}"));
        let (exported, generated) = (manifest(&folder("e")), manifest(&folder("g")));
        assert_eq!(exported, generated);
        assert_eq!(generated["rows"]["cards"], 100);
    }
    // In text, even the bytes are the same.
    for table in ["users", "accounts", "cards", "merchants", "transactions", "settlements"] {
        let read = |of: &str| {
            let file = format!("{of}-csv/{table}/part-00000-of-00004.csv");
            fs::read_to_string(sandbox.path().join(file)).unwrap()
        };
        assert_eq!(read("e"), read("g"), "{table}");
    }
}

/// Finished parts in a folder.
fn finished(folder: &Path) -> usize {
    let Ok(records) = fs::read_dir(folder.join("parts")) else { return 0 };
    let is_record = |path: &Path| path.extension().is_some_and(|ending| ending == "json");
    records.filter(|record| is_record(&record.as_ref().unwrap().path())).count()
}

/// Runs a command until it has finished a part, then sends it a signal.
fn stop_after_a_part(sandbox: &Sandbox, arguments: &str, signal_name: &str) -> Printed {
    let folder = sandbox.path().join("out");
    let before = finished(&folder);
    let mut process =
        sandbox.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while finished(&folder) == before && process.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    signal(&process, signal_name);
    let output = process.wait_with_output().unwrap();
    Printed {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

const LONG: &str = "generate --users 3000 --days 365 --users-per-part 50 --threads 2";

/// Every file that a manifest names is there, with the size that it says.
fn assert_files_are_whole(folder: &Path) {
    for part in manifest(folder)["parts"].as_array().unwrap() {
        for file in part["files"].as_array().unwrap() {
            let path = folder.join(file["path"].as_str().unwrap());
            assert_eq!(fs::metadata(&path).unwrap().len(), file["bytes"].as_u64().unwrap());
        }
    }
}

#[test]
fn a_killed_generation_goes_on_where_it_stopped() {
    let sandbox = Sandbox::new();
    let killed = stop_after_a_part(&sandbox, &format!("{LONG} --out out"), "KILL");
    assert_eq!(killed.code, None, "{killed:?}");
    let resumed = sandbox.json(&format!("{LONG} --resume --out out"));
    let whole = sandbox.json(&format!("{LONG} --out whole"));
    assert_eq!(hash(&resumed), hash(&whole));
    assert_eq!(manifest(&sandbox.path().join("out")), manifest(&sandbox.path().join("whole")));
    assert_files_are_whole(&sandbox.path().join("out"));
    // There is nothing left to do.
    assert_eq!(hash(&sandbox.json(&format!("{LONG} --resume --out out"))), hash(&whole));
}

#[test]
fn an_interrupted_generation_says_what_is_finished() {
    let sandbox = Sandbox::new();
    for name in ["INT", "TERM"] {
        let stopped = stop_after_a_part(&sandbox, &format!("{LONG} --resume --out out"), name);
        assert_eq!(stopped.code, Some(130), "{stopped:?}");
        assert!(stopped.stdout.starts_with("Interrupted. The finished parts"), "{stopped:?}");
        assert!(stopped.stdout.contains("parts finished of 60: "), "{stopped:?}");
        assert_eq!(manifest(&sandbox.path().join("out"))["complete"], false);
        assert_files_are_whole(&sandbox.path().join("out"));
    }
}

#[test]
fn shards_in_folders_of_their_own_are_one_export() {
    let sandbox = Sandbox::new();
    let files = format!("generate {WORLD} --users-per-part 9");
    for shard in 1..=3 {
        let written = sandbox.json(&format!("{files} --shard {shard}/3 --out s{shard}"));
        assert_eq!(written["complete"], false);
    }
    let whole = sandbox.json(&format!("{files} --out whole"));
    let mut merged = sandbox.json("merge s3 s1 s2 --out merged.json");
    assert_eq!(merged["out"], "merged.json");
    merged["out"] = "whole".into();
    assert_eq!(merged, whole);
    let text = |path: &str| fs::read_to_string(sandbox.path().join(path)).unwrap();
    assert_eq!(text("merged.json"), text("whole/manifest.json"));

    sandbox.done(&format!("{files} --seed 6 --shard 2/3 --out other").replacen(" --seed 5", "", 1));
    for (folders, reason) in [
        ("s1 s3", "none of the folders holds these parts: 1, 4, 7, 10;"),
        ("s1 s2 s2 s3", "part 1 is in s2 and in s2;"),
        (
            "s1 other s3",
            "s1 and other hold shards of different exports: seed is 5 there and 6 here",
        ),
        ("s1 s2 nowhere", "nowhere holds no export"),
    ] {
        let refused = sandbox.run(&format!("merge {folders} --out refused.json"));
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(reason), "{refused:?}");
        assert!(!sandbox.path().join("refused.json").exists());
    }
}

/// A world that is stored, and the arguments of an export that takes a while.
const STORED: &str = "init --users 600 --days 200";
const EXPORT: &str = "export --users-per-part 10";

#[test]
fn an_interrupted_export_goes_on_where_it_stopped() {
    let sandbox = Sandbox::new();
    sandbox.done(STORED);
    let stopped = stop_after_a_part(&sandbox, &format!("{EXPORT} --out out"), "INT");
    assert_eq!(stopped.code, Some(130), "{stopped:?}");
    assert!(stopped.stdout.starts_with("Interrupted. The finished parts"), "{stopped:?}");
    assert!(stopped.stdout.contains("parts finished of 60: 0"), "{stopped:?}");
    assert_files_are_whole(&sandbox.path().join("out"));
    let again = sandbox.run(&format!("{EXPORT} --out out"));
    assert!(again.stderr.contains("go on with --resume"), "{again:?}");
    let resumed = sandbox.json(&format!("{EXPORT} --resume --out out"));
    assert_eq!(hash(&resumed), sandbox.content_hash());
    sandbox.done(&format!("{EXPORT} --out whole"));
    assert_eq!(manifest(&sandbox.path().join("out")), manifest(&sandbox.path().join("whole")));
}

#[test]
fn an_export_does_not_go_on_in_another_world() {
    let sandbox = Sandbox::new();
    sandbox.done(STORED);
    let stopped = stop_after_a_part(&sandbox, &format!("{EXPORT} --out out"), "INT");
    assert_eq!(stopped.code, Some(130), "{stopped:?}");
    let server = sandbox.serve("");
    let order = serde_json::json!({
        "from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 1.00
    });
    server.ordered("/transfers", &server.token("user1"), &order);
    drop(server);
    let refused = sandbox.run(&format!("{EXPORT} --resume --out out"));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("the world was changed while the export was stopped"));
    sandbox.done("evolve --days 1");
    let refused = sandbox.run(&format!("{EXPORT} --resume --out out"));
    assert!(refused.stderr.contains("holds another export"), "{refused:?}");
}

/// Rows of a table in JSON lines.
fn rows(folder: &Path, table: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for file in fs::read_dir(folder.join(table)).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    rows
}

#[test]
fn every_day_of_every_preset_is_settled_to_zero() {
    let sandbox = Sandbox::new();
    for preset in PRESETS {
        let world = format!("--preset {preset} --users 60 --days 70 --users-per-part 25");
        sandbox.done(&format!("generate {world} --format jsonl --out {preset}"));
        let folder = sandbox.path().join(preset);
        let mut days: BTreeMap<String, f64> = BTreeMap::new();
        let mut settled = 0;
        for row in rows(&folder, "transactions") {
            let day = row["posted_at"].as_str().unwrap()[..10].to_owned();
            *days.entry(day).or_default() += row["amount"].as_f64().unwrap();
            settled += i64::from(["HUB", "BANK"].contains(&row["contra_type"].as_str().unwrap()));
        }
        for row in rows(&folder, "settlements") {
            let day = row["settled_on"].as_str().unwrap().to_owned();
            let net = row["credit"].as_f64().unwrap() - row["debit"].as_f64().unwrap();
            *days.entry(day).or_default() += net;
            settled -= row["transactions"].as_i64().unwrap();
        }
        assert_eq!(days.len(), 70, "{preset}");
        // Half a cent is far above the error of the floats.
        assert!(days.values().all(|sum| sum.abs() < 0.005), "{preset}: {days:?}");
        assert_eq!(settled, 0, "{preset}");
    }
}

#[test]
fn statements_lead_from_one_balance_to_the_next() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 3 --days 75");
    let balances = |month: &str| {
        let text =
            sandbox.done(&format!("statement --format camt053 --account acc_2 --month {month}"));
        let amounts: Vec<String> = text
            .split("<Bal>")
            .skip(1)
            .map(|balance| {
                let amount = balance.split("<Amt Ccy=\"USD\">").nth(1).unwrap();
                amount.split('<').next().unwrap().to_owned()
            })
            .collect();
        (amounts[0].clone(), amounts[1].clone())
    };
    let (january, february) = (balances("2025-01"), balances("2025-02"));
    assert_eq!(january.1, february.0);
    let account = &sandbox.json("stats")["balances"][1];
    assert_eq!(account["account_id"], "acc_2");
    assert_eq!(balances("2025-03").1, account["balance"].to_string());
    for of in ["--account acc_1", "--card card_1"] {
        let text = sandbox.done(&format!("statement --format ofx {of} --month 2025-02"));
        assert!(text.contains("<STMTTRN>") && text.trim_end().ends_with("</OFX>"), "{text}");
        let file = format!("statement --format ofx {of} --month 2025-02 --out statement.ofx");
        assert_eq!(sandbox.done(&file), "");
        assert_eq!(fs::read_to_string(sandbox.path().join("statement.ofx")).unwrap(), text);
    }
}

#[test]
fn the_dictionary_explains_every_column() {
    let sandbox = Sandbox::new();
    let text = sandbox.done("generate --describe");
    assert!(text.starts_with("# Data dictionary") && text.contains("| opening_balance |"));
    assert_eq!(sandbox.done("export --describe"), text);
    assert_eq!(sandbox.json("generate --describe")[4]["name"], "transactions");
}
