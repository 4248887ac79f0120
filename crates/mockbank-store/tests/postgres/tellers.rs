//! Several tellers at one world, and tellers that lose their connection.

use std::collections::BTreeSet;
use std::thread;

use mockbank_bank::command::{Command, NewUser};
use mockbank_bank::{AccountKind, Currency, UserId};
use mockbank_store::TellerSettings;
use mockbank_store::postgres::{PostgresStore, PostgresTeller};
use mockbank_store::{Answer, IfPresent, JobState, Store as _, StoreError, Teller as _};

use crate::harness::{self, Bank, transfer, wait};
use crate::jobs;
use crate::world::{self, OPENING, request};

const CLIENTS: usize = 16;

/// Commands of all clients.
const COMMANDS: i64 = 16;

fn another_teller(bank: &Bank) -> PostgresTeller {
    wait(PostgresTeller::open(&bank.url, TellerSettings::default())).unwrap()
}

/// Gives commands to two tellers at once, every second one to the other.
fn at_both(
    bank: &Bank,
    command: impl Fn(usize) -> (Command, Option<String>) + Sync,
) -> Vec<Answer> {
    let other = another_teller(bank);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let teller = if client % 2 == 0 { &bank.teller } else { &other };
                let (command, key) = command(client);
                let request = request(command, key.as_deref());
                scope.spawn(|| teller.execute_blocking(request).unwrap())
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_repetition_at_another_teller_has_no_effect_also_where_no_account_is_locked() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    for round in 0..6 {
        let user = Command::RegisterUser(NewUser {
            username: format!("new{round}"),
            password_hash: "$own".to_owned(),
            first_name: "Ann".to_owned(),
            last_name: "Lee".to_owned(),
            email: String::new(),
            city: "Online".to_owned(),
        });
        let key = format!("register {round}");
        let answers = at_both(&bank, |_| (user.clone(), Some(key.clone())));
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.reply == answers[0].reply));
        // Without a key, the name alone decides.
        let refused = at_both(&bank, |_| (user.clone(), None));
        assert!(refused.iter().all(|answer| answer.reply.body == b"username_taken"));
    }
    assert_eq!(bank.count("SELECT count(*) FROM customer"), 8);
    assert_eq!(wait(bank.store.world()).unwrap().counts.users, 8);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn two_tellers_spend_the_last_money_once_and_give_numbers_out_once() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    let answers = at_both(&bank, |_| (transfer(1, 2, OPENING), None));
    assert_eq!(answers.iter().filter(|answer| answer.reply.status == 201).count(), 1);
    assert_eq!((bank.balance(1), bank.balance(2)), (0, 2 * OPENING));

    let open = Command::OpenAccount {
        user: UserId::new(1),
        kind: AccountKind::Savings,
        currency: Currency::USD,
    };
    at_both(&bank, |_| (open.clone(), None));
    assert_eq!(bank.count("SELECT max(number) FROM account"), 2 + COMMANDS);
    assert_eq!(bank.count("SELECT count(*) FROM account"), 2 + COMMANDS);

    // Each new text has one number, and the numbers have no gaps.
    let answers = at_both(&bank, |client| {
        let mut order = harness::order(2, 1, 1);
        order.description = Some(format!("text {}", client % 4));
        (Command::Transfer(order), None)
    });
    assert!(answers.iter().all(|answer| answer.reply.status == 201));
    let texts = wait(bank.store.snapshot()).unwrap().descriptions().unwrap();
    let own: Vec<_> = texts.iter().filter(|text| text.starts_with("text ")).collect();
    assert_eq!((own.len(), own.iter().collect::<BTreeSet<_>>().len()), (4, 4));
    let groups = "SELECT count(DISTINCT transfer_group) FROM posting";
    assert_eq!(bank.count(groups), 1 + COMMANDS);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_lost_connection_is_made_anew_and_a_group_whose_commit_was_lost_is_carried_out_once() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    bank.give(transfer(1, 2, 1), None).unwrap();
    bank.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    bank.give(transfer(1, 2, 10), None).unwrap();

    // The session dies within the commit, twice, so that nobody hears what came of it.
    bank.run(
        "CREATE SEQUENCE deaths;
         CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('deaths') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER die AFTER INSERT ON seal DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION die()",
    );
    let answer = bank.give(transfer(1, 2, 100), None).unwrap();
    assert_eq!((answer.reply.status, answer.replayed), (201, false));
    assert_eq!(bank.count("SELECT last_value FROM deaths"), 3);
    assert_eq!((bank.balance(1), bank.balance(2)), (OPENING - 111, OPENING + 111));
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_teller_goes_on_after_others_have_deleted_its_row_and_appended_to_the_chain() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    let other = another_teller(&bank);
    let elsewhere = || other.execute_blocking(request(transfer(2, 1, 10), None)).unwrap();
    for _ in 0..3 {
        bank.give(transfer(1, 2, 1), None).unwrap();
        elsewhere();
    }
    bank.run("DELETE FROM teller");
    bank.give(transfer(1, 2, 1), None).unwrap();
    assert_eq!(bank.count("SELECT count(*) FROM teller"), 1);
    assert_eq!(bank.balance(1), OPENING - 4 + 30);
    assert_eq!(bank.count("SELECT count(*) FROM seal WHERE number BETWEEN 1 AND 7"), 7);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn a_group_of_which_a_row_is_not_written_is_refused_by_the_server_itself() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    // The second one relies on the end of the chain, and sends its commit behind its rows at once.
    bank.give(transfer(1, 2, 1), None).unwrap();
    let before = bank.dump();
    for table in ["account", "counts"] {
        bank.run(&format!(
            "CREATE OR REPLACE FUNCTION pass_over() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RETURN NULL; END $$;
             CREATE TRIGGER pass_over BEFORE UPDATE ON {table}
             FOR EACH ROW EXECUTE FUNCTION pass_over()"
        ));
        let refused = bank.give(transfer(1, 2, 1), None).unwrap_err().to_string();
        assert!(refused.contains("a row that was locked is gone"), "{refused}");
        assert_eq!(bank.dump(), before);
        bank.run(&format!("DROP TRIGGER pass_over ON {table}"));
    }
    bank.give(transfer(1, 2, 1), None).unwrap();
    assert_eq!(bank.balance(2), OPENING + 2);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn another_world_in_the_place_of_a_tellers_own_is_not_touched() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    bank.give(transfer(1, 2, 1), None).unwrap();
    let world = world::new_world();
    let building = PostgresStore::build(&bank.url, &world, IfPresent::Replace);
    let mut building = wait(building).unwrap();
    world::fill(&mut building, 2);
    building.finish().unwrap();
    let refused = bank.give(transfer(1, 2, 1), None).unwrap_err().to_string();
    assert!(refused.contains("another world"), "{refused}");
    assert_eq!(bank.count("SELECT count(*) FROM mockbank.posting"), 0);
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn the_right_to_let_time_pass_is_reserved_for_one_at_a_time() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    let other = another_teller(&bank);
    let reserved = wait(bank.teller.reserve_writer()).unwrap();
    bank.pass(60);
    let refused = wait(other.reserve_writer());
    assert!(matches!(refused, Err(StoreError::Busy { holder: Some(_), .. })), "{refused:?}");
    let refused = wait(other.with_writer(Box::new(|writer| drop(writer.begin()))));
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    // Commands need no such right.
    let answer = other.execute_blocking(request(transfer(1, 2, 1), None)).unwrap();
    assert_eq!(answer.reply.status, 201);
    drop(reserved);
    // The reservation's end stands in line before this.
    bank.pass(1);
    drop(wait(other.reserve_writer()).unwrap());
}

#[test]
#[ignore = "needs PostgreSQL's server programs"]
fn jobs_are_known_to_all_until_whoever_works_at_them_is_gone() {
    let _server = harness::server();
    let bank = Bank::new(2, TellerSettings::default());
    wait(jobs::story(&bank.teller, &bank.store)).unwrap();
    let other = another_teller(&bank);
    let begun = wait(other.begin_job(Box::new(|_| b"begun".to_vec()))).unwrap();
    let told = || wait(bank.store.job(begun.number())).unwrap().unwrap();
    assert_eq!((told().state, &*told().body), (JobState::Running, &b"begun"[..]));
    // As when its process is killed: the server learns of it by the end of the session.
    let sql = "SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
               WHERE locktype = 'advisory' AND objsubid = 2) killed";
    assert_eq!(bank.count(sql), 1);
    assert_eq!((told().state, &*told().body), (JobState::Interrupted, &b"begun"[..]));
    assert!(wait(begun.keep(b"late".to_vec(), true)).is_err());
}
