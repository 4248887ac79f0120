//! Copies of a world: made while it is in use, and put back.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::place::{IfPresent, Place, remove, sync, with_suffix};
use super::{pool, schema};
use crate::{Result, StoreError};

/// Writes the world as it stands now into a new file, while others read and write it.
pub(super) fn backup(connection: &Connection, file: &Path) -> Result<()> {
    if file.try_exists().map_err(StoreError::file(file))? {
        return Err(StoreError::FileExists(file.to_owned()));
    }
    // The file has its name only when it is whole.
    let partial = with_suffix(file, ".partial");
    remove(&partial)?;
    let name = partial.to_str().ok_or_else(|| StoreError::FileName(file.to_owned()))?;
    connection.execute("VACUUM INTO ?", [name])?;
    sync(&partial)?;
    fs::rename(&partial, file).map_err(StoreError::file(file))?;
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync(folder),
        _ => sync(Path::new(".")),
    }
}

/// Puts the world of a backup into a folder.
pub(super) fn restore(file: &Path, folder: &Path, present: IfPresent) -> Result<()> {
    schema::check_ours(file)?;
    let place = Place::prepare(folder, present)?;
    let copy = place.unfinished();
    fs::copy(file, &copy).map_err(StoreError::file(file))?;
    check(&copy, file)?;
    place.put()
}

/// Brings the copy to the current format, and refuses a file that is damaged.
fn check(copy: &Path, file: &Path) -> Result<()> {
    let mut connection = pool::open(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::upgrade(&mut connection, copy)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(format!("{}: {verdict}", file.display())));
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    Ok(connection.close().map_err(|(_, error)| error)?)
}
