//! Keeps and finds: the ledger, the customers and the clock of a world, in a database.
//!
//! - [`Store`] is what the edges read through.
//! - [`Snapshot`] reads a world from end to end as it stood at one moment.
//! - [`Writer`] is the right to write, which one process has at a time; a [`Step`] is one whole
//!   piece of the world's life, written at once.
//!
//! Only this crate knows SQL. The rules of the bank are not here: what is written was judged by
//! `mockbank-bank`.
//!
//! Another database is one more module that implements the four traits, and one more factory in
//! the tests of `tests/conformance`.

pub mod error;
pub mod model;
pub mod place;
pub mod postgres;
pub mod rate;
pub mod seal;
pub mod sqlite;
mod tally;
pub mod teller;
mod window;

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, DailyTotal, Day, Hold, HoldId, Instant, Money,
    PostingBatch, TransactionId, User, UserId,
};

pub use error::StoreError;
pub use model::{
    AccountFilter, AccountLine, Books, Counts, Credentials, DirectoryLine, DirectoryQuery,
    DirectorySort, HeldMoney, Holder, IfPresent, LedgerTotals, Listing, NewWorld, Order, Page,
    Transaction, TransactionFilter, WorldInfo,
};

pub use place::Place;
pub use rate::{Counted, Rate, RateCounter};
pub use seal::{BookRun, RunSum, Seal, SealHash, Sealed};
pub use teller::{
    Act, Answer, Audit, AuditEntry, Durability, Idempotency, JobEntry, JobRecord, JobState,
    Readers, Render, RenderJob, Reply, Request, Reservation, Served, Teller, TellerSettings,
    Verdict,
};

/// What a store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Reads a world. Look-ups of what does not exist are `None`; an error is a failure.
#[async_trait]
pub trait Store: Send + Sync {
    /// The world's identity, clock and counts.
    async fn world(&self) -> Result<WorldInfo>;

    /// The texts and counterparties behind the numbers in postings.
    async fn catalog(&self) -> Result<Arc<Catalog>>;

    /// A value that the program keeps with the world, such as a secret made at first start.
    async fn setting(&self, key: &str) -> Result<Option<String>>;

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

    /// Everybody's accounts with their holders' names, by number.
    async fn accounts(&self, page: Page) -> Result<Listing<AccountLine>>;

    /// Customers with their accounts, filtered and sorted: a line for each account, and one for
    /// a customer who has none.
    async fn directory(&self, query: &DirectoryQuery) -> Result<Listing<DirectoryLine>>;

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

    /// An account and a page of its book. A store that can read both at one moment, at the price
    /// of one look-up, should.
    async fn account_with_transactions(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Option<(Account, Listing<Transaction>)>> {
        match self.account(account).await? {
            Some(found) => {
                let listing = self.transactions_of_account(account, filter, page).await?;
                Ok(Some((found, listing)))
            }
            None => Ok(None),
        }
    }

    /// A card's postings.
    async fn transactions_of_card(
        &self,
        card: CardId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>>;

    /// A hold.
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>>;

    /// The holds on an account's money, resolved ones too, the newest first.
    async fn holds_of(&self, account: AccountId, page: Page) -> Result<Listing<Hold>>;

    /// The part of an account's balance that holds have set aside: available is the balance less
    /// this.
    async fn held(&self, account: AccountId) -> Result<Option<Money>>;

    /// The accounts of a customer on whose money there are holds, and what those have set aside.
    async fn held_of(&self, user: UserId) -> Result<Vec<(AccountId, Money)>>;

    /// The audit log, the latest entry first.
    async fn audit_log(&self, page: Page) -> Result<Listing<AuditEntry>>;

    /// A job, whichever process works at it.
    async fn job(&self, number: i64) -> Result<Option<JobRecord>>;

    /// What stands on the ledger's accounts: sums that are kept, whatever the size of the world.
    async fn ledger(&self) -> Result<LedgerTotals>;

    /// What was posted on some days, by day, side, kind and category: sums that are kept, without
    /// a look at the postings.
    async fn daily_totals(&self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>>;

    /// The world as it stands now, for reading through while others write.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>>;
}

/// A world as it stood at one moment, whatever is written meanwhile.
///
/// The methods block, since they serve long reads: verification, export. `after` is the number
/// that the last call ended with, 0 at first; an empty answer is the end.
pub trait Snapshot: Send {
    /// The world's identity, clock and counts.
    fn world(&mut self) -> Result<WorldInfo>;

    /// What stands on the ledger's accounts.
    fn ledger(&mut self) -> Result<LedgerTotals>;

    /// What was posted on some days, as it is kept, by day, side, kind and category.
    fn daily_totals(&mut self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>>;

    /// Up to `limit` customers by number.
    fn users(&mut self, after: i64, limit: usize) -> Result<Vec<User>>;

    /// Up to `limit` accounts by number.
    fn accounts(&mut self, after: i64, limit: usize) -> Result<Vec<Account>>;

    /// Up to `limit` cards by number.
    fn cards(&mut self, after: i64, limit: usize) -> Result<Vec<Card>>;

    /// Up to `limit` accounts that have money set aside or pending holds, by number.
    fn held(&mut self, after: i64, limit: usize) -> Result<Vec<HeldMoney>>;

    /// Puts up to `limit` postings behind `after` (account and sequence), up to the book of
    /// account `last`, at the end of `out`: by account, in sequence within it.
    fn postings(
        &mut self,
        after: (i64, i64),
        last: i64,
        limit: usize,
        out: &mut PostingBatch,
    ) -> Result<()>;

    /// Up to `limit` seals behind number `after`, in their order, with the postings that they
    /// stand for as those are now.
    fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<Seal>>;

    /// The text of a description, also of one that is not in the world's catalogue.
    fn description(&mut self, number: u32) -> Result<Arc<str>>;

    /// The texts of all descriptions by their number: the catalogue's and those added since.
    fn descriptions(&mut self) -> Result<Vec<String>>;
}

/// The right to write a world. It ends when this is dropped, or with the process.
pub trait Writer: Send {
    /// Starts the next step of the world's life.
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>>;

    /// Keeps a value of the program's own with the world, in place of an earlier one.
    fn put_setting(&mut self, key: &str, value: &str) -> Result<()>;
}

/// One atomic piece of a world's life: all of it is kept, or none.
///
/// A step is dropped without a trace unless it is committed. What contradicts itself is refused
/// with [`StoreError::InvalidStep`], at the latest on commit: a book with gaps or whose balance
/// is not that of its last posting, numbers that stand for nothing, movements whose two sides
/// do not add up to zero.
pub trait Step {
    /// The world's identity, clock and counts, before the step.
    fn world(&mut self) -> Result<WorldInfo>;

    /// Adds customers with their accounts and cards, in the order of their numbers. Opening
    /// balances are booked against the bank.
    fn add_customers(&mut self, users: &[User], accounts: &[Account], cards: &[Card])
    -> Result<()>;

    /// Gives a customer a password of his own, in place of the world's default, as a hash in the
    /// PHC string format.
    fn set_password(&mut self, user: UserId, hash: &str) -> Result<()>;

    /// Up to `limit` customers with a number above `after` (0 for the first), with their
    /// accounts, cards, and what their behaviours remember; by number.
    fn holders(&mut self, after: i64, limit: usize) -> Result<Vec<Holder>>;

    /// Numbers of the customers whose first account is frozen or closed, in order.
    fn inactive_users(&mut self) -> Result<Vec<i64>>;

    /// Adds postings, in any order of accounts but in sequence within each, and books the bank's
    /// and the counterparties' sides. Fastest where accounts come by number, in batches of
    /// thousands.
    ///
    /// The step's seal stands for the postings of the simulation's streams, and holds where those
    /// are dated in the time that the step lets pass. Those of commands are sealed by the teller.
    fn append(&mut self, postings: &PostingBatch) -> Result<()>;

    /// Saves where customers' books stand after the postings that were appended. Every book that
    /// got postings must be saved before the step is committed, once, after the last of them.
    fn save(&mut self, books: &[Books]) -> Result<()>;

    /// Moves the world's clock to `clock` and makes the step last.
    fn commit(self: Box<Self>, clock: Instant) -> Result<()>;
}
