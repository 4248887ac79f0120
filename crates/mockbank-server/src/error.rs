//! Why a server cannot run.

use thiserror::Error;

use crate::settings::CardLimits;

/// Why a server cannot run.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The key that tokens are signed with is too short to be safe.
    #[error("the token secret has {length} bytes; it needs at least {least}")]
    ShortSecret {
        /// Its length in bytes.
        length: usize,
        /// The least that it must have.
        least: usize,
    },
    /// The limits of cards that the settings allow contradict themselves.
    #[error(
        "the limits of cards do not fit together: the least, {}, must be above zero and not above \
         the default, {}, and that not above the most, {}",
        .0.least, .0.default, .0.most
    )]
    CardLimits(CardLimits),
    /// An origin in the settings is none.
    #[error("{0:?} is no origin; write it as https://example.org, or * for all")]
    Origin(String),
    /// A password could not be hashed.
    #[error("a password could not be hashed: {0}")]
    Password(String),
    /// A token could not be signed.
    #[error("a token could not be signed: {0}")]
    Token(String),
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers: {0}")]
    Random(String),
    /// The threads of the simulation could not be started.
    #[error(transparent)]
    Workers(mockbank_world::WorldError),
    /// The socket failed.
    #[error("the server could not go on listening: {0}")]
    Socket(#[from] std::io::Error),
}
