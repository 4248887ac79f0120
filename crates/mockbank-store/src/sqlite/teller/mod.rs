//! The teller: one thread owns the connection that writes, and carries commands out in groups.
//!
//! Commands wait in a bounded line. The thread takes all that wait, judges each against the books
//! in memory, writes what the accepted ones did into one transaction, commits it once, and only
//! then answers. While the disk makes one group durable the next one gathers, so groups grow with
//! the load by themselves, and nobody waits for a timer.
//!
//! Whenever anything fails in a group, all of it is rolled back, memory is forgotten and made
//! again from the database, and every command of the group is told. The next group goes on as
//! soon as the disk does.

mod cache;
mod clerk;
mod keys;
mod queue;
#[cfg(test)]
mod tests;
mod vault;
mod write;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use mockbank_bank::command::Command;
use mockbank_bank::counter::Policy;
use tokio::sync::oneshot;

use super::SqliteWriter;
use crate::teller::{Act, Answer, Audit, Request, Teller};
use crate::{Result, StoreError, Writer};
use clerk::{Clerk, Done, Ticket};
use queue::{Queue, stopped};

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it: nothing that was answered is lost, whatever fails.
    #[default]
    Full,
    /// When the operating system has it: faster, and nothing is lost when the process fails. When
    /// the machine fails, the last answered commands can be lost, as a whole and from the end;
    /// the world stays consistent.
    Process,
}

/// How a teller works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TellerSettings {
    /// Commands that may wait; a batch counts as its transfers.
    pub capacity: usize,
    /// Commands in one commit; a batch counts as its transfers.
    pub group: usize,
    /// Accounts whose books are kept in memory.
    pub hot_accounts: usize,
    /// When a commit counts as done.
    pub durability: Durability,
    /// Seconds of the machine's time for which an answer is kept for its idempotency key.
    pub key_lifetime: i64,
    /// What the bank allows beside its rules.
    pub policy: Policy,
}

impl Default for TellerSettings {
    fn default() -> Self {
        Self {
            capacity: 8192,
            group: 2048,
            hot_accounts: 65_536,
            durability: Durability::Full,
            key_lifetime: 24 * 60 * 60,
            policy: Policy::default(),
        }
    }
}

type Exclusive = Box<dyn FnOnce(&mut Clerk) + Send>;

/// Carries commands out on a world in `SQLite`. Cheap to clone: all clones share one thread, which
/// ends when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct SqliteTeller {
    counter: Arc<Counter>,
}

struct Counter {
    queue: Arc<Queue<Ticket, Exclusive>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}

impl SqliteTeller {
    /// Opens the counter of the world in a folder, which one process can do at a time.
    pub fn open(folder: &Path, settings: TellerSettings) -> Result<Self> {
        Self::start(SqliteWriter::open(folder)?, settings)
    }

    /// Hands a world's writer to the thread of a teller.
    pub fn start(writer: SqliteWriter, settings: TellerSettings) -> Result<Self> {
        let queue = Arc::new(Queue::new(settings.capacity, settings.group));
        let mut clerk = Clerk::new(writer, settings)?;
        let line = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("teller".to_owned())
            .spawn(move || {
                let _end = AbandonOnEnd(&line);
                clerk.work(&line);
            })
            .map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Self { counter: Arc::new(Counter { queue, thread: Some(thread) }) })
    }

    /// Carries a command out and answers it, from a thread that may block.
    pub fn execute_blocking(&self, request: Request) -> Result<Answer> {
        let answer = self.submit(request)?;
        Ok(answer.blocking_recv().map_err(|_| stopped())??.answer())
    }

    /// Does something with the world's writer between two groups of commands, and waits for it. No
    /// command is carried out meanwhile: a step that takes long is better cut in several.
    ///
    /// # Errors
    /// If the teller has stopped. What `act` itself meets is its own to give back.
    pub async fn step<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut dyn Writer) -> T + Send + 'static,
    ) -> Result<T> {
        self.exclusive(|clerk| act(clerk.writer())).await
    }

    async fn exclusive<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Clerk) -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let work = move |clerk: &mut Clerk| {
            // Whoever asked may have gone.
            let _ = sender.send(act(clerk));
        };
        self.counter.queue.push_exclusive(Box::new(work))?;
        receiver.await.map_err(|_| stopped())
    }

    fn submit(&self, request: Request) -> Result<oneshot::Receiver<Result<Done>>> {
        let (sender, receiver) = oneshot::channel();
        let weight = match &request.command {
            Command::Batch { orders, .. } => orders.len().max(1),
            _ => 1,
        };
        self.counter.queue.push(Ticket { request, answer_to: sender }, weight)?;
        Ok(receiver)
    }
}

#[async_trait]
impl Teller for SqliteTeller {
    async fn execute(&self, request: Request) -> Result<Answer> {
        let answer = self.submit(request)?;
        Ok(answer.await.map_err(|_| stopped())??.answer())
    }

    async fn record(&self, audit: Audit, act: String) -> Result<()> {
        self.exclusive(move |clerk| clerk.record(&audit, &act)).await?
    }

    async fn with_writer(&self, act: Act) -> Result<()> {
        self.exclusive(|clerk| act(clerk.writer())).await
    }
}

/// Turns everybody away when the thread ends, also by a panic.
struct AbandonOnEnd<'q>(&'q Queue<Ticket, Exclusive>);

impl Drop for AbandonOnEnd<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) =
            self.thread.take().filter(|t| t.thread().id() != thread::current().id())
        {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}
