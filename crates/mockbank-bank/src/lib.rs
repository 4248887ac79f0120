//! The language of banking and its rules.
//!
//! Everything that moves money in Mock-Bank, be it the simulation, the API, a bulk load or the
//! check of a whole world, speaks in the types of this crate and goes through its rules.
//!
//! The crate is pure: no clock, no input or output, no randomness, no async. The instant of a
//! movement is an argument, a refusal is a value.
//!
//! # Signs
//!
//! Amounts and balances are seen from the customer: a deposit account with money in it has a
//! positive balance, a card with spending on it a negative one. The bank's own accounts stand on
//! the other side of the same scale, so that the sum over all ledger accounts is zero, always.

pub mod catalog;
pub mod command;
pub mod counter;
pub mod customer;
pub mod daily;
pub mod digest;
pub mod hold;
pub mod id;
pub mod ledger;
pub mod money;
pub mod posting;
pub mod reference;
pub mod rules;
pub mod time;

pub use catalog::{Catalog, Hub, HubRole};
pub use customer::{Account, AccountKind, AccountStatus, Card, CardStatus, Settings, User};
pub use daily::{DailySums, DailyTotal};
pub use digest::{ContentHash, ContentHashError};
pub use hold::{Hold, HoldState};
pub use id::{AccountId, CardId, GroupId, HoldId, IdError, TransactionId, UserId};
pub use ledger::{BankAccount, HubId, LedgerAccount};
pub use money::{Currency, Money, MoneyError};
pub use posting::{Posting, PostingBatch, PostingBlock, PostingKind};
pub use reference::{PostingRef, Stream};
pub use time::{Day, Instant, TimeError};
