//! Work that takes longer than a request: begun by one, asked about by others.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mockbank_bank::Instant;
use mockbank_store::{Act, Store, Teller};
use mockbank_world::verify::Report;
use mockbank_world::{Unwatched, Workers, WorldError};
use tokio::sync::{Semaphore, oneshot};

use crate::ServerError;

/// Jobs that are remembered; the oldest are forgotten.
const REMEMBERED: usize = 256;

/// The jobs of a server. They end with it; what a job has kept of its work stays.
pub(crate) struct Jobs {
    table: Mutex<Table>,
    /// Taken by whoever begins a job, until the bank has it.
    pub(crate) beginning: Semaphore,
    /// The threads of the simulation.
    workers: Arc<Workers>,
}

#[derive(Default)]
struct Table {
    last: u64,
    jobs: VecDeque<Job>,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) state: JobState,
}

/// Identifier of a job, `job_1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId(u64);

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
#[derive(Clone, Debug)]
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

impl Jobs {
    /// No jobs yet; the simulation gets `threads` threads, one for each core if 0.
    pub(crate) fn new(threads: usize) -> Result<Self, ServerError> {
        let workers = Arc::new(Workers::new(threads).map_err(ServerError::Workers)?);
        Ok(Self { table: Mutex::default(), beginning: Semaphore::new(1), workers })
    }

    /// Looks a job up.
    pub(crate) fn find(&self, id: JobId) -> Option<Job> {
        self.table().jobs.iter().find(|job| job.id == id).cloned()
    }

    /// Registers a job, to be given work; `None` if one of its kind is at work.
    ///
    /// Each job that begins stands in the audit log, so `audited`, the number of entries there, is
    /// at least the number of all jobs of earlier servers: numbers are not given out again.
    pub(crate) fn begin(&self, kind: JobKind, audited: u64) -> Option<Job> {
        let mut table = self.table();
        let same_kind = |job: &Job| {
            job.state.is_running()
                && std::mem::discriminant(&job.kind) == std::mem::discriminant(&kind)
        };
        if table.jobs.iter().any(same_kind) {
            return None;
        }
        table.last = table.last.max(audited) + 1;
        let state = match kind {
            JobKind::Advance { from, .. } => JobState::Advancing(from, 0),
            JobKind::Verify => JobState::Verifying,
        };
        let job = Job { id: JobId(table.last), kind, state };
        table.jobs.push_back(job.clone());
        if table.jobs.len() > REMEMBERED {
            table.jobs.pop_front();
        }
        Some(job)
    }

    /// Forgets a job that was registered and is given no work.
    pub(crate) fn forget(&self, id: JobId) {
        self.table().jobs.retain(|job| job.id != id);
    }

    /// Says how far a job is.
    pub(crate) fn report(&self, id: JobId, state: JobState) {
        if let Some(job) = self.table().jobs.iter_mut().find(|job| job.id == id) {
            job.state = state;
        }
    }

    /// Lets time pass until `to`, in pieces between which orders are carried out; `passed` is told
    /// the bank's time after each.
    pub(crate) async fn advance(
        &self,
        job: &Job,
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
                        return self.report(job.id, JobState::Advanced(transactions));
                    }
                    self.report(job.id, JobState::Advancing(evolved.clock, transactions));
                }
                Some(Err(error)) => return self.fail(job, &error.to_string()),
                None => return self.fail(job, "the simulation ended early"),
            }
        }
    }

    /// Checks the world as it stands now.
    pub(crate) async fn verify(&self, job: &Job, store: &dyn Store) {
        let mut snapshot = match store.snapshot().await {
            Ok(snapshot) => snapshot,
            Err(error) => return self.fail(job, &error.to_string()),
        };
        let check = move || mockbank_world::verify(snapshot.as_mut(), &Unwatched);
        match tokio::task::spawn_blocking(check).await {
            Ok(Ok(report)) => self.report(job.id, JobState::Verified(Box::new(report))),
            Ok(Err(error)) => self.fail(job, &error.to_string()),
            Err(error) => self.fail(job, &error.to_string()),
        }
    }

    fn fail(&self, job: &Job, why: &str) {
        tracing::error!(job = %job.id, error = why, "a job failed");
        self.report(job.id, JobState::Failed(why.to_owned()));
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it is locked, and what is in it is always whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_job_of_a_kind_works_at_a_time_and_numbers_are_not_given_out_again() {
        let jobs = Jobs::new(1).unwrap();
        let job = jobs.begin(JobKind::Verify, 7).expect("none is at work");
        assert_eq!(job.id, JobId(8));
        assert!(jobs.begin(JobKind::Verify, 8).is_none());
        jobs.report(job.id, JobState::Failed("of itself".to_owned()));
        let next = jobs.begin(JobKind::Verify, 0).expect("none is at work");
        assert_eq!(next.id, JobId(9));
        assert!(matches!(jobs.find(job.id).unwrap().state, JobState::Failed(_)));
        jobs.forget(next.id);
        assert!(jobs.find(next.id).is_none());
    }

    #[test]
    fn identifiers_are_written_in_one_way() {
        assert_eq!("job_7".parse(), Ok(JobId(7)));
        for text in ["job_", "job_07", "job_+7", "7", "Job_7"] {
            assert_eq!(text.parse::<JobId>(), Err(()), "{text}");
        }
    }
}
