//! A teller's thread and the line before it, whatever database it writes to.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use mockbank_bank::command::Command;
use tokio::sync::oneshot;

use super::judge::Done;
use super::queue::{Queue, Work, stopped};
use super::{Answer, Request};
use crate::{Result, StoreError};

/// A command that waits, and who waits for it.
pub(crate) struct Ticket {
    pub(crate) request: Request,
    pub(crate) answer_to: oneshot::Sender<Result<Done>>,
}

/// Who works at a counter, on a thread of its own.
pub(crate) trait Clerk: Send + Sized + 'static {
    /// Whether a group costs so much, however small, that he waits a moment for those whom he has
    /// just answered.
    const GATHERS: bool = false;

    /// Carries a group of commands out and answers each.
    fn serve(&mut self, tickets: Vec<Ticket>);
}

/// The part of the time for a group that is waited for the next one at most.
const PATIENCE: u32 = 8;

type Exclusive<C> = Box<dyn FnOnce(&mut C) + Send>;

/// A clerk's thread, which ends with this.
pub(crate) struct Counter<C: Clerk> {
    queue: Arc<Queue<Ticket, Exclusive<C>>>,
    thread: Option<JoinHandle<()>>,
}

impl<C: Clerk> fmt::Debug for Counter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}

impl<C: Clerk> Counter<C> {
    /// Lets a clerk work at a line in which commands of the weight `capacity` may wait, and of
    /// which he takes `group` at once.
    pub(crate) fn open(mut clerk: C, capacity: usize, group: usize) -> Result<Self> {
        let queue = Arc::new(Queue::new(capacity, group));
        let line = Arc::clone(&queue);
        let work = move || {
            let _end = AbandonOnEnd(&line);
            while let Some(work) = line.next() {
                match work {
                    Work::Group(tickets) => {
                        let (served, begun) = (tickets.len(), Instant::now());
                        clerk.serve(tickets);
                        // One who is alone has nobody to wait for.
                        if C::GATHERS && served > 1 {
                            line.gather(served, begun.elapsed() / PATIENCE);
                        }
                    }
                    Work::Exclusive(act) => act(&mut clerk),
                }
            }
        };
        let thread = thread::Builder::new()
            .name("teller".to_owned())
            .spawn(work)
            .map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Has a command carried out. It is handed over at once, so that what waits for the answer is
    /// small and does not hold the request.
    pub(crate) fn execute(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Answer>> + use<C> {
        let answer = self.submit(request);
        async move { Ok(answer?.await.map_err(|_| stopped())??.answer()) }
    }

    /// Has a command carried out, from a thread that may block.
    pub(crate) fn execute_blocking(&self, request: Request) -> Result<Answer> {
        let answer = self.submit(request)?;
        Ok(answer.blocking_recv().map_err(|_| stopped())??.answer())
    }

    /// Has the clerk do something between two groups, and waits for it.
    pub(crate) async fn exclusive<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut C) -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let work = move |clerk: &mut C| {
            // Whoever asked may have gone.
            let _ = sender.send(act(clerk));
        };
        self.queue.push_exclusive(Box::new(work))?;
        receiver.await.map_err(|_| stopped())
    }

    /// Has the clerk do something between two groups.
    pub(crate) fn push(&self, act: impl FnOnce(&mut C) + Send + 'static) {
        // A line that is closed has no clerk any more.
        let _ = self.queue.push_exclusive(Box::new(act));
    }

    fn submit(&self, request: Request) -> Result<oneshot::Receiver<Result<Done>>> {
        let (sender, receiver) = oneshot::channel();
        let weight = match &request.command {
            Command::Batch { orders, .. } => orders.len().max(1),
            _ => 1,
        };
        self.queue.push(Ticket { request, answer_to: sender }, weight)?;
        Ok(receiver)
    }
}

/// Turns everybody away when the thread ends, also by a panic.
struct AbandonOnEnd<'q, C>(&'q Queue<Ticket, Exclusive<C>>);

impl<C> Drop for AbandonOnEnd<'_, C> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl<C: Clerk> Drop for Counter<C> {
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
