//! Many clients at once: each command has one effect, each hold one end.

use std::sync::Barrier;
use std::thread;

use mockbank_bank::command::{Command, Outcome};
use mockbank_bank::{AccountId, HoldId};
use mockbank_store::{Answer, Result, Store, StoreError, TellerSettings};

use crate::harness::{Bank, order, transfer, wait};
use crate::world::{OPENING, request};

const CLIENTS: usize = 16;

/// Gives a command from many threads at the same moment.
fn race(bank: &Bank, command: impl Fn(usize) -> (Command, Option<String>) + Sync) -> Vec<Answer> {
    let start = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (start, command) = (&start, &command);
                scope.spawn(move || {
                    let (command, key) = command(client);
                    start.wait();
                    bank.give(command, key.as_deref())
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap().unwrap()).collect()
    })
}

pub(crate) fn duplicates_have_one_effect_and_the_same_answer() {
    let bank = Bank::new(2, TellerSettings::default());
    for round in 1..=8 {
        let key = format!("round {round}");
        let answers = race(&bank, |_| (transfer(1, 2, 100), Some(key.clone())));
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.reply == answers[0].reply));
        assert_eq!(bank.balance(1), OPENING - 100 * round);
        assert_eq!(bank.balance(2), OPENING + 100 * round);
    }
}

pub(crate) fn a_hold_is_resolved_once() {
    let bank = Bank::new(2, TellerSettings::default());
    for round in 1..=8 {
        let order = order(1, 2, 100);
        bank.give(Command::Authorise { order, expires_in: 60 }, None).unwrap();
        let hold = HoldId::new(round);
        let answers = race(&bank, |client| match client % 2 {
            0 => (Command::PostHold { hold, amount: None }, None),
            _ => (Command::VoidHold { hold }, None),
        });
        assert_eq!(answers.iter().filter(|answer| answer.reply.status == 201).count(), 1);
        let refused = |answer: &&Answer| answer.reply.body == b"hold_resolved";
        assert_eq!(answers.iter().filter(refused).count(), CLIENTS - 1);
        assert_eq!(wait(bank.store.held(AccountId::new(1))).unwrap().unwrap().minor(), 0);
    }
    let moved = bank.balance(2) - OPENING;
    assert_eq!(bank.balance(1) + moved, OPENING);
    let posted = (1..=8).filter(|hold| {
        let hold = wait(bank.store.hold(HoldId::new(*hold))).unwrap().unwrap();
        hold.state.name() == "POSTED"
    });
    assert_eq!(moved, 100 * i64::try_from(posted.count()).unwrap());
}

pub(crate) fn the_last_money_is_spent_once() {
    let bank = Bank::new(2, TellerSettings::default());
    let answers = race(&bank, |_| (transfer(1, 2, OPENING), None));
    assert_eq!(answers.iter().filter(|answer| answer.reply.status == 201).count(), 1);
    assert_eq!((bank.balance(1), bank.balance(2)), (0, 2 * OPENING));
}

pub(crate) fn a_key_is_good_for_one_request_and_one_owner_and_for_a_day() {
    let bank = Bank::new(2, TellerSettings::default());
    let ask = |change: &dyn Fn(&mut mockbank_store::Idempotency)| -> Result<Answer> {
        let mut request = request(transfer(1, 2, 1), Some("key"));
        request.idempotency.iter_mut().for_each(change);
        bank.teller.execute_blocking(request)
    };
    assert!(!ask(&|_| ()).unwrap().replayed);
    assert!(ask(&|_| ()).unwrap().replayed);
    assert!(matches!(ask(&|key| key.fingerprint[0] ^= 1), Err(StoreError::KeyReused)));
    assert!(!ask(&|key| "u_2".clone_into(&mut key.owner)).unwrap().replayed);
    let day = 24 * 60 * 60;
    assert!(ask(&|key| key.received_at += day - 1).unwrap().replayed);
    assert!(!ask(&|key| key.received_at += day).unwrap().replayed);
    assert!(ask(&|key| key.received_at += day).unwrap().replayed);
    assert_eq!(bank.balance(2), OPENING + 3);
}

pub(crate) fn forgotten_keys_are_deleted() {
    let bank = Bank::new(2, TellerSettings::default());
    for number in 0..40 {
        let mut request = request(transfer(1, 2, 1), Some(&format!("key {number}")));
        if let Some(key) = &mut request.idempotency {
            key.received_at = number * 24 * 60 * 60;
        }
        bank.teller.execute_blocking(request).unwrap();
    }
    assert_eq!(bank.count("SELECT count(*) FROM idempotency"), 1);
}

pub(crate) fn what_is_rendered_is_what_was_done() {
    let bank = Bank::new(2, TellerSettings::default());
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut request = request(transfer(1, 2, 25), None);
    request.render = Box::new(move |verdict, _| {
        sender.send(verdict.clone()).unwrap();
        mockbank_store::Reply { status: 201, body: Vec::new() }
    });
    bank.teller.execute_blocking(request).unwrap();
    let Ok(Outcome::Transferred(pair)) = receiver.recv().unwrap() else { panic!("no transfer") };
    for posting in pair {
        let found = wait(bank.store.transaction(posting.transaction_id())).unwrap().unwrap();
        assert_eq!(found.posting, posting);
    }
}
