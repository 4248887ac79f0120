//! The commands over a database server.

use serde_json::json;

use crate::harness::Sandbox;
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
#[ignore = "needs PostgreSQL's server programs"]
fn a_database_that_can_not_be_used_is_named_without_its_password() {
    let sandbox = Sandbox::new();
    let wrong = sandbox.run("stats --database mysql://me:secret@nowhere/bank");
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("the address of the database is wrong"), "{}", wrong.stderr);
    let database = Server::start();
    let empty = sandbox.run(&format!("stats --database {}", database.database()));
    assert!(empty.stderr.contains("there is no world in postgres://"), "{}", empty.stderr);
    for printed in [wrong, empty] {
        assert!(!printed.stderr.contains("secret"), "{}", printed.stderr);
    }
}
