//! The places where a world can be kept, told apart by how they are named.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::postgres::{self, PostgresBuilding, PostgresRates, PostgresStore, PostgresTeller};
use crate::sqlite::{self, SqliteStore, SqliteTeller};
use crate::{
    IfPresent, NewWorld, RateCounter, Result, Step, Store, Teller, TellerSettings, Writer,
};

/// Where a world is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A data folder, with a `SQLite` database in it.
    Folder(PathBuf),
    /// The URL of a `PostgreSQL` database, user and password included.
    Database(String),
}

/// As it is shown: a URL without user and password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Database(url) => match postgres::shown(url) {
                Ok(name) => name.display().fmt(f),
                Err(error) => error.fmt(f),
            },
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Place {
    /// Opens the world for reading, also while another process writes to it. The store of a
    /// database works within the runtime that it was opened in.
    pub async fn open(&self) -> Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(SqliteStore::open(folder)?),
            Self::Database(url) => Arc::new(PostgresStore::open(url).await?),
        })
    }

    /// Opens the world for writing, which one process can do at a time.
    pub async fn open_for_writing(&self) -> Result<Box<dyn Writer>> {
        Ok(match self {
            Self::Folder(folder) => Box::new(SqliteStore::open_for_writing(folder)?),
            Self::Database(url) => Box::new(PostgresStore::open_for_writing(url).await?),
        })
    }

    /// What counts clients' requests for all processes that serve the world; `None` for a folder,
    /// which one process serves.
    pub async fn rate_counter(&self) -> Result<Option<Arc<dyn RateCounter>>> {
        Ok(match self {
            Self::Folder(_) => None,
            Self::Database(url) => Some(Arc::new(PostgresRates::open(url).await?)),
        })
    }

    /// Opens the counter of the world, which one process can do at a time in a folder, and any
    /// number in a database.
    pub async fn open_teller(&self, settings: TellerSettings) -> Result<Arc<dyn Teller>> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(SqliteTeller::open(folder, settings)?),
            Self::Database(url) => Arc::new(PostgresTeller::open(url, settings).await?),
        })
    }

    /// Keeps a value of the program's own with the world unless there is one already, and gives
    /// back the one that is kept. In a folder, nobody else may be writing.
    pub async fn keep_setting(&self, key: &str, value: &str) -> Result<String> {
        match self {
            Self::Folder(folder) => {
                let mut writer = SqliteStore::open_for_writing(folder)?;
                if let Some(kept) = SqliteStore::open(folder)?.setting(key).await? {
                    return Ok(kept);
                }
                writer.put_setting(key, value)?;
                Ok(value.to_owned())
            }
            Self::Database(url) => PostgresStore::keep_setting(url, key, value).await,
        }
    }

    /// Keeps a value of the program's own with the world, in place of an earlier one. In a folder,
    /// nobody else may be writing.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => SqliteStore::open_for_writing(folder)?.put_setting(key, value),
            Self::Database(url) => PostgresStore::put_setting(url, key, value).await,
        }
    }

    /// Starts a new world, of which nothing is seen until [`Building::finish`].
    pub async fn build(&self, world: &NewWorld, present: IfPresent) -> Result<Building> {
        Ok(match self {
            Self::Folder(folder) => Building::Folder(SqliteStore::build(folder, world, present)?),
            Self::Database(url) => {
                Building::Database(PostgresStore::build(url, world, present).await?)
            }
        })
    }
}

/// A world that is being made. Dropped before [`Self::finish`], it leaves nothing, and an earlier
/// world as it was.
#[derive(Debug)]
pub enum Building {
    /// In a data folder.
    Folder(sqlite::Building),
    /// In a database.
    Database(PostgresBuilding),
}

impl Building {
    /// Makes the world last and puts it into its place.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Folder(building) => building.finish(),
            Self::Database(building) => building.finish(),
        }
    }

    fn writer(&mut self) -> &mut dyn Writer {
        match self {
            Self::Folder(building) => building,
            Self::Database(building) => building,
        }
    }
}

impl Writer for Building {
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>> {
        self.writer().begin()
    }

    fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        self.writer().put_setting(key, value)
    }
}
