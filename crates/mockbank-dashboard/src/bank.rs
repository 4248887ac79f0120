//! The port to the bank: what the dashboard reads and what it asks for.
//!
//! The dashboard knows a world only through [`Bank`]. Every read is bounded by what a screen can
//! show, never by the size of the world.

use std::ops::ControlFlow;

use mockbank_bank::command::{ManualTarget, Outcome};
use mockbank_bank::rules::Refusal;
use mockbank_bank::{
    Account, AccountId, AccountKind, Card, CardId, Currency, Day, Instant, Money, User, UserId,
};
use thiserror::Error;

/// The bank could not answer: the reason, in words for the person at the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct BankError(pub String);

/// What the bank answers.
pub type Result<T, E = BankError> = std::result::Result<T, E>;

/// A bank with a world in it, or without one yet.
///
/// Reads and the one writing call that may run beside them come from different threads.
pub trait Bank: Send + Sync {
    /// The clock, the counts and the sums; `None` if there is no world yet.
    fn status(&self) -> Result<Option<Status>>;

    /// What the charts show.
    fn activity(&self) -> Result<Activity>;

    /// Some rows of the table of customers and accounts.
    fn customers(&self, query: &CustomerQuery) -> Result<CustomerRows>;

    /// All that the detail view shows of a customer.
    fn customer(&self, user: UserId) -> Result<Option<CustomerDetail>>;

    /// A line that says who or what an identifier stands for; `None` if nothing does.
    fn look_up(&self, id: Id) -> Result<Option<String>>;

    /// Replaces the world by a new one.
    fn initialize(&self, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Added>;

    /// Lets `seconds` of the bank's time pass. A break stops at the last whole day that was kept,
    /// or at the start where not even one was.
    fn evolve(
        &self,
        seconds: i64,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Added>;

    /// Carries an order out, or refuses it.
    fn carry_out(&self, order: Order) -> Result<Result<Outcome, Refusal>>;

    /// Writes into the audit log what is done next or has begun, in one line.
    fn record(&self, act: String) -> Result<()>;
}

/// Something to be done by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Registers a customer, who gets the world's default password.
    Register(NewCustomer),
    /// Opens an empty account.
    OpenAccount {
        /// For whom.
        user: UserId,
        /// What sort.
        kind: AccountKind,
    },
    /// Issues a card.
    IssueCard(NewCard),
    /// Books an amount by hand, against the bank.
    Manual {
        /// Where.
        target: ManualTarget,
        /// How much, not zero; negative is a debit.
        amount: Money,
        /// What for.
        description: Option<String>,
    },
    /// Moves money between two accounts.
    Transfer {
        /// Who pays.
        from: AccountId,
        /// Who is paid.
        to: AccountId,
        /// How much, above zero.
        amount: Money,
        /// What for.
        description: Option<String>,
    },
}

/// A card to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCard {
    /// Which account pays the bills.
    pub account: AccountId,
    /// The most that may be owed.
    pub limit: Money,
    /// Day of the month on which the bill is paid.
    pub billing_day: u8,
    /// Name of the spending profile in the preset.
    pub profile: String,
    /// Last four digits of its number.
    pub last_four: u16,
}

/// A customer to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCustomer {
    /// Login name.
    pub username: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Home city.
    pub city: String,
}

/// An identifier that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// A customer's.
    User(UserId),
    /// An account's.
    Account(AccountId),
    /// A card's.
    Card(CardId),
}

/// Where the world stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The bank's time now.
    pub clock: Instant,
    /// Name of the preset.
    pub preset: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// Currency of the sums.
    pub currency: Currency,
    /// Customers.
    pub users: u64,
    /// Deposit accounts.
    pub accounts: u64,
    /// Cards.
    pub cards: u64,
    /// Postings in the customers' books.
    pub transactions: u64,
    /// Sum of the deposit accounts, in minor units.
    pub deposits: i128,
    /// Sum of what is owed on cards, in minor units.
    pub card_debt: i128,
    /// Sum over all accounts of the ledger, in minor units: zero in a sound world.
    pub ledger_sum: i128,
    /// Names of the preset's spending profiles.
    pub profiles: Vec<String>,
    /// Why the world can only be looked at, and what to do about it; `None` if it can be changed.
    pub read_only: Option<String>,
}

/// What the charts show of the last days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    /// One entry for each day, without gaps, the oldest first; of the whole world.
    pub days: Vec<DayActivity>,
    /// What was spent by category over those days, the largest first, in minor units; of the whole
    /// world.
    pub spending: Vec<(String, i128)>,
    /// Customers whose books were read for what follows.
    pub sampled: u64,
    /// Customers that there are.
    pub customers: u64,
    /// The latest transactions of the sample, the newest last.
    pub latest: Vec<Line>,
    /// Amounts of the sample's purchases by spending profile.
    pub histograms: Vec<Histogram>,
}

/// A day of all books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayActivity {
    /// Which day.
    pub day: Day,
    /// Postings on it.
    pub transactions: u64,
    /// Sum of the deposit accounts at its end, in minor units.
    pub deposits: i128,
    /// Sum of what is owed on cards at its end, in minor units.
    pub card_debt: i128,
}

/// Amounts of purchases with the cards of one spending profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The profile's name.
    pub profile: String,
    /// Bins of equal width from zero up.
    pub bins: Vec<Bin>,
    /// Width of a bin in major units.
    pub width: f64,
}

/// A range of amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Purchases in it.
    pub count: u32,
    /// Purchases that the preset's distribution would put there, of as many in all; `None` if it
    /// has no closed form.
    pub expected: Option<f64>,
}

/// Which rows of the table of customers and accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerQuery {
    /// Only rows with this text in a name or an identifier, letters of either case; empty for
    /// all.
    pub filter: String,
    /// The column to sort by.
    pub sort: SortBy,
    /// The largest first.
    pub descending: bool,
    /// Rows to skip.
    pub offset: u64,
    /// Rows to give at most.
    pub limit: u64,
}

/// The columns that the table can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Number of the customer, then of the account.
    #[default]
    Number,
    /// Family name, then given name.
    Name,
    /// Balance of the account.
    Balance,
}

/// Some rows, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerRows {
    /// Rows that the filter lets through.
    pub total: u64,
    /// Those asked for.
    pub rows: Vec<CustomerRow>,
}

/// An account and whose it is; a customer without an account has a row too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// The customer.
    pub user: UserId,
    /// Given and family name.
    pub name: String,
    /// The account, if there is one.
    pub account: Option<Account>,
}

/// A customer in detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerDetail {
    /// The customer.
    pub user: User,
    /// The accounts by number.
    pub accounts: Vec<AccountDetail>,
}

/// An account in detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDetail {
    /// The account.
    pub account: Account,
    /// Its cards.
    pub cards: Vec<Card>,
    /// Its last transactions, the newest first, its cards' included.
    pub recent: Vec<Line>,
}

/// A transaction as a line of text would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Instant,
    /// In whose book.
    pub account: AccountId,
    /// The card that moved, if it was one.
    pub card: Option<CardId>,
    /// Negative is a debit.
    pub amount: Money,
    /// The deposit account's balance after it.
    pub balance: Money,
    /// What it was.
    pub description: String,
    /// Its category.
    pub category: String,
}

/// How far a long piece of work has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Part of the work that is done, from 0 to 1.
    pub fraction: f64,
    /// The bank's time that has been reached, if a step was just kept.
    pub clock: Option<Instant>,
    /// Postings made so far.
    pub transactions: u64,
    /// Some of the latest, the newest last.
    pub lines: Vec<Line>,
}

/// What a piece of work has added to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Customers.
    pub users: u64,
    /// Accounts.
    pub accounts: u64,
    /// Cards.
    pub cards: u64,
    /// Postings.
    pub transactions: u64,
    /// The bank's time now.
    pub clock: Instant,
}
