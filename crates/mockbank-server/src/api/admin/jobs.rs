//! `/admin/jobs`, and the routes that begin them

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mockbank_bank::Instant;
use mockbank_store::{Reservation, StoreError, Teller};
use mockbank_world::verify::Checked;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::{ADMIN, Admin};
use crate::api::holds::Nothing;
use crate::api::{as_optional_text, as_text, json};
use crate::app::App;
use crate::fields::{Check, Field, OneOf, within};
use crate::jobs::{Begun, JobId, JobKind, JobState};
use crate::problem::Problem;
use crate::query::PathId;
use crate::write::{REPLAYED, RepeatKey, Write};

const SECONDS_PER_HOUR: i64 = 3600;

/// The most days that can pass in one job: ten years.
const MOST_DAYS: i64 = 3_660;

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
    /// Seals that fit what they stand for and the one before.
    #[schema(example = 2)]
    seals: u64,
}

impl From<&mockbank_world::verify::Report> for Report {
    fn from(report: &mockbank_world::verify::Report) -> Self {
        let Checked { accounts, cards, transactions, transfers, seals, .. } = report.checked;
        Self {
            holds: report.finding.is_none(),
            finding: report.finding.as_ref().map(ToString::to_string),
            transactions,
            accounts,
            cards,
            transfers,
            seals,
        }
    }
}

impl From<&crate::jobs::Job> for Job {
    fn from(job: &crate::jobs::Job) -> Self {
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
            JobState::Verifying => blank,
            JobState::Advancing(clock, count) => {
                Self { clock: Some(*clock), transactions: Some(*count), ..blank }
            }
            JobState::Advanced(count) => {
                Self { status: Status::Done, clock: to, transactions: Some(*count), ..blank }
            }
            JobState::Verified(report) => {
                Self { status: Status::Done, report: Some(Report::from(&**report)), ..blank }
            }
            JobState::Failed(why) => {
                Self { status: Status::Failed, error: Some(why.clone()), ..blank }
            }
        }
    }
}

/// How much time is to pass: days or hours.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1, example = json!({"days": 1}))]
pub(crate) struct NewTime {
    /// Days; not together with `hours`.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 3_660, example = 1)]
    days: Field<i64>,
    /// Hours; not together with `days`.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 87_840)]
    hours: Field<i64>,
}

impl NewTime {
    fn hours(self) -> Result<i64, Problem> {
        let mut check = Check::default();
        let days = self.days.tested(within(1..=MOST_DAYS));
        let hours = self.hours.tested(within(1..=MOST_DAYS * 24));
        match check.one_of(("days", days), ("hours", hours)) {
            Some(OneOf::First(days)) => Ok(days * 24),
            Some(OneOf::Second(hours)) => Ok(hours),
            None => Err(check.refuse()),
        }
    }
}

/// Let time pass
///
/// Payroll, spending and bills until the new time, while the API goes on: the answer names a job
/// to ask about. A job ends with the server; the clock then stands where the job had come to.
#[utoipa::path(
    post, path = "/admin/clock/advance", tag = "administration",
    params(RepeatKey),
    request_body = NewTime,
    responses(
        (status = 202, description = "The job, at `Location`", body = Job),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "This is not the admin token"),
        (status = 409, description = "Time is passing already: `job_running`; `clock_end`, \
            `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "`invalid_fields`"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn advance_clock(
    State(app): State<Arc<App>>,
    _: Admin,
    request: Write<NewTime>,
) -> Result<Response, Problem> {
    let (body, idempotency) = request.split(&app, &ADMIN);
    let hours = body.hours()?;
    let teller = Arc::clone(app.teller()?);
    let from = app.store.world().await?.clock;
    let to = from.plus_seconds(hours * SECONDS_PER_HOUR).map_err(|error| {
        Problem::new(StatusCode::CONFLICT, error.to_string()).with_code("clock_end")
    })?;
    let job = match app.jobs.begin(JobKind::Advance { from, to }, idempotency) {
        Begun::New(job) => job,
        other => return known(other),
    };
    let act = format!("advance the clock by {hours} h to {to}");
    let reserved = match reserve(&app, &*teller, from, act).await {
        Ok(reserved) => reserved,
        Err(problem) => {
            app.jobs.report(job.id, JobState::Failed("it did not begin".to_owned()));
            return Err(problem);
        }
    };
    let begun = accepted(&job)?;
    tokio::spawn(async move {
        let _reserved = reserved;
        let passed = |clock| {
            app.bank_clock.keep(clock, app.clock.now());
        };
        app.jobs.advance(&job, to, &*teller, passed).await;
    });
    Ok(begun)
}

/// Takes the right to let time pass from `from` on, and notes what for.
async fn reserve(
    app: &App,
    teller: &dyn Teller,
    from: Instant,
    act: String,
) -> Result<Reservation, Problem> {
    let reserved = teller.reserve_writer().await?;
    if app.store.world().await?.clock != from {
        let detail = "another process has let time pass just now; ask again";
        return Err(Problem::new(StatusCode::CONFLICT, detail).with_code("job_running"));
    }
    teller.record(Admin::audit(app), act).await?;
    Ok(reserved)
}

/// Check the whole world
///
/// Recomputes every balance from the transactions, finds both sides of every transfer, and
/// replays the chain of seals, on the world as it stands now, while the API goes on.
#[utoipa::path(
    post, path = "/admin/verify", tag = "administration",
    params(RepeatKey),
    request_body = Option<Nothing>,
    responses(
        (status = 202, description = "The job, at `Location`", body = Job),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "This is not the admin token"),
        (status = 409, description = "A check is under way already: `job_running`; `key_reused`"),
        (status = 415, description = "The body is not declared to be JSON"),
        (status = 422, description = "The body has fields"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn verify(
    State(app): State<Arc<App>>,
    _: Admin,
    request: Write<Option<Nothing>>,
) -> Result<Response, Problem> {
    let (_, idempotency) = request.split(&app, &ADMIN);
    let teller = app.teller()?;
    let job = match app.jobs.begin(JobKind::Verify, idempotency) {
        Begun::New(job) => job,
        other => return known(other),
    };
    if let Err(error) = teller.record(Admin::audit(&app), "verify the world".to_owned()).await {
        app.jobs.report(job.id, JobState::Failed(error.to_string()));
        return Err(error.into());
    }
    let begun = accepted(&job)?;
    tokio::spawn(async move { app.jobs.verify(&job, &*app.store).await });
    Ok(begun)
}

/// The answer to a wish that began no new job.
fn known(begun: Begun) -> Result<Response, Problem> {
    match begun {
        Begun::New(job) => accepted(&job),
        Begun::Again(job) => {
            let mut response = accepted(&job)?;
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Begun::KeyReused => Err(StoreError::KeyReused.into()),
        Begun::Busy(id) => Err(Problem::new(
            StatusCode::CONFLICT,
            format!("{id} is at work already; wait for its end"),
        )
        .with_code("job_running")),
    }
}

fn accepted(job: &crate::jobs::Job) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(format!("/admin/jobs/{}", job.id))
        .map_err(|_| Problem::internal())?;
    let mut response = (StatusCode::ACCEPTED, json(&Job::from(job), 512)?).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// A job
///
/// How far it is. The latest 256 of this server are remembered.
#[utoipa::path(
    get, path = "/admin/jobs/{job_id}", tag = "administration",
    params(("job_id" = String, Path, example = "job_1")),
    responses(
        (status = 200, description = "The job", body = Job),
        (status = 401, description = "This is not the admin token"),
        (status = 404, description = "There is no such job"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    _: Admin,
    PathId(id): PathId<JobId>,
) -> Result<Response, Problem> {
    let job = id.and_then(|id| app.jobs.find(id)).ok_or_else(|| Problem::not_found("job"))?;
    json(&Job::from(&job), 512)
}
