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
mod job;
mod keys;
#[cfg(test)]
mod tests;
mod vault;
mod write;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;

use super::SqliteWriter;
use super::jobs;
use crate::teller::counter::Counter;
use crate::teller::{
    Act, Answer, Audit, Durability, JobEntry, Readers, RenderJob, Request, Teller, TellerSettings,
};
use crate::{Result, Writer};
use clerk::Clerk;
use job::SqliteJob;

/// Carries commands out on a world in `SQLite`. Cheap to clone: all clones share one thread, which
/// ends when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct SqliteTeller {
    counter: Arc<Counter<Clerk>>,
}

impl SqliteTeller {
    /// Opens the counter of the world in a folder, which one process can do at a time.
    pub fn open(folder: &Path, settings: TellerSettings) -> Result<Self> {
        Self::start(SqliteWriter::open(folder)?, settings)
    }

    /// Hands a world's writer to the thread of a teller.
    pub fn start(writer: SqliteWriter, settings: TellerSettings) -> Result<Self> {
        // Whoever worked at them wrote here before, and is gone.
        jobs::interrupt(writer.connection(), 0..=i64::MAX)?;
        let clerk = Clerk::new(writer, settings)?;
        let counter = Counter::open(clerk, &settings)?;
        Ok(Self { counter: Arc::new(counter) })
    }

    /// Carries a command out and answers it, from a thread that may block.
    pub fn execute_blocking(&self, request: Request) -> Result<Answer> {
        self.counter.execute_blocking(request)
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
        self.counter.exclusive(|clerk| act(clerk.writer())).await
    }
}

#[async_trait]
impl Teller for SqliteTeller {
    /// Boxed by hand: what waits for the answer does not hold the request.
    fn execute<'s, 'a>(
        &'s self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Answer>> + Send + 'a>>
    where
        's: 'a,
        Self: 'a,
    {
        Box::pin(self.counter.execute(request))
    }

    async fn record(&self, audit: Audit, act: String) -> Result<()> {
        self.counter.exclusive(move |clerk| clerk.record(&audit, &act)).await?
    }

    async fn with_writer(&self, act: Act) -> Result<()> {
        self.counter.exclusive(|clerk| act(clerk.writer())).await
    }

    async fn begin_job(&self, body: RenderJob) -> Result<Box<dyn JobEntry>> {
        Ok(Box::new(SqliteJob::begin(&self.counter, body).await?))
    }

    fn let_go_first(&self, readers: Arc<dyn Readers>) {
        self.counter.let_go_first(readers);
    }
}
