//! What can go wrong with a store.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A store could not do what it was asked to.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The address of a database can not be used as it is written.
    #[error("the address of the database is wrong: {0}")]
    Address(String),
    /// There is no world in the folder or database.
    #[error("there is no world in {}; make one with 'mockbank init'", .0.display())]
    NoWorld(PathBuf),
    /// There is a world in the folder or database already.
    #[error("there is a world in {} already; use --force to replace it", .0.display())]
    WorldExists(PathBuf),
    /// The database is none of ours.
    #[error("{} was not written by Mock-Bank; choose another place", .0.display())]
    NotOurs(PathBuf),
    /// Another version wrote the world.
    #[error("{} was written by another version of Mock-Bank (format {found}, this one reads {expected}); {mend}", path.display())]
    OtherVersion {
        /// The database.
        path: PathBuf,
        /// Format that it has.
        found: i64,
        /// Format that this program reads.
        expected: i64,
        /// What can be done.
        mend: &'static str,
    },
    /// Another process is writing to the world.
    #[error("another process is writing to {}{}; stop it or wait for it", path.display(), holder.as_deref().map(|holder| format!(" ({holder})")).unwrap_or_default())]
    Busy {
        /// The folder or database.
        path: PathBuf,
        /// Who holds it, as it said itself.
        holder: Option<String>,
    },
    /// What was to be written contradicts itself or what is there; nothing of it was kept.
    #[error("the step was refused: {0}")]
    InvalidStep(String),
    /// Too many commands wait to be carried out.
    #[error("the bank is busy; try again in {retry_after} s")]
    Overloaded {
        /// Seconds after which it is worth trying again.
        retry_after: u64,
    },
    /// An idempotency key came with another request than before.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// The database holds something that it must not hold.
    #[error("the database is damaged: {0}; 'mockbank verify' says more")]
    Damaged(String),
    /// The database failed: the disk is full, a file is missing, the medium is faulty.
    #[error("the database failed: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A database's file is there and cannot be opened, mostly for want of rights.
    #[error("{0}; whoever reads a world needs the right to write its folder too")]
    CannotOpen(String),
    /// A file stands where the data folder should be.
    #[error("{} is no folder; choose another place for the world", .0.display())]
    NotAFolder(PathBuf),
    /// A backup cannot be put back.
    #[error("{} is damaged, and nothing of it was put back: {why}", path.display())]
    DamagedBackup {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A backup would overwrite a file.
    #[error("{} exists already; choose another name", .0.display())]
    FileExists(PathBuf),
    /// A file's name is no text, which the database asks for.
    #[error("{} is no name that a backup can have; choose another", .0.display())]
    FileName(PathBuf),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Names the file in an error of the file system.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }
}
