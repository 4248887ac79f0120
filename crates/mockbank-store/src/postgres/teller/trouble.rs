//! What can come between a group of commands and its commit.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::StoreError;

/// Why a group was not committed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Another session was in the way. Nothing was written, and the same group may do better now.
    Conflict(StoreError),
    /// The connection is lost, and nothing was written, or the outcome of the commit is open.
    Lost(StoreError),
    /// Trying again would not help.
    Failed(StoreError),
}

impl Trouble {
    /// The failure behind it.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Conflict(error) | Self::Lost(error) | Self::Failed(error) => error,
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let kind = kind(&error);
        kind(error.into())
    }
}

/// What another teller may have taken since it was looked up: the end of the chain, or a client's key.
const TAKEN: [&str; 2] = ["seal_pkey", "idempotency_owner_key_key"];

fn kind(error: &Error) -> fn(StoreError) -> Trouble {
    const CONFLICTS: [SqlState; 2] =
        [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    const LOSSES: [SqlState; 4] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    let taken = |constraint| TAKEN.contains(&constraint);
    match error.code() {
        Some(code)
            if *code == SqlState::UNIQUE_VIOLATION
                && error.as_db_error().and_then(DbError::constraint).is_some_and(taken) =>
        {
            Trouble::Conflict
        }
        Some(code) if CONFLICTS.contains(code) => Trouble::Conflict,
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => |_| {
            let retry_after = super::RETRY_AFTER;
            Trouble::Failed(StoreError::Overloaded { retry_after })
        },
        Some(code) if LOSSES.contains(code) || code.code().starts_with("08") => Trouble::Lost,
        // What the server did not say itself befell the connection, or is a mistake of ours.
        None if error.is_closed() || of_the_system(error) => Trouble::Lost,
        _ => Trouble::Failed,
    }
}

fn of_the_system(error: &Error) -> bool {
    error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}
