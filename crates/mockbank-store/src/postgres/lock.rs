//! Who may do what to a world, as advisory locks of the server.
//!
//! Whoever makes a world or lets time pass has the *right to write*, for as long as his session
//! lasts; one has it at a time, and others learn who. Tellers do not need it: any number of them
//! carry commands out at once, each within transactions of its own. A step of time must not meet
//! them half-way, so it holds [`TIME`] alone, while groups of commands share it.

use tokio_postgres::error::SqlState;

use super::address::Address;
use super::session::{Session, wait};
use crate::{Result, StoreError};

/// Key of the right to write: `MkBkWrit` in ASCII.
const KEY: i64 = 0x4d6b_426b_5772_6974;

/// Key of the lock that groups of commands share and a step of time holds alone, each until the end
/// of its transaction: `MkBkTime` in ASCII. The server serves it in turn, so neither starves.
pub(super) const TIME: i64 = 0x4d6b_426b_5469_6d65;

/// Key of the lock that a group of commands holds, until the end of its transaction, to give out
/// numbers that count up without gaps: `MkBkNumb` in ASCII.
pub(super) const NUMBERS: i64 = 0x4d6b_426b_4e75_6d62;

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
