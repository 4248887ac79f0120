//! A job of this process, which the teller's thread keeps.

use std::sync::Arc;

use async_trait::async_trait;

use super::clerk::Clerk;
use crate::Result;
use crate::sqlite::jobs;
use crate::teller::counter::Counter;
use crate::teller::job::{JobEntry, RenderJob};

/// A job of this process.
pub(super) struct SqliteJob {
    counter: Arc<Counter<Clerk>>,
    number: i64,
}

impl SqliteJob {
    pub(super) async fn begin(counter: &Arc<Counter<Clerk>>, body: RenderJob) -> Result<Self> {
        let number = counter.exclusive(|clerk| jobs::begin(clerk.connection(), body)).await??;
        Ok(Self { counter: Arc::clone(counter), number })
    }
}

#[async_trait]
impl JobEntry for SqliteJob {
    fn number(&self) -> i64 {
        self.number
    }

    async fn keep(&self, body: Vec<u8>, ended: bool) -> Result<()> {
        let number = self.number;
        let keep = move |clerk: &mut Clerk| jobs::keep(clerk.connection(), number, &body, ended);
        self.counter.exclusive(keep).await?
    }

    async fn remove(&self) -> Result<()> {
        let number = self.number;
        self.counter.exclusive(move |clerk| jobs::remove(clerk.connection(), number)).await?
    }
}

impl Drop for SqliteJob {
    fn drop(&mut self) {
        let number = self.number;
        self.counter.push(move |clerk| {
            // Whoever writes next says so if the disk does not take it now.
            let _ = jobs::interrupt(clerk.connection(), number..=number);
        });
    }
}
