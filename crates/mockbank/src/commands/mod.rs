//! The commands, a file each: open what is needed, call, print.

pub(crate) mod backup;
pub(crate) mod compare;
pub(crate) mod dashboard;
pub(crate) mod evolve;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod merge;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod statement;
pub(crate) mod stats;
pub(crate) mod up;
pub(crate) mod verify;

use tokio::runtime::Runtime;

/// What a command opens and reads a store with.
fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
