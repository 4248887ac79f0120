//! Where the world is that a command works on.

use mockbank_store::Place;

use crate::cli::Shared;

impl Shared {
    /// The database, if one is named, or else the data folder.
    pub(crate) fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Database(url.clone()),
            None => Place::Folder(self.data.clone()),
        }
    }
}
