//! The format of the database: what tells it from others', its version, its migrations.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::pool;
use crate::{Result, StoreError};

/// `PRAGMA application_id` of our databases: `MkBk` in ASCII.
const APPLICATION_ID: i64 = 0x4d6b_426b;

/// The version that this program reads and writes.
const CURRENT: i64 = 4;

/// The steps from an empty database to the current format, each of which leads to the version
/// after that of its index.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_teller.sql"),
    include_str!("migrations/0003_daily_totals.sql"),
    include_str!("migrations/0004_jobs.sql"),
];

const _: () = assert!(MIGRATIONS.len() as u64 == CURRENT.unsigned_abs());

/// Makes an empty database one of ours, in the current format.
pub(super) fn create(connection: &mut Connection) -> Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(connection, 0)
}

/// Refuses a database that is not ours or not in the current format.
pub(super) fn check_current(connection: &Connection, path: &Path) -> Result<()> {
    match version(connection, path)? {
        CURRENT => Ok(()),
        found => Err(StoreError::OtherVersion {
            path: path.to_owned(),
            found,
            expected: CURRENT,
            mend: mend(found),
        }),
    }
}

/// Brings a database of ours to the current format; refuses what is not ours or newer.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<()> {
    let found = version(connection, path)?;
    if (1..CURRENT).contains(&found) {
        migrate(connection, found)?;
    }
    check_current(connection, path)
}

/// Refuses a file that another program wrote.
///
/// The database reads it itself: closing a file of one's own would take away the locks that other
/// connections of the process hold on it.
pub(super) fn check_ours(path: &Path) -> Result<()> {
    version(&pool::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, path).map(drop)
}

fn version(connection: &Connection, path: &Path) -> Result<i64> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match pragma("application_id") {
        Ok(APPLICATION_ID) => Ok(pragma("user_version")?),
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::NotADatabase) => {
            Err(error.into())
        }
        _ => Err(StoreError::NotOurs(path.to_owned())),
    }
}

fn mend(found: i64) -> &'static str {
    if found > CURRENT {
        "use the newer Mock-Bank"
    } else if found >= 1 {
        "a command that writes, as 'mockbank serve', brings it up to date"
    } else {
        "make a new world with 'mockbank init --force'"
    }
}

fn migrate(connection: &mut Connection, from: i64) -> Result<()> {
    let transaction = connection.transaction()?;
    for (version, migration) in (1_i64..).zip(MIGRATIONS) {
        if version > from {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", version)?;
        }
    }
    Ok(transaction.commit()?)
}
