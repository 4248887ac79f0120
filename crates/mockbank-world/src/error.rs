//! Why a world could not be made, moved or read.

use mockbank_bank::{AccountId, TimeError};
use mockbank_sim::SimError;
use mockbank_store::StoreError;
use thiserror::Error;

/// Work on a world failed; what was under way left no trace.
#[derive(Debug, Error)]
pub enum WorldError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The simulation failed.
    #[error(transparent)]
    Simulation(#[from] SimError),
    /// The preset that the world was made with is not readable any more.
    #[error("the preset kept with the world: {0}")]
    Preset(#[from] mockbank_sim::PresetError),
    /// The time asked for lies outside the bank's time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Another version of the simulation's model made the world.
    #[error(
        "the world was made by model {found} of the simulation, this program has model {expected}; \
         use the program that made it, or make a new world with 'mockbank init --force'"
    )]
    OtherModel {
        /// Model that made the world.
        found: u32,
        /// Model of this program.
        expected: u32,
    },
    /// The archive failed.
    #[error(transparent)]
    Archive(Box<dyn std::error::Error + Send + Sync>),
    /// A row of the store holds no valid codes.
    #[error("row {sequence} of acc_{account} cannot be read; 'mockbank verify' says more")]
    Unreadable {
        /// Number of the account.
        account: i64,
        /// Place in its book.
        sequence: i64,
    },
    /// None of the worlds has the account whose lines were asked for.
    #[error("there is no account {0} in either world")]
    NoAccount(AccountId),
    /// Whoever watches the work stopped it.
    #[error("interrupted; nothing of it was kept")]
    Interrupted,
    /// The threads of the simulation could not be started.
    #[error("cannot start the threads of the simulation: {0}")]
    Workers(#[from] rayon::ThreadPoolBuildError),
}

/// What work on a world answers.
pub type Result<T, E = WorldError> = std::result::Result<T, E>;
