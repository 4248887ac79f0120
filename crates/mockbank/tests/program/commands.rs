//! What the commands print, and how they fail.

use crate::harness::{Printed, Sandbox};

/// What was printed, without what differs between two runs.
fn stable(sandbox: &Sandbox, printed: &Printed) -> String {
    let folder = sandbox.path().to_string_lossy().into_owned();
    let code = printed.code.map_or("none".to_owned(), |code| code.to_string());
    let stderr = if printed.stderr.is_empty() {
        String::new()
    } else {
        format!("-- stderr\n{}", printed.stderr)
    };
    format!("{}{stderr}-- exit code {code}\n", printed.stdout).replace(&folder, "FOLDER")
}

/// Runs the commands one after the other in one folder; the snapshot shows all that they print.
fn session(commands: &[&str]) -> String {
    let sandbox = Sandbox::new();
    let shown = commands.iter().map(|command| {
        format!("$ mockbank {command}\n{}", stable(&sandbox, &sandbox.run(command)))
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_world_from_init_to_verify() {
    insta::assert_snapshot!(session(&[
        "init",
        "stats --content-hash",
        "evolve --days 10",
        "evolve --hours 36",
        "stats --rows 2",
        "verify",
    ]));
}

#[test]
fn the_same_in_json() {
    insta::assert_snapshot!(session(&[
        "init --users 2 --days 15 --seed 7 --json",
        "evolve --days 1 --json",
        "stats --json",
        "verify --json",
    ]));
}

#[test]
fn mistakes_are_named_with_their_mend() {
    insta::assert_snapshot!(session(&[
        "stats",
        "evolve --days 1",
        "verify",
        "serve",
        "init --preset nonsense",
        "init --preset nowhere.toml",
        "init --start 2025-02-30",
        "init --users many",
        "init --days -1",
        "evolve",
        "evolve --days 1 --hours 1",
        "evolve --days 0",
        "--log nonsense=loud stats",
        "--threads 5000 stats",
        "--database nonsense stats",
        "--database postgres:// stats",
        "serve --listen localhost:5000",
        "up --token-secret short",
        "up --cors-origins nonsense",
        "up --card-limit-most 10",
        "unknown",
    ]));
}

#[test]
fn a_world_is_not_replaced_by_accident() {
    insta::assert_snapshot!(session(&[
        "init --users 1",
        "init --users 2",
        "init --users 3 --force"
    ]));
}

#[test]
fn help_tells_all() {
    insta::assert_snapshot!(session(&["", "evolve --help"]));
}

#[test]
fn a_preset_of_ones_own_is_read_and_its_mistakes_are_named() {
    let sandbox = Sandbox::new();
    let classic = include_str!("../../../../presets/classic.toml");
    let write = |text: &str| std::fs::write(sandbox.path().join("mine.toml"), text).unwrap();
    write(&classic.replace("name = \"classic\"", "name = \"mine\""));
    sandbox.done("init --preset mine.toml");
    assert_eq!(sandbox.json("stats")["preset"], "mine");
    sandbox.done("evolve --days 3");
    sandbox.done("verify");
    write(&classic.replace("home_city_probability", "home_city_chance"));
    let wrong = sandbox.run("init --force --preset mine.toml");
    assert_eq!(wrong.code, Some(2));
    insta::assert_snapshot!(wrong.stderr);
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path().join("mock_data")).unwrap();
    let file = sandbox.path().join("mock_data/mockbank.db");
    std::fs::write(&file, "somebody else's").unwrap();
    for command in ["stats", "evolve --days 1", "verify", "init --force"] {
        let refused = sandbox.run(command);
        assert_eq!(refused.code, Some(1), "{command}: {refused:?}");
        assert!(refused.stderr.contains("not written by Mock-Bank"), "{refused:?}");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), "somebody else's");
}

#[test]
fn a_file_in_place_of_a_folder_or_a_world_is_named() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 1 --days 1");
    std::fs::write(sandbox.path().join("file"), "text").unwrap();
    let backup = std::fs::read(sandbox.path().join("mock_data/mockbank.db")).unwrap();
    std::fs::write(sandbox.path().join("cut"), &backup[..backup.len() / 2]).unwrap();
    let refused = |command: &str| {
        let Printed { stderr, code, .. } = sandbox.run(command);
        assert_eq!(code, Some(1), "{command}: {stderr}");
        stderr
    };
    for command in ["init", "stats", "evolve --days 1", "up", "restore cut"] {
        let why = refused(&format!("--data file {command}"));
        let whose = if command == "restore cut" { "cut is damaged" } else { "file is no folder" };
        assert!(why.contains(whose), "{command}: {why}");
    }
    let why = refused("--data other restore gone");
    assert_eq!(why, "error: gone: No such file or directory (os error 2)\n");
    let why = refused("--data other restore .");
    assert!(why.contains(". was not written by Mock-Bank"), "{why}");
    let why = refused("backup nowhere/copy");
    assert_eq!(why, "error: nowhere/copy.partial: No such file or directory (os error 2)\n");
}

#[test]
fn up_says_where_the_bank_is_and_how_to_log_in() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("");
    let greeting = &server.greeting;
    assert!(greeting.contains("5 users"), "{greeting}");
    assert!(greeting.contains("/apidocs/"), "{greeting}");
    assert!(greeting.contains("log in as     user1, password password123"), "{greeting}");
    assert!(!server.token("user1").is_empty());
    assert!(!greeting.contains("already"), "{greeting}");
    drop(server);
    let server = sandbox.serve("--users 7");
    let greeting = &server.greeting;
    assert!(greeting.contains("a world in ./mock_data already"), "{greeting}");
    assert!(greeting.contains("5 users"), "{greeting}");
}

#[test]
fn mistakes_about_files_are_named_with_their_mend() {
    insta::assert_snapshot!(session(&[
        "generate",
        "generate --out a --users 0",
        "generate --out a --shard 3/2",
        "generate --out a --users-per-part 0",
        "generate --out a --format xls",
        "generate --out a --start 2149-06-01 --days 30",
        "generate --out a --users 3 --days 5",
        "generate --out a --users 3 --days 5",
        "generate --out a --users 4 --days 5 --resume",
        "generate --out a/manifest.json --users 3 --days 5",
        "export --out b",
        "init --users 3 --days 5",
        "export --out b --json",
        "export --out b",
        "statement --format ofx --month 2025-01",
        "statement --format ofx --month 2025-13 --account acc_1",
        "statement --format ofx --month 2026-01 --account acc_1",
        "statement --format ofx --month 2024-12 --account acc_1",
        "statement --format ofx --month 2025-01 --account acc_9",
    ]));
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../../../../README.md");
    let sandbox = Sandbox::new();
    let mut shown = vec![sandbox.done("init"), sandbox.content_hash()];
    let server = sandbox.serve("");
    let page = server.found("/accounts/acc_1/transactions?limit=2", &server.token("user1"));
    for row in page["transactions"].as_array().unwrap() {
        shown.push(row["transaction_id"].as_str().unwrap().to_owned());
    }
    drop(server);
    for command in ["evolve --days 10", "stats --rows 3", "verify"] {
        shown.push(format!("$ mockbank {command}\n{}", sandbox.done(command)));
    }
    for text in shown {
        assert!(readme.contains(text.trim_end()), "README.md does not show:\n{text}");
    }
}
