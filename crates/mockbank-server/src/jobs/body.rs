//! What a job looks like to those who ask about it. The world keeps the same bytes, so that any
//! server can answer.
#![expect(clippy::struct_field_names, reason = "fields are named as on the wire")]

use mockbank_bank::Instant;
use mockbank_world::verify::Checked;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::{self, JobId, JobKind, JobState as Progress};
use crate::answer::body::{as_optional_text, as_text};

/// A job.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "job_1")]
    job_id: JobId,
    kind: Kind,
    status: Status,
    /// The bank's time at the beginning; null unless time passes.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, format = DateTime, required, example = "2025-01-31T00:00:00Z")]
    from: Option<Instant>,
    /// The bank's time at the end; null unless time passes.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, format = DateTime, required, example = "2025-02-01T00:00:00Z")]
    to: Option<Instant>,
    /// The bank's time that the job has come to; null unless time passes.
    #[serde(serialize_with = "as_optional_text")]
    #[schema(value_type = Option<String>, format = DateTime, required, example = "2025-02-01T00:00:00Z")]
    clock: Option<Instant>,
    /// Transactions that came with the time; null unless time passes.
    #[schema(required, example = 3)]
    transactions: Option<u64>,
    /// What a check found; null before its end, and where none was made.
    #[schema(required)]
    report: Option<Report>,
    /// Why it failed; null unless it did.
    #[schema(required)]
    error: Option<String>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    AdvanceClock,
    Verify,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Running,
    Done,
    Failed,
    /// Whoever worked at it ended before the job did.
    Interrupted,
}

/// What a check of the whole world found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Report {
    /// Whether everything holds.
    holds: bool,
    /// The first thing that does not; null if everything does.
    #[schema(required)]
    finding: Option<String>,
    /// Running balances that were recomputed.
    #[schema(example = 80)]
    transactions: u64,
    /// Books that were read from end to end.
    #[schema(example = 5)]
    accounts: u64,
    /// Cards whose debt was recomputed.
    #[schema(example = 5)]
    cards: u64,
    /// Records of transfers that found their other side.
    #[schema(example = 4)]
    transfers: u64,
    /// Pending holds that were compared with the money set aside for them.
    #[schema(example = 1)]
    pending_holds: u64,
    /// Seals that fit what they stand for and the one before.
    #[schema(example = 2)]
    seals: u64,
}

impl From<&mockbank_world::verify::Report> for Report {
    fn from(report: &mockbank_world::verify::Report) -> Self {
        let Checked { accounts, cards, transactions, transfers, pending_holds, seals, .. } =
            report.checked;
        Self {
            holds: report.finding.is_none(),
            finding: report.finding.as_ref().map(ToString::to_string),
            transactions,
            accounts,
            cards,
            transfers,
            pending_holds,
            seals,
        }
    }
}

impl From<&job::Job> for Job {
    fn from(job: &job::Job) -> Self {
        let (kind, from, to) = match job.kind {
            JobKind::Advance { from, to } => (Kind::AdvanceClock, Some(from), Some(to)),
            JobKind::Verify => (Kind::Verify, None, None),
        };
        let blank = Self {
            job_id: job.id,
            kind,
            status: Status::Running,
            from,
            to,
            clock: None,
            transactions: None,
            report: None,
            error: None,
        };
        match &job.state {
            Progress::Verifying => blank,
            Progress::Advancing(clock, count) => {
                Self { clock: Some(*clock), transactions: Some(*count), ..blank }
            }
            Progress::Advanced(count) => {
                Self { status: Status::Done, clock: to, transactions: Some(*count), ..blank }
            }
            Progress::Verified(report) => {
                Self { status: Status::Done, report: Some(Report::from(&**report)), ..blank }
            }
            Progress::Failed(why) => {
                Self { status: Status::Failed, error: Some(why.clone()), ..blank }
            }
        }
    }
}

/// A job as the body of an answer, which the world keeps too.
pub(crate) fn job_body(job: &job::Job) -> Vec<u8> {
    serde_json::to_vec(&Job::from(job)).unwrap_or_default()
}
