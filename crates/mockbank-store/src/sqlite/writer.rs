//! Writing to a world that is there.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::lock::WriterLock;
use super::step::SqliteStep;
use super::{database, pool, schema};
use crate::{Result, Step, Writer};

/// The one connection that writes to a world, with the lock that makes it the only one.
#[derive(Debug)]
pub struct SqliteWriter {
    connection: Connection,
    _lock: WriterLock,
}

impl SqliteWriter {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = database(folder)?;
        schema::check_ours(&path)?;
        let lock = WriterLock::acquire(folder)?;
        let mut connection = pool::open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::upgrade(&mut connection, &path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        Ok(Self { connection, _lock: lock })
    }
}

impl SqliteWriter {
    /// The connection, outside of a step.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Writer for SqliteWriter {
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>> {
        Ok(Box::new(SqliteStep::begin(&mut self.connection)?))
    }

    fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        put_setting(&self.connection, key, value)
    }
}

pub(super) fn put_setting(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )?;
    Ok(())
}
