//! Making a world: beside the place where it will stand, until it is whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::lock::WriterLock;
use super::writer::put_setting;
use super::{DATABASE, UNFINISHED, catalog, pool, schema, step::SqliteStep};
use crate::{NewWorld, Result, Step, StoreError, Writer};

/// What to do where the folder holds a world already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfPresent {
    /// Leave it alone and fail.
    Refuse,
    /// Put the new world in its place once that is whole.
    Replace,
}

/// A world that is being made. Dropped before [`Self::finish`], it leaves nothing but the folder,
/// and an earlier world as it was.
///
/// What is written is not durable before `finish`, so loading is bounded by the processor.
#[derive(Debug)]
pub struct Building {
    // Closed before the files are moved or removed.
    connection: Option<Connection>,
    folder: PathBuf,
    _lock: WriterLock,
}

impl Building {
    pub(super) fn start(folder: &Path, world: &NewWorld, present: IfPresent) -> Result<Self> {
        fs::create_dir_all(folder).map_err(StoreError::file(folder))?;
        let lock = WriterLock::acquire(folder)?;
        check_present(folder, present)?;
        let unfinished = folder.join(UNFINISHED);
        remove_database(&unfinished)?;
        let mut building = Self { connection: None, folder: folder.to_owned(), _lock: lock };
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = building.connection.insert(pool::open(&unfinished, access)?);
        configure(connection)?;
        schema::create(connection)?;
        write_world(connection, world)?;
        Ok(building)
    }

    /// Makes the world last and puts it into its place.
    pub fn finish(mut self) -> Result<()> {
        let unfinished = self.folder.join(UNFINISHED);
        let database = self.folder.join(DATABASE);
        if let Some(connection) = self.connection.take() {
            connection.pragma_update(None, "locking_mode", "NORMAL")?;
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            connection.close().map_err(|(_, error)| error)?;
        }
        sync(&unfinished)?;
        retire(&database)?;
        fs::rename(&unfinished, &database).map_err(StoreError::file(&database))?;
        sync(&self.folder)
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection
            .as_mut()
            .ok_or_else(|| StoreError::InvalidStep("the world is finished".to_owned()))
    }
}

impl Writer for Building {
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>> {
        Ok(Box::new(SqliteStep::begin(self.connection()?)?))
    }

    fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        put_setting(self.connection()?, key, value)
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        drop(self.connection.take());
        // What cannot be removed now is removed by the next build.
        let _ = remove_database(&self.folder.join(UNFINISHED));
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

fn configure(connection: &Connection) -> Result<()> {
    // Nobody reads the file before it is finished, and a crash leaves nothing to recover. The
    // journal serves only to take back a step that is dropped.
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_mode", "TRUNCATE", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    Ok(())
}

fn write_world(connection: &mut Connection, world: &NewWorld) -> Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO world (id, seed, model, preset, preset_text, currency, population,
             start, clock,
             descriptions, default_password_hash)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            world.seed.cast_signed(),
            world.model,
            &world.preset,
            &world.preset_text,
            world.currency.code(),
            world.population,
            world.start.number(),
            world.start.start().seconds(),
            i64::try_from(world.catalog.descriptions.len()).unwrap_or(i64::MAX),
            &world.default_password_hash,
        ),
    )?;
    catalog::write(&transaction, &world.catalog)?;
    Ok(transaction.commit()?)
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

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::file(path)(error))
        }
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::file(path))
}
