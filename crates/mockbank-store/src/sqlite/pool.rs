//! Read connections, used on the calling thread.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::Result;

/// How long a connection waits for another that holds a lock of the database for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Statements that a connection keeps prepared: more than this crate has.
pub(super) const STATEMENTS: usize = 128;

/// Bytes of the database that a connection may map into memory: pages in the system's cache are
/// read without a copy or a system call.
const MAPPED: i64 = 1 << 36;

/// Idle read connections of one database.
///
/// The last one given back is the next one taken, so its page cache and statements are warm. A
/// read does not wait while it holds one, so there are never more than there are threads.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Vec::new()) }
    }

    /// A connection that goes back to the pool when dropped.
    pub(super) fn get(&self) -> Result<Pooled<&Self>> {
        Pooled::take(self)
    }

    fn pop(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| connect(&self.path), Ok)
    }

    fn give_back(&self, connection: Connection) {
        // One that failed in the middle of a transaction would pin an old snapshot.
        if connection.is_autocommit() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    Ok(connection)
}

/// A connection with what reading and writing have in common. One thread uses it at a time, so
/// it needs no locks of its own.
pub(super) fn open(path: &Path, access: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on what is bound; otherwise each new bound of a range would have its
    // statement prepared again.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// A connection on loan from a pool that `P` points to.
#[derive(Debug)]
pub(super) struct Pooled<P: Deref<Target = Pool>> {
    pool: P,
    connection: Option<Connection>,
}

impl<P: Deref<Target = Pool>> Pooled<P> {
    pub(super) fn take(pool: P) -> Result<Self> {
        let connection = Some(pool.pop()?);
        Ok(Self { pool, connection })
    }
}

impl<P: Deref<Target = Pool>> Deref for Pooled<P> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until the drop")
    }
}

impl<P: Deref<Target = Pool>> Drop for Pooled<P> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.give_back(connection);
        }
    }
}
