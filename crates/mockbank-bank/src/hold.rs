//! Holds: movements in two phases.

use crate::id::{AccountId, GroupId, HoldId};
use crate::money::Money;
use crate::time::Instant;

/// Money of one account that is set aside for another, until it is posted, voided or expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Identifier, `hold_1`.
    pub id: HoldId,
    /// Whose money is set aside.
    pub from: AccountId,
    /// Who is to get it.
    pub to: AccountId,
    /// What is set aside, above zero.
    pub amount: Money,
    /// What it is for.
    pub description: Option<String>,
    /// When it was authorised.
    pub authorised_at: Instant,
    /// From when on it can no longer be posted.
    pub expires_at: Instant,
    /// What became of it.
    pub state: HoldState,
}

/// What became of a hold. It leaves [`HoldState::Pending`] once and for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// Set aside.
    Pending,
    /// Moved, in full or in part; what was not moved is free again.
    Posted {
        /// What was moved.
        amount: Money,
        /// The transfer that moved it.
        group: GroupId,
    },
    /// Given up.
    Voided,
    /// Nobody came for it in time.
    Expired,
}

impl HoldState {
    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Posted { .. } => "POSTED",
            Self::Voided => "VOIDED",
            Self::Expired => "EXPIRED",
        }
    }
}
