//! How close the store comes to the bare server under it, in the same run.
//!
//! `transfers` has 64 clients that give transfers one after the other, each waiting for its answer,
//! which comes when the transfer is durable: this server waits for the disk. `bare` is a writer that
//! drains its line and moves the group's money by a statement for each table, in one transaction: no
//! rules, no seals, no keys, nobody beside it. `one_transaction_each` is the same with a group for
//! every transfer. As the ledger promises more than these two tables keep, there is a second limit:
//! the same writer, which also writes as many rows as the store does to the chain of seals, the
//! day's totals, the counts and the teller's mark.
//!
//! Behind these times stand the same comparisons in CPU time of both processes, which other work on
//! the machine changes least: what the bare limit takes over what the store takes.
//!
//! `loading` is a world of customers' first year, account by account: through a step with all that
//! it checks, totals and saves, beside the same rows in one binary `COPY` and nothing else. Both
//! end with the index. `page` is a page of 20 of an account's transactions with the account,
//! beside the bare prepared query of the page alone through the same client.

mod cpu;
mod loading;
mod page;
#[path = "../../tests/conformance/sample.rs"]
mod sample;
#[path = "../../tests/throwaway/mod.rs"]
mod throwaway;
mod transfers;
#[path = "../../tests/teller/world.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod world;

use std::sync::LazyLock;

use mockbank_bank::PostingBatch;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{IfPresent, Writer as _};
use sample::Sample;
use throwaway::Server;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let filters: Vec<String> = arguments.collect();
    // Flags are meant for the measurements above, names for these too.
    if !filters.iter().any(|filter| filter.starts_with('-')) {
        let comparisons: [(&str, fn()); 3] = [
            ("loading", loading::compare),
            ("page", page::compare),
            ("transfers", transfers::compare),
        ];
        for (name, compare) in comparisons {
            if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
                compare();
            }
        }
    }
    SERVER.discard();
    DURABLE.discard();
}

const CUSTOMERS: i64 = 5_000;
const DAYS: u16 = 365;
const PAGE: i64 = 20;

struct Year {
    before: Sample,
    after: Sample,
    postings: PostingBatch,
}

static YEAR: LazyLock<Year> = LazyLock::new(|| {
    let mut after = Sample::new(CUSTOMERS);
    let postings = after.live(DAYS);
    Year { before: Sample::new(CUSTOMERS), after, postings }
});

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The server whose commits wait for the disk.
static DURABLE: LazyLock<Server> = LazyLock::new(Server::start_durable);

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn load(url: &str) {
    let Year { before, after, postings } = &*YEAR;
    let building = PostgresStore::build(url, &before.world, IfPresent::Refuse);
    let mut building = runtime().block_on(building).unwrap();
    let mut step = building.begin().unwrap();
    step.add_customers(&before.users, &before.accounts, &before.cards).unwrap();
    step.append(postings).unwrap();
    step.save(&after.saved()).unwrap();
    step.commit(after.clock).unwrap();
    building.finish().unwrap();
}
