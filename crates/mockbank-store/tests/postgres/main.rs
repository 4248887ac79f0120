//! The suite of every store over `PostgreSQL`, and what only a server can do.
//!
//! A binary of its own: starting a server forks, and a fork holds the lock files of other tests
//! for a moment.

#[path = "../teller/bank.rs"]
mod bank;
mod counter;
#[path = "../conformance/directory.rs"]
mod directory;
#[path = "../conformance/expected.rs"]
mod expected;
#[path = "../teller/faults.rs"]
mod faults;
mod harness;
mod holds;
#[path = "../conformance/jobs.rs"]
mod jobs;
#[path = "../teller/model.rs"]
mod model;
mod place;
mod plan;
#[path = "../teller/races.rs"]
mod races;
mod rates;
#[path = "../conformance/reads.rs"]
mod reads;
#[path = "../conformance/sample.rs"]
mod sample;
#[path = "../teller/story.rs"]
mod story;
#[path = "../conformance/teller/mod.rs"]
mod teller;
mod tellers;
#[path = "../throwaway/mod.rs"]
mod throwaway;
#[path = "../teller/world.rs"]
#[allow(dead_code, reason = "worlds in folders are others' business")]
mod world;
#[path = "../conformance/writes.rs"]
mod writes;

use mockbank_store::IfPresent;
use mockbank_store::postgres::PostgresStore;
use sample::Sample;
use throwaway::Server;

/// Tests that every database has to pass.
macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => {
        $(#[test]
        #[ignore = "needs PostgreSQL's server programs"]
        fn $case() {
            let _server = harness::server();
            $module::$case();
        })*
    };
}

cases! {
    bank::a_hundred_thousand_transfers_between_two_accounts_are_made_once_each,
    bank::balances_read_at_any_moment_add_up,
    faults::a_failed_commit_takes_its_whole_group_with_it,
    faults::a_failed_group_is_taken_back_and_the_next_goes_on,
    faults::a_full_line_turns_away_and_loses_nothing_that_waits,
    faults::acts_stand_in_the_audit_log,
    faults::holds_expire_when_the_clock_passes,
    races::a_hold_is_resolved_once,
    races::a_key_is_good_for_one_request_and_one_owner_and_for_a_day,
    races::duplicates_have_one_effect_and_the_same_answer,
    races::forgotten_keys_are_deleted,
    races::the_last_money_is_spent_once,
    races::what_is_rendered_is_what_was_done,
    story::the_bank_and_the_model_agree,
}

/// Makes a world without customers.
async fn empty_world(url: &str) {
    let world = Sample::new(3).world;
    let building = PostgresStore::build(url, &world, IfPresent::Refuse).await.unwrap();
    building.finish().unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn postgres_keeps_and_finds() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    if let Err(wrong) = writes::story(&mut writer, &store).await {
        panic!("{wrong}");
    }
}
