//! The bank test: however money moves, the sum of all balances read at one moment stays.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mockbank_store::Store;
use mockbank_store::sqlite::TellerSettings;

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
