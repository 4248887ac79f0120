//! The teller over `PostgreSQL`, of which any number work on a world at once.
//!
//! A thread of each process takes all commands that wait and carries them out in one transaction:
//! it locks and reads the accounts that they name, in the order of their numbers, lets the rules of
//! the bank judge one command after the other in memory, writes what has changed by a few statements
//! of many rows, and commits. Only then does it answer. Groups of different processes that touch
//! different accounts work side by side; those that share one wait for each other at its row.
//!
//! # What holds between processes
//! - **One chain of seals.** A group appends to it last of all, under the lock of the row of counts,
//!   and commits at once. A teller that is alone knows where the chain ends; where it is wrong, the
//!   next number is taken, and the group is judged again. Nobody waits for more than that, and whoever verifies replays one chain
//!   whatever tellers there were. Chains of their own would spare tellers this wait, but a chain
//!   that could be cut off whole gives nothing away.
//! - **Each command once.** Answers are kept for their keys in the transaction of the effect, and
//!   looked up after the accounts are locked. A key that another teller has answered all the same
//!   is refused by the table's own key, and the group is judged again.
//! - **One time.** A group reads the bank's clock under a lock that groups share and a step of time
//!   has alone, so no group meets a step half-way.
//! - **Numbers without gaps** for what clients see counted up, and for descriptions: whoever creates
//!   such things takes a lock for it. Transfers do not: a teller takes their numbers by the
//!   thousand.
//! - **No outcome is guessed.** A group leaves its number in the teller's own row. Where the
//!   connection is lost over a commit, that row says whether the group was kept, and then it is
//!   answered, or else carried out again.

mod books;
mod chain;
mod clerk;
mod desk;
mod group;
mod load;
mod needs;
mod records;
mod rows;
mod trouble;
mod write;

use std::sync::Arc;

use async_trait::async_trait;

use super::address::Address;
use super::jobs::PostgresJob;
use crate::Result;
use crate::teller::counter::Counter;
use crate::teller::{
    Act, Answer, Audit, JobEntry, RenderJob, Request, Reservation, Teller, TellerSettings,
};
use clerk::Clerk;

/// Seconds after which it is worth trying again when locks are not given in time.
const RETRY_AFTER: u64 = 5;

/// Carries commands out on a world in `PostgreSQL`, beside other processes. Cheap to clone: all
/// clones share one thread, which ends when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct PostgresTeller {
    counter: Arc<Counter<Clerk>>,
    address: Address,
}

impl PostgresTeller {
    /// Opens a counter of the world at a URL. Of the settings, `hot_accounts` means nothing here:
    /// what other processes may change is not kept in memory.
    pub async fn open(url: &str, settings: TellerSettings) -> Result<Self> {
        let address = Address::parse(url)?;
        let clerk = Clerk::new(address.clone(), settings)?;
        let counter = Counter::open(clerk, &settings)?;
        counter.exclusive(Clerk::open).await??;
        Ok(Self { counter: Arc::new(counter), address })
    }

    /// Carries a command out and answers it, from a thread that may block.
    pub fn execute_blocking(&self, request: Request) -> Result<Answer> {
        self.counter.execute_blocking(request)
    }
}

#[async_trait]
impl Teller for PostgresTeller {
    async fn execute(&self, request: Request) -> Result<Answer> {
        self.counter.execute(request).await
    }

    async fn record(&self, audit: Audit, act: String) -> Result<()> {
        self.counter.exclusive(move |clerk| clerk.record(audit, act)).await?
    }

    async fn with_writer(&self, act: Act) -> Result<()> {
        self.counter.exclusive(move |clerk| clerk.with_writer(act)).await?
    }

    async fn reserve_writer(&self) -> Result<Reservation> {
        self.counter.exclusive(Clerk::reserve_writer).await??;
        let counter = Arc::clone(&self.counter);
        Ok(Reservation::until(move || counter.push(Clerk::release_writer)))
    }

    async fn begin_job(&self, body: RenderJob) -> Result<Box<dyn JobEntry>> {
        Ok(Box::new(PostgresJob::begin(&self.address, body).await?))
    }
}
