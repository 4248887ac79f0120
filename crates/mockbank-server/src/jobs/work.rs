//! Jobs at work: whose turn it is, what they do, and how far they say they are.

use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mockbank_bank::Instant;
use mockbank_store::{Act, JobEntry, Store, Teller};
use mockbank_world::{Unwatched, Workers, WorldError};
use tokio::sync::{Semaphore, oneshot};

use super::body::job_body;
use super::job::{Job, JobId, JobKind, JobState};
use crate::error::ServerError;

/// How often it is tried to keep the end of a job while the disk is full or faulty.
const ATTEMPTS: u32 = 60;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// The jobs of a server. They end with it; what a job has kept of its work stays.
pub(crate) struct Jobs {
    at_work: Mutex<Vec<Discriminant<JobKind>>>,
    /// Taken by whoever begins a job, until the bank has it.
    pub(crate) beginning: Semaphore,
    /// The threads of the simulation.
    workers: Arc<Workers>,
}

/// A job at work, which this server is the one to say of how far it is.
pub(crate) struct RunningJob {
    pub(crate) kind: JobKind,
    entry: Box<dyn JobEntry>,
    _turn: Turn,
}

impl RunningJob {
    /// Registers a job that is given work next.
    pub(crate) async fn begin(
        kind: JobKind,
        turn: Turn,
        teller: &dyn Teller,
    ) -> mockbank_store::Result<Self> {
        let body = Box::new(move |number| job_body(&Job::begun(JobId(number), kind)));
        Ok(Self { kind, entry: teller.begin_job(body).await?, _turn: turn })
    }

    /// What it was at first.
    pub(crate) fn begun(&self) -> Job {
        Job::begun(self.id(), self.kind)
    }

    fn id(&self) -> JobId {
        JobId(self.entry.number())
    }

    /// Forgets a job that was registered and is given no work.
    pub(crate) async fn forget(self) {
        if let Err(error) = self.entry.remove().await {
            tracing::warn!(job = %self.id(), %error, "a job that did not begin is kept");
        }
    }

    /// Says how far it is.
    async fn report(&self, state: JobState) {
        let job = Job { id: self.id(), kind: self.kind, state };
        let ended = !job.state.is_running();
        let body = job_body(&job);
        let attempts = if ended { ATTEMPTS } else { 1 };
        for left in (0..attempts).rev() {
            match self.entry.keep(body.clone(), ended).await {
                Ok(()) => break,
                Err(error) => tracing::warn!(job = %job.id, %error, "how far a job is was lost"),
            }
            if left > 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn fail(&self, why: &str) {
        tracing::error!(job = %self.id(), error = why, "a job failed");
        self.report(JobState::Failed(why.to_owned())).await;
    }
}

/// The turn of a job, of which one of a kind works at a time in a server; until it is dropped.
pub(crate) struct Turn {
    jobs: Arc<Jobs>,
    kind: Discriminant<JobKind>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.jobs.at_work().retain(|kind| *kind != self.kind);
    }
}

impl Jobs {
    /// No jobs yet; the simulation gets `threads` threads, one for each core if 0.
    pub(crate) fn new(threads: usize) -> Result<Self, ServerError> {
        let workers = Arc::new(Workers::new(threads).map_err(ServerError::Workers)?);
        Ok(Self { at_work: Mutex::default(), beginning: Semaphore::new(1), workers })
    }

    /// The turn of a job; `None` if one of its kind is at work here.
    pub(crate) fn take_turn(self: &Arc<Self>, kind: JobKind) -> Option<Turn> {
        let kind = discriminant(&kind);
        let mut at_work = self.at_work();
        if at_work.contains(&kind) {
            return None;
        }
        at_work.push(kind);
        Some(Turn { jobs: Arc::clone(self), kind })
    }

    /// Lets time pass until `to`, in pieces between which orders are carried out; `passed` is told
    /// the bank's time after each.
    pub(crate) async fn advance(
        &self,
        job: &RunningJob,
        to: Instant,
        teller: &dyn Teller,
        passed: impl Fn(Instant),
    ) {
        let mut transactions = 0;
        loop {
            let (sender, receiver) = oneshot::channel();
            let workers = Arc::clone(&self.workers);
            let act: Act = Box::new(move |writer| {
                // Whoever asked may have gone with the server.
                let _ = sender.send(mockbank_world::advance(writer, to, &workers));
            });
            let piece = match teller.with_writer(act).await {
                Ok(()) => receiver.await.ok(),
                Err(error) => Some(Err(WorldError::from(error))),
            };
            match piece {
                Some(Ok(evolved)) => {
                    transactions += evolved.transactions;
                    passed(evolved.clock);
                    if evolved.clock >= to {
                        return job.report(JobState::Advanced(transactions)).await;
                    }
                    job.report(JobState::Advancing(evolved.clock, transactions)).await;
                }
                Some(Err(error)) => return job.fail(&error.to_string()).await,
                None => return job.fail("the simulation ended early").await,
            }
        }
    }

    fn at_work(&self) -> MutexGuard<'_, Vec<Discriminant<JobKind>>> {
        // Nothing panics while it is locked, and what is in it is always whole.
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks the world as it stands now.
pub(crate) async fn verify(job: &RunningJob, store: &dyn Store) {
    let mut snapshot = match store.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(error) => return job.fail(&error.to_string()).await,
    };
    let check = move || mockbank_world::verify(snapshot.as_mut(), &Unwatched);
    match tokio::task::spawn_blocking(check).await {
        Ok(Ok(report)) => job.report(JobState::Verified(Box::new(report))).await,
        Ok(Err(error)) => job.fail(&error.to_string()).await,
        Err(error) => job.fail(&error.to_string()).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_job_of_a_kind_works_at_a_time() {
        let jobs = Arc::new(Jobs::new(1).unwrap());
        let (from, to) = (Instant::from_seconds(1), Instant::from_seconds(2));
        let turn = jobs.take_turn(JobKind::Verify).expect("none is at work");
        assert!(jobs.take_turn(JobKind::Verify).is_none());
        let other = jobs.take_turn(JobKind::Advance { from, to });
        assert!(other.is_some());
        assert!(jobs.take_turn(JobKind::Advance { from, to: from }).is_none());
        drop(turn);
        assert!(jobs.take_turn(JobKind::Verify).is_some());
    }
}
