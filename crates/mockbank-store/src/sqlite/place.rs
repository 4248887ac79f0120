//! The place in a data folder where a world stands, and where the next one is made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::lock::WriterLock;
use super::{DATABASE, UNFINISHED, schema};
use crate::{IfPresent, Result, StoreError};

/// A folder that is getting a world. What is not put into its place is removed on drop, and an
/// earlier world stays as it was.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    _lock: WriterLock,
}

impl Place {
    /// Takes the right to write the folder, which is made where it is missing.
    pub(super) fn prepare(folder: &Path, present: IfPresent) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|error| {
            if folder.exists() {
                return StoreError::NotAFolder(folder.to_owned());
            }
            StoreError::file(folder)(error)
        })?;
        let lock = WriterLock::acquire(folder)?;
        check_present(folder, present)?;
        let place = Self { folder: folder.to_owned(), _lock: lock };
        remove_database(&place.unfinished())?;
        Ok(place)
    }

    /// Where the database is made.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.folder.join(UNFINISHED)
    }

    /// Makes the database last and puts it into its place. Nobody may have it open.
    pub(super) fn put(self) -> Result<()> {
        let database = self.folder.join(DATABASE);
        sync(&self.unfinished())?;
        retire(&database)?;
        fs::rename(self.unfinished(), &database).map_err(StoreError::file(&database))?;
        sync(&self.folder)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the place is prepared the next time.
        let _ = remove_database(&self.unfinished());
    }
}

fn check_present(folder: &Path, present: IfPresent) -> Result<()> {
    let database = folder.join(DATABASE);
    match (database.try_exists(), present) {
        (Ok(false), _) => Ok(()),
        (Ok(true), IfPresent::Refuse) => Err(StoreError::WorldExists(folder.to_owned())),
        // Somebody else's file is not ours to replace.
        (Ok(true), IfPresent::Replace) => schema::check_ours(&database),
        (Err(error), _) => Err(StoreError::file(&database)(error)),
    }
}

/// Takes the world that is there out of service, whole, so that nothing of it is left beside the
/// new one.
fn retire(database: &Path) -> Result<()> {
    if !database.exists() {
        return Ok(());
    }
    // The last close moves the write-ahead log into the database. Left behind, the log would be
    // taken for the new world's. One that does not open any more is only in the way.
    if let Ok(connection) = Connection::open(database) {
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    for suffix in ["-wal", "-shm"] {
        remove(&with_suffix(database, suffix))?;
    }
    Ok(())
}

fn remove_database(path: &Path) -> Result<()> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        remove(&with_suffix(path, suffix))?;
    }
    Ok(())
}

pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::file(path)(error))
        }
        _ => Ok(()),
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::file(path))
}
