//! Work that takes longer than a request: begun by one, asked about by others.

use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mockbank_bank::Instant;
use mockbank_store::{Act, JobEntry, Store, Teller};
use mockbank_world::verify::Report;
use mockbank_world::{Unwatched, Workers, WorldError};
use tokio::sync::{Semaphore, oneshot};

use crate::api::admin::jobs::job_body;
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

/// A piece of work.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) state: JobState,
}

impl Job {
    /// A job that is given work next.
    fn begun(id: JobId, kind: JobKind) -> Self {
        let state = match kind {
            JobKind::Advance { from, .. } => JobState::Advancing(from, 0),
            JobKind::Verify => JobState::Verifying,
        };
        Self { id, kind, state }
    }
}

/// Identifier of a job, `job_1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId(i64);

impl JobId {
    /// The job's number in the world.
    pub(crate) fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job_{}", self.0)
    }
}

impl FromStr for JobId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text.strip_prefix("job_").and_then(|digits| digits.parse().ok());
        let id = Self(number.ok_or(())?);
        // One way to write each.
        if id.to_string() == text { Ok(id) } else { Err(()) }
    }
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Lets time pass.
    Advance {
        /// The bank's time at the beginning.
        from: Instant,
        /// The bank's time at the end.
        to: Instant,
    },
    /// Checks the whole world.
    Verify,
}

/// How far a job is.
#[derive(Debug)]
pub(crate) enum JobState {
    /// Time passes; this is the bank's time so far, and the postings that came with it.
    Advancing(Instant, u64),
    /// The world is being checked.
    Verifying,
    /// Time has passed, with so many postings.
    Advanced(u64),
    /// The world was checked.
    Verified(Box<Report>),
    /// It failed; the text says why.
    Failed(String),
}

impl JobState {
    /// Whether the job still works.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Advancing(..) | Self::Verifying)
    }
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
        for _ in 0..if ended { ATTEMPTS } else { 1 } {
            match self.entry.keep(body.clone(), ended).await {
                Ok(()) => break,
                Err(error) => tracing::warn!(job = %job.id, %error, "how far a job is was lost"),
            }
            if ended {
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

    #[test]
    fn identifiers_are_written_in_one_way() {
        assert_eq!("job_7".parse(), Ok(JobId(7)));
        for text in ["job_", "job_07", "job_+7", "7", "Job_7"] {
            assert_eq!(text.parse::<JobId>(), Err(()), "{text}");
        }
    }
}
