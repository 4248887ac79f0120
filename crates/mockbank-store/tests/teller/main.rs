//! The teller keeps what it promises: every answer is the one that a naive second model gives,
//! and each command is carried out once, whatever races, repeats or fails.

mod backup;
mod bank;
mod crash;
mod faults;
mod harness;
mod model;
mod races;
mod story;
mod world;

use harness::Bank;
use mockbank_store::sqlite::SqliteTeller;
use mockbank_store::{StoreError, TellerSettings};

/// Tests that every database has to pass.
macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => {
        $(#[test]
        fn $case() {
            $module::$case();
        })*
    };
}

cases! {
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

#[test]
#[ignore = "needs a minute: a hundred thousand transfers"]
fn a_hundred_thousand_transfers_between_two_accounts_are_made_once_each() {
    bank::a_hundred_thousand_transfers_between_two_accounts_are_made_once_each();
}

#[test]
fn one_process_writes_at_a_time() {
    let bank = Bank::new(1, TellerSettings::default());
    let second = SqliteTeller::open(bank.folder.path(), TellerSettings::default());
    assert!(matches!(second, Err(StoreError::Busy { .. })));
}
