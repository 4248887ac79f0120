//! Two worlds line by line.

use serde_json::Value;

use crate::harness::{Printed, Sandbox};

const README: &str = include_str!("../../../../README.md");
const CUT: &str = "[[scenarios]]\nname = \"Pay cut\"\nfrom = \"2025-03-01\"\nchange = \"wages\"\n\
                   factor = 0.9\nindustry = \"Manufacturing\"\n";
const WITH_CUT: &str = "compare --preset realistic --users 40 --days 90 --change cut.toml";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path().join("cut.toml"), CUT).unwrap();
    sandbox
}

/// What a command printed whose worlds differ.
fn differs(sandbox: &Sandbox, arguments: &str) -> String {
    let Printed { stdout, stderr, code } = sandbox.run(arguments);
    assert_eq!((code, stderr.as_str()), (Some(1), ""), "{arguments}");
    stdout
}

#[test]
fn a_cut_of_wages_changes_wages_and_what_follows() {
    let sandbox = sandbox();
    let table = differs(&sandbox, &format!("{WITH_CUT} --limit 4"));
    let begin: Vec<&str> = table.lines().take(21).collect();
    assert!(README.contains(&begin.join("\n")), "README.md does not show:\n{table}");
    assert!(README.contains(CUT) && README.contains(WITH_CUT));
    insta::assert_snapshot!(table);
    insta::assert_snapshot!(differs(&sandbox, &format!("{WITH_CUT} --limit 2 --format csv")));
}

#[test]
fn every_form_shows_the_same_lines() {
    let sandbox = sandbox();
    let csv = differs(&sandbox, &format!("{WITH_CUT} --format csv"));
    let json: Value =
        serde_json::from_str(&differs(&sandbox, &format!("{WITH_CUT} --format json"))).unwrap();
    let table = differs(&sandbox, &format!("{WITH_CUT} --limit 0"));
    let (lines, total) = (json["lines"].as_array().unwrap(), &json["summary"]["total"]);
    let count = |change: &str| lines.iter().filter(|line| line["change"] == change).count();
    for change in ["added", "removed", "changed"] {
        assert_eq!(total[change], count(change), "{change}");
    }
    assert_eq!(csv.lines().count(), 1 + lines.len() + count("changed"));
    let signed = |line: &&str| line.starts_with(['<', '>', '+', '-']);
    assert_eq!(table.lines().skip(2).filter(signed).count() + 1, csv.lines().count());
    assert_eq!(json["summary"]["first_day"], "2025-03-05");
    let account = lines[0]["account_id"].as_str().unwrap();
    let alone = differs(&sandbox, &format!("{WITH_CUT} --format json --account {account}"));
    let alone: Value = serde_json::from_str(&alone).unwrap();
    assert!(alone["lines"].as_array().unwrap().iter().all(|line| line["account_id"] == account));
}

#[test]
fn stored_worlds_are_compared_by_their_folders() {
    let sandbox = Sandbox::new();
    for (data, more) in [("a", ""), ("b", ""), ("c", "--seed 2")] {
        sandbox.done(&format!("init --users 8 --days 30 --data {data} {more}"));
    }
    let same = sandbox.done("compare a b");
    assert!(same.contains("The worlds are the same: "), "{same}");
    sandbox.done("evolve --days 3 --data b");
    let longer = differs(&sandbox, "compare a b --format json");
    let longer: Value = serde_json::from_str(&longer).unwrap();
    assert!(longer["summary"]["total"]["added"].as_u64() > Some(0));
    assert_eq!(longer["summary"]["total"]["removed"], 0);
    assert_eq!(longer["summary"]["first_day"], "2025-01-31");
    let other = differs(&sandbox, "compare a c --format json");
    let other: Value = serde_json::from_str(&other).unwrap();
    assert_eq!(other["summary"]["differing_users"], 8);
}

#[test]
fn what_cannot_be_compared_is_neither_same_nor_different() {
    let sandbox = sandbox();
    sandbox.done("init --users 1 --data a");
    for (arguments, told) in [
        ("compare a nowhere", "nowhere"),
        ("compare --change nowhere.toml", "cannot read nowhere.toml"),
        ("compare --change crime.enabeld=true --preset realistic", "enabled"),
        ("compare a", "<B>"),
        ("compare", "A|--change"),
        ("compare a a --change cut.toml", "cannot be used with"),
    ] {
        let printed = sandbox.run(arguments);
        assert_eq!(printed.code, Some(2), "{arguments}: {printed:?}");
        assert!(printed.stderr.contains(told), "{arguments}: {}", printed.stderr);
    }
}

#[test]
fn an_account_that_neither_world_has_is_no_sameness() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 2 --days 3");
    sandbox.done("compare mock_data mock_data --account acc_2");
    let unchanged = "compare --users 2 --days 3 --change payroll.hour=6";
    sandbox.done(&format!("{unchanged} --account acc_2"));
    for compare in ["compare mock_data mock_data", unchanged] {
        let refused = sandbox.run(&format!("{compare} --account acc_3"));
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert_eq!(refused.stderr, "error: there is no account acc_3 in either world\n");
    }
}
