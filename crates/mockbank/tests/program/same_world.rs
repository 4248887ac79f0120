//! The same seed makes the same world, however it is made.

use crate::harness::Sandbox;

fn world(init: &str, evolve: &[&str]) -> String {
    let sandbox = Sandbox::new();
    sandbox.done(&format!("init --users 40 {init}"));
    for step in evolve {
        sandbox.done(&format!("evolve {step}"));
    }
    sandbox.content_hash()
}

#[test]
fn with_any_number_of_threads() {
    let one = world("--days 60 --threads 1", &["--days 10 --threads 1"]);
    assert_eq!(one, world("--days 60 --threads 7", &["--days 10 --threads 3"]));
    assert_ne!(one, world("--days 60 --seed 2", &["--days 10"]));
}

#[test]
fn in_one_step_or_in_many() {
    let at_once = world("--days 40", &[]);
    assert_eq!(at_once, world("--days 30", &["--days 10"]));
    assert_eq!(at_once, world("--days 30", &["--days 1"; 10]));
    assert_eq!(at_once, world("--days 30", &["--hours 5", "--hours 43", "--days 8"]));
}

#[test]
fn customers_do_not_depend_on_how_many_there_are() {
    let (small, large) = (Sandbox::new(), Sandbox::new());
    small.done("init --users 3 --days 60");
    large.done("init --users 30 --days 60");
    let first = |sandbox: &Sandbox| sandbox.json("stats --rows 3")["balances"].clone();
    assert_eq!(first(&small), first(&large));
}
