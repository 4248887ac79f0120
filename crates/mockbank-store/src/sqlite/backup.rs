//! Copies of a world: made while it is in use, and put back.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::place::{Place, remove, sync, with_suffix};
use super::{pool, schema};
use crate::{IfPresent, Result, StoreError};

/// Writes the world as it stands now into a new file, while others read and write it.
pub(super) fn backup(connection: &Connection, file: &Path) -> Result<()> {
    if file.try_exists().map_err(StoreError::file(file))? {
        return Err(StoreError::FileExists(file.to_owned()));
    }
    // The file has its name only when it is whole.
    let partial = with_suffix(file, ".partial");
    remove(&partial)?;
    // The database fills an empty file as it would a new one, but does not say so well why it cannot
    // make one.
    File::create(&partial).map_err(StoreError::file(&partial))?;
    let name = partial.to_str().ok_or_else(|| StoreError::FileName(file.to_owned()))?;
    if let Err(error) = connection.execute("VACUUM INTO ?", [name]) {
        // Should that fail too, why there is no backup says more.
        let _ = remove(&partial);
        return Err(error.into());
    }
    sync(&partial)?;
    fs::rename(&partial, file).map_err(StoreError::file(file))?;
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync(folder),
        _ => sync(Path::new(".")),
    }
}

/// Puts the world of a backup into a folder.
pub(super) fn restore(file: &Path, folder: &Path, present: IfPresent) -> Result<()> {
    if fs::metadata(file).map_err(StoreError::file(file))?.is_dir() {
        return Err(StoreError::NotOurs(file.to_owned()));
    }
    schema::check_ours(file).map_err(|error| damaged(error, file))?;
    let place = Place::prepare(folder, present)?;
    let copy = place.unfinished();
    fs::copy(file, &copy).map_err(StoreError::file(file))?;
    check(&copy, file).map_err(|error| damaged(error, file))?;
    place.put()
}

/// Brings the copy to the current format, and refuses a file that is damaged.
fn check(copy: &Path, file: &Path) -> Result<()> {
    let mut connection = pool::open(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::upgrade(&mut connection, copy)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::DamagedBackup { path: file.to_owned(), why: verdict });
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    Ok(connection.close().map_err(|(_, error)| error)?)
}

/// Names the backup where the database says no more than that a file is damaged.
fn damaged(error: StoreError, file: &Path) -> StoreError {
    match error {
        StoreError::Database(error) => {
            StoreError::DamagedBackup { path: file.to_owned(), why: error.to_string() }
        }
        other => other,
    }
}
