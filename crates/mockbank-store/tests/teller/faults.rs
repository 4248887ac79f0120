//! What happens when the line is full, when the disk fails, and when a step comes in between.

use std::future::poll_fn;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use mockbank_bank::command::Command;
use mockbank_bank::{AccountId, HoldId};
use mockbank_store::{
    Answer, Audit, Page, Request, Result, Store, StoreError, Teller, TellerSettings, Writer,
};

use crate::harness::{Bank, order, transfer, wait};
use crate::world::{OPENING, request};

/// Keeps the teller busy until the sender is dropped.
pub(crate) fn occupy(bank: &Bank) -> (mpsc::Sender<()>, thread::JoinHandle<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let teller = bank.teller.clone();
    let busy = thread::spawn(move || {
        let act = move |_: &mut dyn Writer| {
            begin.send(()).unwrap();
            let _ = released.recv();
        };
        wait(teller.with_writer(Box::new(act))).unwrap();
    });
    begun.recv().unwrap();
    (release, busy)
}

/// Lets requests wait in the line of a busy teller, in their order, and gives the answers that come
/// when it is busy no more.
pub(crate) fn together(
    bank: &Bank,
    requests: Vec<Request>,
    (release, busy): (mpsc::Sender<()>, thread::JoinHandle<()>),
) -> Vec<Result<Answer>> {
    let answers = wait(async {
        let mut waiting: Vec<_> =
            requests.into_iter().map(|request| bank.teller.execute(request)).collect();
        // The first poll puts each into the line, or not.
        let mut polled = Vec::new();
        for answer in &mut waiting {
            polled.push(poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await);
        }
        drop(release);
        let mut answers = Vec::new();
        for (answer, polled) in waiting.into_iter().zip(polled) {
            answers.push(match polled {
                Poll::Ready(answer) => answer,
                Poll::Pending => answer.await,
            });
        }
        answers
    });
    busy.join().unwrap();
    answers
}

pub(crate) fn a_full_line_turns_away_and_loses_nothing_that_waits() {
    let bank = Bank::new(2, TellerSettings { capacity: 3, ..TellerSettings::default() });
    let (release, busy) = occupy(&bank);
    let requests = (0..8).map(|_| request(transfer(1, 2, 1), None)).collect();
    let answers = together(&bank, requests, (release, busy));
    let served = answers.iter().filter(|answer| answer.is_ok()).count();
    let turned_away = answers
        .iter()
        .filter(|answer| matches!(answer, Err(StoreError::Overloaded { retry_after: 1.. })))
        .count();
    assert_eq!((served, turned_away), (3, 5));
    assert_eq!(bank.balance(2), OPENING + 3);
}

pub(crate) fn a_failed_group_is_taken_back_and_the_next_goes_on() {
    let bank = Bank::new(2, TellerSettings::default());
    bank.give(transfer(1, 2, 5), Some("before")).unwrap();
    bank.break_disk("UPDATE", "account");
    let before = bank.dump();
    let failed = bank.give(transfer(1, 2, 7), Some("during"));
    assert!(failed.unwrap_err().to_string().contains("the disk is gone"));
    assert_eq!(bank.dump(), before);
    bank.mend_disk("account");
    assert!(!bank.give(transfer(1, 2, 7), Some("during")).unwrap().replayed);
    assert!(bank.give(transfer(1, 2, 5), Some("before")).unwrap().replayed);
    assert_eq!((bank.balance(1), bank.balance(2)), (OPENING - 12, OPENING + 12));
}

pub(crate) fn a_failed_commit_takes_its_whole_group_with_it() {
    let bank = Bank::new(3, TellerSettings::default());
    let before = bank.dump();
    bank.fail_commits();
    let commands = [transfer(1, 2, 5), transfer(2, 3, 7), transfer(3, 1, 9)];
    let requests = || commands.iter().map(|command| request(command.clone(), None)).collect();
    for answer in together(&bank, requests(), occupy(&bank)) {
        assert!(matches!(answer, Err(StoreError::Database(_))), "{answer:?}");
    }
    bank.let_commits_be();
    assert_eq!(bank.dump(), before);
    assert!(together(&bank, requests(), occupy(&bank)).iter().all(Result::is_ok));
    let balances = [1, 2, 3].map(|account| bank.balance(account) - OPENING);
    assert_eq!(balances, [4, -2, -2]);
}

pub(crate) fn holds_expire_when_the_clock_passes() {
    let bank = Bank::new(2, TellerSettings::default());
    for expires_in in [60, 120] {
        let order = order(1, 2, 40_000);
        bank.give(Command::Authorise { order, expires_in }, None).unwrap();
    }
    let held = || wait(bank.store.held(AccountId::new(1))).unwrap().unwrap().minor();
    assert_eq!(held(), 80_000);
    assert_eq!(bank.give(transfer(1, 2, 20_001), None).unwrap().reply.status, 409);
    bank.pass(60);
    assert_eq!(held(), 40_000);
    let late = Command::PostHold { hold: HoldId::new(1), amount: None };
    assert_eq!(bank.give(late, None).unwrap().reply.body, b"hold_expired");
    assert_eq!(bank.give(transfer(1, 2, 20_001), None).unwrap().reply.status, 201);
    let listing =
        wait(bank.store.holds_of(AccountId::new(1), Page { number: 1, size: 1 })).unwrap();
    assert_eq!((listing.total, listing.items[0].id), (2, HoldId::new(2)));
}

pub(crate) fn acts_stand_in_the_audit_log() {
    let bank = Bank::new(2, TellerSettings::default());
    let audit = || Audit { actor: "admin".to_owned(), received_at: 5 };
    for command in [transfer(1, 2, 100), transfer(1, 2, OPENING)] {
        let mut request = request(command, None);
        request.audit = Some(audit());
        bank.teller.execute_blocking(request).unwrap();
    }
    wait(bank.teller.record(audit(), "advance the clock by 3 days".to_owned())).unwrap();
    bank.give(transfer(1, 2, 1), None).unwrap();
    let log = wait(bank.store.audit_log(Page { number: 1, size: 2 })).unwrap();
    assert_eq!(log.total, 3);
    assert_eq!(log.items[0].act, "advance the clock by 3 days");
    assert_eq!(log.items[1].act, "transfer 1000.00 from acc_1 to acc_2");
    assert_eq!(log.items[1].refusal.as_deref(), Some("insufficient_funds"));
    let first = wait(bank.store.audit_log(Page { number: 2, size: 2 })).unwrap();
    assert_eq!((first.items.len(), first.items[0].refusal.as_deref()), (1, None));
    assert_eq!(first.items[0].audit, audit());
}
