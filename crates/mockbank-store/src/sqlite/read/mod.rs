//! Reads: look-ups by number, pages of lists, and whole worlds.

mod card_page;
mod directory;
mod extent;
mod index;
mod lists;
mod lookups;
mod search;
mod snapshot;
mod transactions;

pub(super) use directory::Directory;
pub(super) use extent::List;
pub(super) use lists::{accounts, accounts_of, all, cards_of};
pub(super) use lookups::{account, card, credentials, ledger, one, setting, user, world};
pub(super) use snapshot::SqliteSnapshot;
pub(super) use transactions::{account_with_transactions, transaction, transactions};
