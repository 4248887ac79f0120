//! The commands over a database server.

use serde_json::{Value, json};

use crate::harness::{Sandbox, printed};
use crate::throwaway::Server;

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn the_same_commands_make_the_same_world_in_a_database() {
    let database = Server::start();
    let url = database.database();
    let (here, there) = (Sandbox::new(), Sandbox::new());
    let in_database = |command: &str| format!("{command} --database {url}");
    there.done(&in_database("init --users 20 --days 30"));
    there.done(&in_database("evolve --days 5"));
    here.done("init --users 20 --days 30");
    here.done("evolve --days 5");
    let stats = there.json(&in_database("stats --rows 1 --content-hash"));
    assert_eq!(stats["content_hash"], json!(here.content_hash()));
    assert_eq!(there.json(&in_database("verify"))["holds"], json!(true));
    assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 0);

    let again = there.run(&in_database("init"));
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("there is a world in postgres://"), "{}", again.stderr);
    there.done(&in_database("init --force --users 3"));
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn what_is_read_of_a_database_is_what_is_read_of_a_folder() {
    let database = Server::start();
    let url = database.database();
    let sandbox = Sandbox::new();
    for place in ["--data here".to_owned(), format!("--database {url}")] {
        sandbox.done(&format!("init --preset realistic --users 60 --days 70 {place}"));
        sandbox.done(&format!("evolve --days 20 {place}"));
    }
    let compared = sandbox.done(&format!("compare here {url}"));
    assert!(compared.contains("The worlds are the same: "), "{compared}");
    let both = |command: &str| {
        let [here, there] = ["--data here".to_owned(), format!("--database {url}")]
            .map(|place| sandbox.done(&format!("{command} {place}")));
        assert_eq!(here, there, "{command}");
        here
    };
    let report: Value = serde_json::from_str(&both("report --json")).unwrap();
    assert_eq!(report["ledger"]["balanced"], true);
    for of in ["--account acc_7 --format ofx", "--account acc_7 --format camt053"] {
        assert!(both(&format!("statement --month 2025-02 {of}")).contains("2025"));
    }
    for (place, out) in [("--data here".to_owned(), "e"), (format!("--database {url}"), "d")] {
        sandbox.done(&format!("export --format csv --out {out} {place}"));
    }
    for table in ["users", "accounts", "cards", "merchants", "transactions", "labels", "alerts"] {
        let [here, there] = ["e", "d"].map(|out| {
            let file = format!("{out}/{table}/part-00000-of-00001.csv");
            std::fs::read_to_string(sandbox.path().join(file)).unwrap()
        });
        assert!(here == there, "{table}");
    }
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_world_in_a_database_is_served_and_found_again_after_a_restart() {
    let database = Server::start();
    let sandbox = Sandbox::new();
    let served = format!("--no-rate-limit --database {}", database.database());
    let server = sandbox.serve(&served);
    let token = server.token("user1");
    let page = "/accounts/acc_1/transactions?limit=3";
    let before = server.found(page, &token);
    assert_eq!(before["transactions"].as_array().unwrap().len(), 3);
    database.stop();
    assert!(server.get(page, &token).status >= 500);
    assert_eq!(server.send("GET", "/health", &[], &[]).status, 503);
    database.run();
    assert_eq!(server.found(page, &token), before);
    assert_eq!(server.send("GET", "/health", &[], &[]).status, 200);
    let order = json!({ "from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 0.01 });
    server.ordered("/transfers", &token, &order);

    // Another process has the same secrets, and only the first has shown the admin token.
    let other = sandbox.serve(&served);
    assert_eq!(other.found(page, &token), server.found(page, &token));
    assert!(!other.greeting.contains("admin token"), "{}", other.greeting);
    other.found("/admin/world", server.admin_token());
    let reader = sandbox.serve(&format!("--read-only {served}"));
    assert_eq!(reader.order("/transfers", &token, None, &order).unwrap().status, 503);
}

#[test]
fn a_backup_of_a_database_is_left_to_its_own_tools() {
    let sandbox = Sandbox::new();
    for command in ["backup copy.db", "restore copy.db"] {
        let refused = sandbox.run(&format!("{command} --database postgres://nowhere/bank"));
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains("works on a data folder"), "{}", refused.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_database_that_can_not_be_used_is_named_without_its_password() {
    let sandbox = Sandbox::new();
    let wrong = sandbox.run("stats --database mysql://me:secret@nowhere/bank");
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("the address of the database is wrong"), "{}", wrong.stderr);
    let database = Server::start();
    let empty = sandbox.run(&format!("stats --database {}", database.database()));
    assert!(empty.stderr.contains("there is no world in postgres://"), "{}", empty.stderr);
    for printed in [wrong, empty] {
        assert!(!printed.stderr.contains("secret"), "{}", printed.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn servers_over_one_database_count_together_and_alone_without_it() {
    let database = Server::start();
    let sandbox = Sandbox::new();
    let url = database.database();
    let serve = || sandbox.serve(&format!("--database {url}"));
    let servers = [serve(), serve()];
    let wrong = json!({ "username": "user1", "password": "wrong" });
    let log_in = |number: usize| servers[number % 2].post("/login", &wrong);
    for number in 0..5 {
        assert_eq!(log_in(number).status, 401);
    }
    for number in 0..2 {
        let refused = log_in(number);
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(refused.header("retry-after").is_some());
        assert!(refused.header("ratelimit").unwrap().starts_with("\"login\";r=0;"));
    }
    database.stop();
    // Without their database they cannot check a password, but they still count.
    let mut alone = 0;
    while log_in(0).status != 429 {
        alone += 1;
    }
    assert_eq!(alone, 5);
    database.run();
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn an_encrypted_connection_is_made_only_to_a_server_that_is_trusted() {
    let database = Server::start_encrypted();
    let url = database.by_network(&database.database()) + "?sslmode=require";
    let sandbox = Sandbox::new();
    let stats = |roots: &str| {
        let mut command = sandbox.command(&format!("stats --database {url}"));
        printed(command.env("SSL_CERT_FILE", roots))
    };
    let certificate = database.certificate();
    let mut init = sandbox.command(&format!("init --users 2 --days 3 --database {url}"));
    let made = printed(init.env("SSL_CERT_FILE", &certificate));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let trusted = stats(&certificate);
    assert_eq!(trusted.code, Some(0), "{}", trusted.stderr);
    let strangers = stats("/etc/ssl/certs/ca-certificates.crt");
    assert_eq!(strangers.code, Some(1));
    assert!(strangers.stderr.contains("certificate"), "{}", strangers.stderr);
    let plain = sandbox.run(&format!("stats --database {}", url.replace("require", "disable")));
    assert_eq!(plain.code, Some(1), "the server takes encrypted connections only");
}
