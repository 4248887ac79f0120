//! What can go wrong with a simulation.

use mockbank_bank::rules::Refusal;
use mockbank_bank::{AccountId, CardId, UserId};
use thiserror::Error;

/// A customer could not be simulated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SimError {
    /// A card has a spending profile that the preset lacks.
    #[error("card {card} has the spending profile {profile:?}; the preset knows {known}")]
    UnknownProfile {
        /// Which card.
        card: CardId,
        /// What it has.
        profile: String,
        /// What the preset has.
        known: String,
    },
    /// What the customer's behaviours remember was written by another model.
    #[error("the memory of {0} was written by another version of the model")]
    UnknownMemory(UserId),
    /// The customer was made by a world of another model.
    #[error("the customer is of a world of another model")]
    OtherWorld,
    /// The book is ahead of the simulated time.
    #[error("the book of {0} has postings after the simulated time")]
    BookAhead(AccountId),
    /// The bank refused one side of a transfer whose other side it may have taken.
    #[error("{account} cannot take its side of a transfer between customers: {refusal}")]
    OneSided {
        /// Whose book.
        account: AccountId,
        /// Why.
        refusal: Refusal,
    },
}
