//! Jobs: work that takes longer than a command, as all processes that share a world know it.

use async_trait::async_trait;

use crate::Result;

/// Jobs that a world keeps at least; of older ones, those that have ended are forgotten.
pub(crate) const KEPT: i64 = 256;

/// Makes the first bytes that are told of a job, from its number.
pub type RenderJob = Box<dyn FnOnce(i64) -> Vec<u8> + Send>;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It is at work.
    Running,
    /// It came to its end.
    Ended,
    /// Whoever worked at it is gone, and it never came to its end.
    Interrupted,
}

/// What is known of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// How far it is.
    pub state: JobState,
    /// The edge's bytes, as they were kept last.
    pub body: Vec<u8>,
}

/// A job at work. When this is dropped, or its process dies, before the job's end was kept, the job
/// counts as interrupted.
#[async_trait]
pub trait JobEntry: Send + Sync {
    /// The job's number, which no other job of the world gets.
    fn number(&self) -> i64;

    /// Keeps what is told of the job from now on, and whether that is its end.
    async fn keep(&self, body: Vec<u8>, ended: bool) -> Result<()>;

    /// Forgets the job, which did nothing.
    async fn remove(&self) -> Result<()>;
}
