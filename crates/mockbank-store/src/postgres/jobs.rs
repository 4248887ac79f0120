//! Jobs in the database. Each has a session of its own, which holds an advisory lock while the job
//! is at work: when its process dies the server gives the lock back, and all others know.

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;

use super::address::Address;
use super::read::one;
use super::schema::SCHEMA;
use super::session::{Session, wait};
use crate::Result;
use crate::teller::job::{JobEntry, JobRecord, JobState, KEPT, RenderJob};

/// First key of the locks of jobs, whose second one is the job's number: `MkBJ` in ASCII.
const KEY: i32 = 0x4d6b_424a;

/// A job of this process.
pub(super) struct PostgresJob {
    session: Session,
    number: i64,
}

impl PostgresJob {
    pub(super) async fn begin(address: &Address, body: RenderJob) -> Result<Self> {
        let session = Session::open(address.manager(SCHEMA, "")).await?;
        let sql = "SELECT nextval(pg_get_serial_sequence('job', 'number'))";
        let number: i64 = session.query_one(sql, &[]).await?.try_get(0)?;
        // Nobody else has it but a job of that number in a world that this one has replaced.
        session.execute("SELECT pg_try_advisory_lock($1, $2)", &[&KEY, &key(number)]).await?;
        let job = Self { session, number };
        let sql = "INSERT INTO job (number, ended, body) OVERRIDING SYSTEM VALUE
                   VALUES ($1, false, $2)";
        job.session.execute(sql, &[&number, &body(number)]).await?;
        let sql = "DELETE FROM job WHERE number <= $1 AND ended";
        job.session.execute(sql, &[&(number - KEPT)]).await?;
        Ok(job)
    }
}

#[async_trait]
impl JobEntry for PostgresJob {
    fn number(&self) -> i64 {
        self.number
    }

    async fn keep(&self, body: Vec<u8>, ended: bool) -> Result<()> {
        let sql = "UPDATE job SET ended = $1, body = $2 WHERE number = $3";
        self.session.execute(sql, &[&ended, &body, &self.number]).await?;
        Ok(())
    }

    async fn remove(&self) -> Result<()> {
        self.session.execute("DELETE FROM job WHERE number = $1", &[&self.number]).await?;
        Ok(())
    }
}

impl Drop for PostgresJob {
    fn drop(&mut self) {
        // Closing the connection gives the lock back too, but only once the server notices.
        let unlock = "SELECT pg_advisory_unlock($1, $2)";
        let _ = wait(self.session.execute(unlock, &[&KEY, &key(self.number)]));
    }
}

/// The key of a job's lock: no two of two thousand million jobs that follow each other share one.
fn key(number: i64) -> i32 {
    i32::try_from(number & i64::from(i32::MAX)).unwrap_or_default()
}

pub(super) async fn job(client: &ClientWrapper, number: i64) -> Result<Option<JobRecord>> {
    let sql = "SELECT ended, body, EXISTS (
                   SELECT FROM pg_locks
                   WHERE locktype = 'advisory' AND granted AND objsubid = 2
                       AND classid::bigint = $2::integer AND objid::bigint = $3::integer
                       AND database = (SELECT oid FROM pg_database
                                       WHERE datname = current_database()))
               FROM job WHERE number = $1";
    one(client, sql, &[&number, &KEY, &key(number)], |row| {
        let state = match (row.try_get(0)?, row.try_get(2)?) {
            (true, _) => JobState::Ended,
            (false, true) => JobState::Running,
            (false, false) => JobState::Interrupted,
        };
        Ok(JobRecord { state, body: row.try_get(1)? })
    })
    .await
}
