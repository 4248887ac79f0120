//! A teller's thread and the line before it, whatever database it writes to.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::oneshot;

use super::pace::{Readers, Rest};
use super::queue::{Queue, Work, stopped};
use super::ticket::{Done, Ticket};
use super::{Answer, Request, TellerSettings};
use crate::{Result, StoreError};

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
    readers: Arc<OnceLock<Arc<dyn Readers>>>,
}

impl<C: Clerk> fmt::Debug for Counter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}

impl<C: Clerk> Counter<C> {
    /// Lets a clerk work at a line, both of them as the settings say.
    pub(crate) fn open(mut clerk: C, settings: &TellerSettings) -> Result<Self> {
        let queue = Arc::new(Queue::new(settings.capacity, settings.group));
        let line = Arc::clone(&queue);
        let readers = Arc::new(OnceLock::<Arc<dyn Readers>>::new());
        let mut rest = Rest::new(settings.reads_per_order, Arc::clone(&readers));
        let work = move || {
            let _end = AbandonOnEnd(&line);
            while let Some(work) = line.next() {
                match work {
                    Work::Group(tickets) => {
                        let begun = Instant::now();
                        let orders = tickets.len();
                        let transfers = tickets.iter().map(|ticket| ticket.weight() as u64).sum();
                        clerk.serve(tickets);
                        // One who is alone has nobody to wait for.
                        if C::GATHERS && orders > 1 {
                            line.gather(orders, begun.elapsed() / PATIENCE);
                        }
                        rest.behind(orders as u64, transfers, |moment| line.pause(moment));
                    }
                    Work::Exclusive(act) => act(&mut clerk),
                }
            }
        };
        let thread = thread::Builder::new()
            .name("teller".to_owned())
            .spawn(work)
            .map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Self { queue, thread: Some(thread), readers })
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

    /// Has these readers go first, unless others do already.
    pub(crate) fn let_go_first(&self, readers: Arc<dyn Readers>) {
        // Whoever comes second has no part in it.
        let _ = self.readers.set(readers);
    }

    /// Has the clerk do something between two groups.
    pub(crate) fn push(&self, act: impl FnOnce(&mut C) + Send + 'static) {
        // A line that is closed has no clerk any more.
        let _ = self.queue.push_exclusive(Box::new(act));
    }

    fn submit(&self, request: Request) -> Result<oneshot::Receiver<Result<Done>>> {
        let (sender, receiver) = oneshot::channel();
        let ticket = Ticket { request, answer_to: sender };
        let weight = ticket.weight();
        self.queue.push(ticket, weight)?;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use mockbank_bank::HoldId;
    use mockbank_bank::command::Command;

    use super::*;
    use crate::teller::pace::Served;

    struct Deaf;

    impl Clerk for Deaf {
        fn serve(&mut self, _: Vec<Ticket>) {}
    }

    #[derive(Default)]
    struct Looks(AtomicU64);

    impl Readers for Looks {
        fn so_far(&self) -> Served {
            self.0.fetch_add(1, Ordering::Relaxed);
            Served::default()
        }
    }

    #[tokio::test]
    async fn behind_each_group_is_a_look_at_those_who_read() {
        let counter = Counter::open(Deaf, &TellerSettings::default()).unwrap();
        let looks = Arc::new(Looks::default());
        counter.let_go_first(Arc::<Looks>::clone(&looks));
        counter.exclusive(|_| ()).await.unwrap();
        assert_eq!(looks.0.load(Ordering::Relaxed), 0);
        let command = Command::VoidHold { hold: HoldId::new(1) };
        let render: crate::Render = Box::new(|_, _| unreachable!("nobody judges it"));
        let request = Request { command, idempotency: None, audit: None, render };
        assert!(counter.execute(request).await.is_err());
        counter.exclusive(|_| ()).await.unwrap();
        assert!(looks.0.load(Ordering::Relaxed) > 0);
    }
}
