//! Where the world is that a command works on.

use std::path::Path;

use anyhow::anyhow;
use mockbank_store::Place;

use crate::cli::Shared;
use crate::failure::Usage;

impl Shared {
    /// The database, if one is named, or else the data folder.
    pub(crate) fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Database(url.clone()),
            None => Place::Folder(self.data.clone()),
        }
    }

    /// The data folder, for a command that works on no database; `instead` says what does.
    pub(crate) fn folder(&self, instead: &str) -> Result<&Path, Usage> {
        match &self.database {
            Some(_) => Err(Usage(anyhow!(
                "this command works on a data folder; for a database: {instead}"
            ))),
            None => Ok(&self.data),
        }
    }
}
