//! `/admin/jobs`, and the routes that begin them

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use mockbank_bank::command::Command;
use mockbank_store::{Idempotency, JobRecord, JobState, Reply, Reservation};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::answer::body::{json, json_response};
use crate::answer::problem::Problem;
use crate::app::App;
use crate::counter::{Order, REPLAYED, carry_out};
use crate::jobs;
use crate::jobs::body::{Job, Status, job_body};
use crate::jobs::job::{JobId, JobKind};
use crate::jobs::work::RunningJob;
use crate::request::admin::{ADMIN, Admin};
use crate::request::fields::{Check, Field, OneOf, within};
use crate::request::query::PathId;
use crate::request::write::{Nothing, RepeatKey, Write};

const SECONDS_PER_HOUR: i64 = 3600;

/// The most days that can pass in one job: ten years.
const MOST_DAYS: i64 = 3_660;

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
/// to ask about. A job ends with its server; the clock then stands where the job had come to, and
/// its key still stands for it.
#[utoipa::path(
    post, path = "/admin/clock/advance", tag = "administration",
    params(RepeatKey),
    request_body = NewTime,
    responses(
        (status = 202, description = "The job, at `Location`", body = Job),
        (status = 400, description = "The body is not JSON, or the key is not well-formed"),
        (status = 401, description = "This is not the admin token"),
        (status = 409, description = "Time is passing already, also through another process: \
            `job_running`; `clock_end`, `key_reused`"),
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
    let from = app.store.world().await?.clock;
    let to = from.plus_seconds(hours * SECONDS_PER_HOUR).map_err(|error| {
        Problem::new(StatusCode::CONFLICT, error.to_string()).with_code("clock_end")
    })?;
    let act = format!("advance the clock by {hours} h to {to}");
    begin(app, JobKind::Advance { from, to }, act, idempotency).await
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
    begin(app, JobKind::Verify, "verify the world".to_owned(), idempotency).await
}

/// Begins a job, once for each key.
///
/// In a task of its own: a client that goes away meanwhile leaves no key behind without its job.
async fn begin(
    app: Arc<App>,
    kind: JobKind,
    act: String,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    let beginning = tokio::spawn(async move {
        let _one_at_a_time = app.jobs.beginning.acquire().await;
        let job = match app.jobs.take_turn(kind) {
            Some(turn) => Some(RunningJob::begin(kind, turn, &**app.teller()?).await?),
            None => None,
        };
        let right = match job {
            Some(_) => take_right(&app, kind).await,
            None => Ok(None),
        };
        let shown = job.as_ref().map(|job| job_body(&job.begun()));
        // The bank refuses it where one is running, unless it has the answer to its key.
        let running = job.is_none() || right.is_err();
        let command = Command::BeginJob { act, running };
        let order = Order { command, idempotency, audit: Some(Admin::audit(&app)) };
        let answer = carry_out(&app, order, move |_, _| {
            Some(Reply { status: StatusCode::ACCEPTED.as_u16(), body: shown.clone()? })
        })
        .await;
        let fresh = answer.as_ref().is_ok_and(|done| !done.headers().contains_key(REPLAYED));
        match job {
            Some(job) if fresh => work(Arc::clone(&app), job, right?)?,
            Some(job) => {
                job.forget().await;
                if answer.is_err() {
                    // It says more than the bank's refusal, which follows from it.
                    right?;
                }
            }
            None => {}
        }
        with_location(answer?).await
    });
    beginning.await.map_err(|error| {
        tracing::error!(%error, "a job did not begin");
        Problem::internal()
    })?
}

/// The right to let time pass, which one process has at a time, for a job that needs it.
async fn take_right(app: &App, kind: JobKind) -> Result<Option<Reservation>, Problem> {
    let (JobKind::Advance { from, .. }, Ok(teller)) = (kind, app.teller()) else { return Ok(None) };
    let right = teller.reserve_writer().await?;
    let clock = app.store.world().await?.clock;
    if clock != from {
        let detail = format!("another process has let time pass to {clock} just now; ask again");
        return Err(Problem::new(StatusCode::CONFLICT, detail).with_code("job_running"));
    }
    Ok(Some(right))
}

/// Puts a job to work, with the right that it needs until its end.
fn work(app: Arc<App>, job: RunningJob, right: Option<Reservation>) -> Result<(), Problem> {
    let teller = Arc::clone(app.teller()?);
    tokio::spawn(async move {
        let _right = right;
        match job.kind {
            JobKind::Advance { to, .. } => {
                let passed = |clock| {
                    app.bank_clock.keep(clock, app.clock.now());
                };
                app.jobs.advance(&job, to, &*teller, passed).await;
            }
            JobKind::Verify => jobs::work::verify(&job, &*app.store).await,
        }
    });
    Ok(())
}

/// The part of a job's answer that says where to ask about it.
#[derive(Deserialize)]
struct Named<'a> {
    job_id: &'a str,
}

/// The answer, fresh or kept, with the place of the job that it names.
async fn with_location(answer: Response) -> Result<Response, Problem> {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::internal())?;
    let Named { job_id } = serde_json::from_slice(&body).map_err(|_| Problem::internal())?;
    let location = HeaderValue::try_from(format!("/admin/jobs/{job_id}"));
    parts.headers.insert(header::LOCATION, location.map_err(|_| Problem::internal())?);
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// A job
///
/// How far it is, whichever server of the bank works at it. The latest 256 are remembered. A job
/// whose server ended before it did is `INTERRUPTED`; what it had done stays.
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
    let job = match id {
        Some(id) => app.store.job(id.number()).await?,
        None => None,
    };
    let JobRecord { state, body } = job.ok_or_else(|| Problem::not_found("job"))?;
    match state {
        JobState::Running | JobState::Ended => Ok(json_response(body)),
        JobState::Interrupted => {
            // Whoever worked at it could not say so.
            let mut job: Map<String, Value> =
                serde_json::from_slice(&body).map_err(|_| Problem::internal())?;
            job.insert("status".to_owned(), json!(Status::Interrupted));
            json(&job, body.len())
        }
    }
}
