//! The right to write a world, which one session has at a time.

use tokio_postgres::error::SqlState;

use super::address::Address;
use super::session::{Session, wait};
use crate::{Result, StoreError};

/// Key of the advisory lock within the database: `MkBkWrit` in ASCII.
const KEY: i64 = 0x4d6b_426b_5772_6974;

/// A session that holds the advisory lock: the server ends it with the session, however that ends.
#[derive(Debug)]
pub(super) struct WritingSession(Session);

impl WritingSession {
    /// Connects to a schema and takes the lock, or says who has it.
    pub(super) async fn open(address: &Address, schema: &str, options: &str) -> Result<Self> {
        let session = Session::open(address.manager(schema, options)).await?;
        let taken = session.query_one("SELECT pg_try_advisory_lock($1)", &[&KEY]).await?;
        if taken.try_get(0)? {
            return Ok(Self(session));
        }
        let path = address.name().to_owned();
        Err(StoreError::Busy { path, holder: holder(&session).await? })
    }
}

impl std::ops::Deref for WritingSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Drop for WritingSession {
    fn drop(&mut self) {
        // Closing the connection gives the lock back too, but only once the server notices. A
        // session in a failed transaction has to end that first.
        let _ = wait(self.0.batch_execute("ROLLBACK"));
        let _ = wait(self.0.execute("SELECT pg_advisory_unlock($1)", &[&KEY]));
    }
}

/// Who holds the lock, as far as the server lets us see.
async fn holder(session: &Session) -> Result<Option<String>> {
    let sql = "SELECT a.application_name, coalesce(host(a.client_addr), 'this machine'),
                   to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
               FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
               WHERE l.locktype = 'advisory' AND l.granted
                   AND l.classid::bigint << 32 | l.objid::bigint = $1
                   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let row = match session.query_opt(sql, &[&KEY]).await {
        Ok(row) => row,
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => None,
        Err(error) => return Err(error.into()),
    };
    row.map(|row| {
        let (name, host, since): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(format!("{name}, from {host}, since {since} UTC"))
    })
    .transpose()
}
