//! Carries out what the application asks for, against a bank.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::message::{Read, Reply, Work};
use crate::bank::{Bank, Progress};

/// Reads from the bank.
pub fn read(bank: &dyn Bank, read: Read) -> Reply {
    match read {
        Read::Status => Reply::Status(bank.status()),
        Read::Activity => Reply::Activity(bank.activity()),
        Read::Customers(query) => {
            let rows = bank.customers(&query);
            Reply::Customers(query, rows)
        }
        Read::Customer(user) => Reply::Customer(user, bank.customer(user)),
        Read::LookUp(id) => Reply::LookedUp(id, bank.look_up(id)),
    }
}

/// Changes the bank; reports on the way go to `report`, and `stop` is looked at with each.
pub fn work(
    bank: &dyn Bank,
    work: Work,
    stop: &AtomicBool,
    report: &mut dyn FnMut(Progress),
) -> Reply {
    let mut watch = |progress| {
        report(progress);
        if stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    match work {
        Work::Initialize => Reply::Worked(bank.initialize(&mut watch)),
        Work::Evolve(seconds) => Reply::Worked(bank.evolve(seconds, &mut watch)),
        Work::Record(act) => Reply::Recorded(bank.record(act)),
        Work::CarryOut(order) => Reply::CarriedOut(bank.carry_out(order)),
    }
}
