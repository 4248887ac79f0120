//! The bank test: however money moves, the sum of all balances read at one moment stays.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mockbank_bank::counter::Policy;
use mockbank_bank::{AccountKind, Money};
use mockbank_store::{Answer, Store, TellerSettings};

use crate::harness::{Bank, transfer, wait};
use crate::world::OPENING;

const ACCOUNTS: i64 = 4;
const CLIENTS: i64 = 8;
const TRANSFERS: i64 = 250;

pub(crate) fn balances_read_at_any_moment_add_up() {
    let bank = Bank::new(ACCOUNTS, TellerSettings::default());
    let done = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let bank = &bank;
        let start = |client| scope.spawn(move || move_money(bank, client));
        let clients: Vec<_> = (0..CLIENTS).map(start).collect();
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let ledger = wait(bank.store.ledger()).unwrap();
                assert_eq!(ledger.deposits, i128::from(OPENING * ACCOUNTS));
                assert_eq!(ledger.sum(), 0);
                reads += 1;
            }
            reads
        });
        let finished: Vec<_> = clients.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        assert!(finished.iter().all(Result::is_ok));
        reader.join().unwrap()
    });
    assert!(reads > 0);
    let world = wait(bank.store.world()).unwrap();
    let postings = bank.count("SELECT count(*) FROM posting");
    assert_eq!(postings, world.counts.transactions.cast_signed());
    assert_eq!(bank.count("SELECT count(*) FROM account WHERE balance < 0"), 0);
}

/// Moves money to and fro; what an account does not have is refused.
fn move_money(bank: &Bank, client: i64) {
    for number in 0..TRANSFERS {
        let from = (client + number) % ACCOUNTS + 1;
        let to = (client + number * 3 + 1) % ACCOUNTS + 1;
        let amount = (number * 7_919 + client * 104_729) % (OPENING / 2) + 1;
        let answer = bank.give(transfer(from, to, amount), None).unwrap();
        let refusals: [&[u8]; 2] = [b"insufficient_funds", b"same_account"];
        assert!(answer.reply.status == 201 || refusals.contains(&answer.reply.body.as_slice()));
    }
}

/// Clients of the hot pair.
const CROWD: i64 = 64;

/// Transfers of all of them, but for one in each hundred that is sent twice.
const ATTEMPTS: i64 = 100_000;

/// How far below zero the pair's accounts may go.
const OVERDRAFT: i64 = 20_000;

/// What a client of the hot pair was told.
#[derive(Default)]
struct Told {
    /// What has gone from the first account to the second, less what came back.
    moved: i64,
    accepted: i64,
    refused: i64,
    answers: Vec<Vec<u8>>,
}

pub(crate) fn a_hundred_thousand_transfers_between_two_accounts_are_made_once_each() {
    let overdraft = Money::from_minor(OVERDRAFT);
    let policy = Policy::default().with_overdraft(AccountKind::Checking, overdraft);
    let bank = Bank::new(2, TellerSettings { policy, ..TellerSettings::default() });
    let told: Vec<Told> = thread::scope(|scope| {
        let bank = &bank;
        let start = |client| scope.spawn(move || to_and_fro(bank, client));
        let clients: Vec<_> = (0..CROWD).map(start).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let sum = |figure: fn(&Told) -> i64| told.iter().map(figure).sum::<i64>();
    let (moved, accepted) = (sum(|told| told.moved), sum(|told| told.accepted));
    assert_eq!(accepted + sum(|told| told.refused), ATTEMPTS);
    assert!(sum(|told| told.refused) > 0, "no balance came to its limit");
    assert_eq!((bank.balance(1), bank.balance(2)), (OPENING - moved, OPENING + moved));
    // Each answer names a group of its own, so none was given for another's transfer.
    let different: BTreeSet<&[u8]> =
        told.iter().flat_map(|told| &told.answers).map(Vec::as_slice).collect();
    assert_eq!(i64::try_from(different.len()).unwrap(), accepted);
    let count = |sql| bank.count(sql);
    assert_eq!(count("SELECT count(*) FROM posting"), 2 * accepted);
    assert_eq!(count("SELECT count(DISTINCT transfer_group) FROM posting"), accepted);
    assert_eq!(count("SELECT count(*) FROM seal WHERE sum IS NULL"), accepted);
    assert!(count("SELECT min(balance) FROM posting") >= -OVERDRAFT);
    assert_eq!(wait(bank.store.ledger()).unwrap().sum(), 0);
}

/// Half of the clients pay one way and half the other, more than there is at times.
fn to_and_fro(bank: &Bank, client: i64) -> Told {
    let mut told = Told::default();
    let (from, to, sign) = if client % 2 == 0 { (1, 2, 1) } else { (2, 1, -1) };
    for number in (client..ATTEMPTS).step_by(usize::try_from(CROWD).unwrap()) {
        let amount = (number * 7_919 + client * 104_729) % OPENING + 1;
        let key = format!("transfer {number}");
        let answer = bank.give(transfer(from, to, amount), Some(&key)).unwrap();
        assert!(!answer.replayed);
        if answer.reply.status == 201 {
            told.accepted += 1;
            told.moved += sign * amount;
            if number % 100 == 0 {
                let again = bank.give(transfer(from, to, amount), Some(&key)).unwrap();
                assert_eq!(again, Answer { replayed: true, ..answer.clone() });
            }
            told.answers.push(answer.reply.body);
        } else {
            assert_eq!(answer.reply.body, b"insufficient_funds");
            told.refused += 1;
        }
    }
    told
}
