//! Making a world: beside the place where it will stand, until it is whole.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::place::Place;
use super::writer::put_setting;
use super::{catalog, pool, schema, step::SqliteStep};
use crate::{IfPresent, NewWorld, Result, Step, StoreError, Writer};

/// A world that is being made. Dropped before [`Self::finish`], it leaves nothing but the folder,
/// and an earlier world as it was.
///
/// What is written is not durable before `finish`, so loading is bounded by the processor.
#[derive(Debug)]
pub struct Building {
    // Dropped first, so that it is closed before the files are moved or removed.
    connection: Option<Connection>,
    place: Place,
}

impl Building {
    pub(super) fn start(folder: &Path, world: &NewWorld, present: IfPresent) -> Result<Self> {
        let place = Place::prepare(folder, present)?;
        let unfinished = place.unfinished();
        let mut building = Self { connection: None, place };
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = building.connection.insert(pool::open(&unfinished, access)?);
        configure(connection)?;
        schema::create(connection)?;
        write_world(connection, world)?;
        Ok(building)
    }

    /// Makes the world last and puts it into its place.
    pub fn finish(mut self) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.pragma_update(None, "locking_mode", "NORMAL")?;
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            connection.close().map_err(|(_, error)| error)?;
        }
        self.place.put()
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

fn configure(connection: &Connection) -> Result<()> {
    // Nobody reads the file before it is finished, and a crash leaves nothing to recover. The
    // journal serves only to take back a step that is dropped.
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_mode", "TRUNCATE", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(pool::STATEMENTS);
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
