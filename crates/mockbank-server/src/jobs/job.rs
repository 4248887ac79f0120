//! What a job is: its number, its kind, and how far it is.

use std::fmt;
use std::str::FromStr;

use mockbank_bank::Instant;
use mockbank_world::verify::Report;

/// A piece of work.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) state: JobState,
}

impl Job {
    /// A job that is given work next.
    pub(super) fn begun(id: JobId, kind: JobKind) -> Self {
        let state = match kind {
            JobKind::Advance { from, .. } => JobState::Advancing(from, 0),
            JobKind::Verify => JobState::Verifying,
        };
        Self { id, kind, state }
    }
}

/// Identifier of a job, `job_1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId(pub(super) i64);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_in_one_way() {
        assert_eq!("job_7".parse(), Ok(JobId(7)));
        for text in ["job_", "job_07", "job_+7", "7", "Job_7"] {
            assert_eq!(text.parse::<JobId>(), Err(()), "{text}");
        }
    }
}
