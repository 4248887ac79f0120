//! Settings: flag over environment over file over default, for every one of them.

use serde_json::Value;

use crate::harness::{Sandbox, printed};

/// A setting, and three values for it that are neither its default nor each other.
struct Case {
    name: &'static str,
    section: &'static str,
    values: [&'static str; 3],
}

const fn case(name: &'static str, section: &'static str, values: [&'static str; 3]) -> Case {
    Case { name, section, values }
}

const CASES: [Case; 32] = [
    case("data", "", ["a", "b", "c"]),
    case("threads", "", ["1", "2", "3"]),
    case("log", "", ["warn", "error", "debug"]),
    case("log-format", "", ["json", "json", "json"]),
    case("preset", "world", ["a.toml", "b.toml", "c.toml"]),
    case("users", "world", ["1", "2", "3"]),
    case("days", "world", ["1", "2", "3"]),
    case("start", "world", ["2024-01-01", "2024-01-02", "2024-01-03"]),
    case("seed", "world", ["7", "8", "9"]),
    case("listen", "server", ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]),
    case("limit-per-day", "server", ["1", "2", "3"]),
    case("limit-per-hour", "server", ["1", "2", "3"]),
    case("limit-logins-per-minute", "server", ["1", "2", "3"]),
    case("limit-transactions-per-minute", "server", ["1", "2", "3"]),
    case("cors-origins", "server", ["https://a.example", "https://b.example", "*"]),
    case("token-lifetime", "server", ["1", "2", "3"]),
    case("max-body", "server", ["1", "2", "3"]),
    case("head-timeout", "server", ["1", "2", "3"]),
    case("request-timeout", "server", ["1", "2", "3"]),
    case("max-concurrent-requests", "server", ["1", "2", "3"]),
    case("password-threads", "server", ["2", "3", "4"]),
    case("password-queue", "server", ["1", "2", "3"]),
    case("shutdown-grace", "server", ["1", "2", "3"]),
    case("overdraft-checking", "server", ["1", "2.50", "300"]),
    case("overdraft-savings", "server", ["1", "2.50", "300"]),
    case("card-limit-least", "server", ["1", "2.50", "300"]),
    case("card-limit-most", "server", ["6000", "7000.50", "8000"]),
    case("card-limit-default", "server", ["200", "300.50", "400"]),
    case("durability", "server", ["process", "process", "process"]),
    case("writer-queue", "server", ["1", "2", "3"]),
    case("reads-per-order", "server", ["0", "1", "2"]),
    case("key-lifetime", "server", ["1", "2", "3"]),
];

/// Switches have no value on the command line.
const SWITCHES: [&str; 4] =
    ["no-rate-limit", "local-rate-limits", "trust-forwarded-for", "read-only"];

/// Never shown, with the names of their variables.
const SECRETS: [(&str, &str); 2] =
    [("token-secret", "MOCKBANK_TOKEN_SECRET"), ("database", "MOCKBANK_DATABASE_URL")];

/// The other one.
const ADMIN_TOKEN: &str = "admin-token";

fn environment(name: &str) -> String {
    format!("MOCKBANK_{}", name.replace('-', "_").to_uppercase())
}

fn setting(sandbox: &Sandbox, name: &str, flag: &str, environment: &[(&str, &str)]) -> Value {
    let mut command = sandbox.command(&format!("settings --json {flag}"));
    let output = printed(command.envs(environment.iter().copied()));
    assert_eq!(output.code, Some(0), "{output:?}");
    let all: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    all.into_iter().find(|setting| setting["name"] == name).unwrap()
}

#[track_caller]
fn assert_setting(found: &Value, value: &str, source: &str) {
    assert_eq!((&found["value"], &found["source"]), (&value.into(), &source.into()));
}

fn write_file(sandbox: &Sandbox, section: &str, name: &str, value: &str) {
    let section = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
    let text = format!("{section}{} = {value}\n", name.replace('-', "_"));
    std::fs::write(sandbox.path().join("mockbank.toml"), text).unwrap();
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
    for Case { name, section, values: [file, env, flag] } in CASES {
        let sandbox = Sandbox::new();
        let default = setting(&sandbox, name, "", &[]);
        assert_eq!(default["source"], "default");
        assert_ne!(default["value"], flag, "{name}");
        write_file(&sandbox, section, name, &format!("\"{file}\""));
        assert_setting(&setting(&sandbox, name, "", &[]), file, "file");
        let variable = environment(name);
        let both = [(variable.as_str(), env)];
        assert_setting(&setting(&sandbox, name, "", &both), env, "environment");
        assert_setting(&setting(&sandbox, name, &format!("--{name} {flag}"), &both), flag, "flag");
    }
}

#[test]
fn switches_too() {
    for name in SWITCHES {
        let sandbox = Sandbox::new();
        assert_setting(&setting(&sandbox, name, "", &[]), "false", "default");
        write_file(&sandbox, "server", name, "true");
        assert_setting(&setting(&sandbox, name, "", &[]), "true", "file");
        let variable = environment(name);
        let off = [(variable.as_str(), "false")];
        assert_setting(&setting(&sandbox, name, "", &off), "false", "environment");
        assert_setting(&setting(&sandbox, name, &format!("--{name}"), &off), "true", "flag");
    }
}

#[test]
fn a_secret_is_never_shown() {
    let sandbox = Sandbox::new();
    let secret = "a-secret-of-at-least-thirty-two-bytes";
    for (name, variable) in SECRETS {
        let shown = setting(&sandbox, name, "", &[(variable, secret)]);
        assert_setting(&shown, "(set)", "environment");
        let help = printed(sandbox.command("serve --help").env(variable, secret));
        assert!(!help.stdout.contains(secret));
    }
    let shown = setting(&sandbox, ADMIN_TOKEN, "--admin-token mine", &[]);
    assert_setting(&shown, "(set)", "flag");
}

#[test]
fn every_setting_is_tested_and_stands_in_the_readme() {
    let listed = Sandbox::new().json("settings");
    let readme = include_str!("../../../../README.md");
    for setting in listed.as_array().unwrap() {
        let name = setting["name"].as_str().unwrap();
        let tested = CASES.iter().any(|case| case.name == name)
            || SWITCHES.contains(&name)
            || SECRETS.iter().any(|(secret, _)| *secret == name)
            || [ADMIN_TOKEN, "config"].contains(&name);
        assert!(tested, "{name}");
        let variable = setting["environment"].as_str().unwrap();
        assert!(readme.contains(&format!("`--{name}` | `{variable}`")), "{name}");
    }
}

#[test]
fn the_file_can_be_named_and_must_then_be_there() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path().join("mine.toml"), "data = 'elsewhere'\n").unwrap();
    let named = setting(&sandbox, "data", "--config mine.toml", &[]);
    assert_setting(&named, "elsewhere", "file");
    let by_environment = setting(&sandbox, "data", "", &[("MOCKBANK_CONFIG", "mine.toml")]);
    assert_setting(&by_environment, "elsewhere", "file");
    let missing = sandbox.run("--config nowhere.toml stats");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("nowhere.toml"), "{missing:?}");
}

#[test]
fn a_mistake_in_the_file_is_named_with_its_line() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path().join("mockbank.toml"), "[world]\nuser = 3\n").unwrap();
    let output = sandbox.run("stats");
    assert_eq!(output.code, Some(2));
    insta::assert_snapshot!(output.stderr);
}
