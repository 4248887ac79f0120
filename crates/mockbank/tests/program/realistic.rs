//! The preset `realistic` through the whole program: customers with several accounts and cards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use crate::harness::Sandbox;

const WORLD: &str = "--preset realistic --users 200 --days 60 --seed 5";

fn hash(figures: &Value) -> &str {
    figures["content_hash"].as_str().unwrap()
}

#[test]
fn the_help_names_every_preset() {
    let sandbox = Sandbox::new();
    for help in ["--help", "init --help"] {
        let text = sandbox.done(help);
        for preset in mockbank_sim::Preset::builtin_names() {
            assert!(text.contains(preset), "{help}: {preset}");
        }
    }
}

#[test]
fn steps_and_files_and_the_database_hold_the_same_world() {
    let sandbox = Sandbox::new();
    let (whole, stepped) = ("--data whole", "--data stepped");
    for data in [whole, stepped] {
        sandbox.done(&format!("init --preset realistic --users 200 --days 30 --seed 5 {data}"));
    }
    sandbox.done(&format!("evolve --days 30 {whole}"));
    for _ in 0..30 {
        sandbox.done(&format!("evolve --days 1 {stepped}"));
    }
    let stats = |data: &str| sandbox.json(&format!("stats --rows 1 --content-hash {data}"));
    assert_eq!(stats(whole), stats(stepped));
    sandbox.done(&format!("verify {stepped}"));
    let stored = stats(whole);
    assert!(stored["accounts"].as_u64() > Some(300), "{stored}");

    // However the files are cut, each customer's rows are in one part.
    let files = "--format csv --users-per-part 30";
    let exported = sandbox.json(&format!("export {files} --out e {whole}"));
    let generated = sandbox.json(&format!("generate {WORLD} {files} --out g"));
    assert_eq!(hash(&exported), hash(&stored));
    assert_eq!(hash(&generated), hash(&stored));
    let parts = |of: &str| -> Vec<Value> {
        let text = fs::read_to_string(sandbox.path().join(of).join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        manifest["parts"].as_array().unwrap().iter().map(|part| part["totals"].clone()).collect()
    };
    assert_eq!(parts("e"), parts("g"));
}

/// The rows of a table of an export in CSV, each by its account and sequence.
fn keyed(sandbox: &Sandbox, out: &str, table: &str) -> BTreeMap<(String, String), Vec<String>> {
    let path = sandbox.path().join(format!("{out}/{table}/part-00000-of-00001.csv"));
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        ((cells[0].clone(), cells[1].clone()), cells)
    });
    let rows: Vec<_> = rows.collect();
    let keys: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(keys.len(), rows.len(), "a key of {table} comes twice");
    keys
}

#[test]
fn labels_join_with_transactions_and_alerts_see_some_of_them() {
    let sandbox = Sandbox::new();
    let world = "--preset realistic --users 1500 --days 120";
    let figures = sandbox.json(&format!("generate {world} --format csv --out out"));
    let [transactions, labels, alerts] =
        ["transactions", "labels", "alerts"].map(|table| keyed(&sandbox, "out", table));
    assert_eq!(figures["rows"]["labels"], labels.len());
    assert_eq!(figures["rows"]["alerts"], alerts.len());
    let typologies: BTreeSet<&String> = labels.values().map(|row| &row[3]).collect();
    assert!(typologies.len() >= 5, "{typologies:?}");
    assert!(labels.keys().chain(alerts.keys()).all(|key| transactions.contains_key(key)));
    // The bank misses crimes, and suspects honest customers.
    let seen = labels.keys().filter(|key| alerts.contains_key(*key)).count();
    assert!(seen > 0 && seen < labels.len(), "{seen} of {}", labels.len());
    assert!(alerts.len() > seen);
    for row in alerts.values() {
        assert!(row[2] <= row[3], "decided before it was noticed: {row:?}");
        let honest = !labels.contains_key(&(row[0].clone(), row[1].clone()));
        assert!(!honest || row[4] == "false", "{row:?}");
    }
}

#[test]
fn a_stored_world_is_labelled_as_it_would_be_generated() {
    let sandbox = Sandbox::new();
    let world = "--preset realistic --users 900 --seed 3";
    sandbox.done(&format!("init {world} --days 50"));
    sandbox.done("evolve --days 20");
    sandbox.done(&format!("generate {world} --days 70 --format csv --out generated"));
    let figures = sandbox.json("export --format csv --out exported");
    for table in ["labels", "alerts"] {
        let exported = keyed(&sandbox, "exported", table);
        assert_eq!(exported, keyed(&sandbox, "generated", table));
        assert_eq!(figures["rows"][table], exported.len());
        assert!(exported.len() > 20, "{table}: {}", exported.len());
    }
    // However it is cut. (Settlements are summed up in each part.)
    let cut = sandbox.json("export --format csv --users-per-part 70 --out cut");
    for table in ["labels", "alerts", "transactions"] {
        assert_eq!(cut["rows"][table], figures["rows"][table]);
    }
    assert_eq!(cut["settled_minor"], figures["settled_minor"]);
}

#[test]
fn worlds_without_crime_have_no_labels() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    for command in ["generate", "export"] {
        let figures = sandbox.json(&format!("{command} --format csv --out {command}"));
        assert!(figures["rows"].get("labels").is_none(), "{figures}");
        assert!(!sandbox.path().join(command).join("labels").exists());
    }
}

#[test]
fn what_is_opened_at_the_counter_has_numbers_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.done("init --preset realistic --users 40 --days 20");
    let numbers = |stats: &Value| -> BTreeSet<String> {
        let lines = stats["balances"].as_array().unwrap();
        lines.iter().map(|line| line["account_id"].as_str().unwrap().to_owned()).collect()
    };
    let before = numbers(&sandbox.json("stats --rows 0"));
    let server = sandbox.serve("--no-rate-limit");
    let admin = server.admin_token();
    let user = json!({ "username": "ada", "password": "correct horse", "first_name": "Ada",
        "last_name": "Lindqvist", "email": "ada@example.org", "city": "Boston" });
    assert_eq!(server.post("/users", &user).json()["user_id"], "u_41");
    let login = json!({ "username": "ada", "password": "correct horse" });
    let login = server.post("/login", &login).json();
    let tokens = [login["token"].as_str().unwrap().to_owned(), server.token("user7")];
    for (user, token) in ["u_41", "u_7"].iter().zip(&tokens) {
        let path = format!("/users/{user}/accounts");
        let account = server.ordered(&path, token, &json!({ "type": "CHECKING" }));
        let id = account["account_id"].as_str().unwrap();
        assert!(!before.contains(id), "{id}");
        let gift = json!({ "account_id": id, "amount": 5000 });
        server.ordered("/admin/transactions", admin, &gift);
    }
    let job = server.ordered("/admin/clock/advance", admin, &json!({ "days": 40 }));
    assert!(server.finished(&job, admin)["transactions"].as_u64().unwrap() > 0);
    let page = server.found("/accounts/acc_7/transactions", &tokens[1]);
    assert!(page["meta"]["total_items"].as_u64().unwrap() > 0);
    drop(server);
    sandbox.done("verify");
    assert_eq!(numbers(&sandbox.json("stats --rows 0")).len(), before.len() + 2);
}

#[test]
fn the_report_measures_the_stored_world_and_needs_nothing_from_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.done("init --preset realistic --users 300 --days 365 --data real");
    sandbox.done("init --users 100 --days 365 --data classic");
    let (real, classic) =
        (sandbox.json("report --data real"), sandbox.json("report --data classic"));
    let within = |report: &Value| report["within"].as_u64().unwrap();
    // The one is calibrated, the other never was.
    assert!(within(&real) >= 20, "{real}");
    assert!(within(&classic) < 10, "{classic}");
    assert_eq!(real["ledger"]["balanced"], true);
    assert!(!real["crime"].as_array().unwrap().is_empty());
    assert!(classic["crime"].is_null());
    for finding in
        real["findings"].as_array().unwrap().iter().chain(classic["findings"].as_array().unwrap())
    {
        let Some(measured) = finding["measured"].as_f64() else {
            assert_eq!(finding["verdict"], "not_measurable");
            continue;
        };
        let far = (measured - finding["published"].as_f64().unwrap()).abs();
        let near = far <= finding["tolerance"].as_f64().unwrap();
        assert_eq!(finding["verdict"], if near { "within" } else { "outside" }, "{finding}");
    }
    sandbox.done("report --data real --out page.html");
    let page = fs::read_to_string(sandbox.path().join("page.html")).unwrap();
    for outside in ["http:", "https:", "url(", "@import", "<script", "<link", " src="] {
        assert!(!page.contains(outside), "{outside}");
    }
}
