//! Keeps and finds: the ledger, the customers and the clock of a world, in a database.
//!
//! [`Store`] is what the edges read through, [`Step`] is how a whole piece of the world is
//! written at once. Only this crate knows SQL. The rules of the bank are not here: what is
//! written was judged by `mockbank-bank`.

pub mod error;
pub mod model;
pub mod sqlite;
pub mod teller;

use std::sync::Arc;

use async_trait::async_trait;
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, Instant, PostingBatch, TransactionId, User, UserId,
};

pub use error::StoreError;
pub use model::{
    AccountFilter, Books, Counts, Credentials, Holder, Listing, NewWorld, Order, Page, Transaction,
    TransactionFilter, WorldInfo,
};

pub use teller::{Answer, Idempotency, Render, Reply, Request, Teller};

/// What a store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Reads a world. Look-ups of what does not exist are `None`; an error is a failure.
#[async_trait]
pub trait Store: Send + Sync {
    /// The world's identity, clock and counts.
    async fn world(&self) -> Result<WorldInfo>;

    /// The texts and counterparties behind the numbers in postings.
    async fn catalog(&self) -> Result<Arc<Catalog>>;

    /// A customer.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// What a login is checked against.
    async fn credentials(&self, username: &str) -> Result<Option<Credentials>>;

    /// A deposit account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;

    /// A customer's accounts, by number.
    async fn accounts_of(
        &self,
        user: UserId,
        filter: &AccountFilter,
        page: Page,
    ) -> Result<Listing<Account>>;

    /// A card.
    async fn card(&self, id: CardId) -> Result<Option<Card>>;

    /// The cards that are billed to an account, by number.
    async fn cards_of(&self, account: AccountId) -> Result<Vec<Card>>;

    /// A transaction.
    async fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>>;

    /// An account's book, its cards' postings included.
    async fn transactions_of_account(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>>;

    /// A card's postings.
    async fn transactions_of_card(
        &self,
        card: CardId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>>;
}

/// One atomic piece of a world's life: all of it is kept, or none.
///
/// A step is dropped without a trace unless it is committed.
pub trait Step {
    /// Adds customers with their accounts and cards, in the order of their numbers. Opening
    /// balances are booked against the bank.
    fn add_customers(&mut self, users: &[User], accounts: &[Account], cards: &[Card])
    -> Result<()>;

    /// Up to `limit` customers with a number above `after` (0 for the first), with their
    /// accounts, cards, and what their behaviours remember; by number.
    fn holders(&mut self, after: i64, limit: usize) -> Result<Vec<Holder>>;

    /// Adds postings, in any order of accounts but in sequence within each, and books the bank's
    /// and the counterparties' sides.
    fn append(&mut self, postings: &PostingBatch) -> Result<()>;

    /// Saves where customers' books stand after the postings that were appended.
    fn save(&mut self, books: &[Books]) -> Result<()>;

    /// Moves the world's clock to `clock` and makes the step last.
    fn commit(self: Box<Self>, clock: Instant) -> Result<()>;
}
