//! What a store takes and gives beside the bank's own types.

use std::ops::Range;
use std::sync::Arc;

use mockbank_bank::rules::Book;
use mockbank_bank::{
    Account, AccountId, AccountKind, BankAccount, Card, Catalog, Currency, Day, HubId, Instant,
    Money, Posting, User, UserId,
};

/// A world's identity, clock and counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldInfo {
    /// Seed of all randomness.
    pub seed: u64,
    /// Version of the simulation's model that made the world.
    pub model: u32,
    /// Name of the preset.
    pub preset: String,
    /// The preset itself, as TOML.
    pub preset_text: String,
    /// Currency of the bank's own accounts, and of all others that money moves on.
    pub currency: Currency,
    /// Customers that the world was made with, numbered from 1; others came later.
    pub population: u32,
    /// First day of the world.
    pub start: Day,
    /// The bank's time now.
    pub clock: Instant,
    /// How much there is.
    pub counts: Counts,
}

/// How much there is in a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customers.
    pub users: u64,
    /// Deposit accounts.
    pub accounts: u64,
    /// Cards.
    pub cards: u64,
    /// Postings in the customers' books.
    pub transactions: u64,
}

/// What a new world starts from.
#[derive(Clone, Debug)]
pub struct NewWorld {
    /// Seed of all randomness.
    pub seed: u64,
    /// Version of the simulation's model.
    pub model: u32,
    /// Name of the preset.
    pub preset: String,
    /// The preset itself, as TOML.
    pub preset_text: String,
    /// Currency of the bank's own accounts, and of all others that money moves on.
    pub currency: Currency,
    /// Customers that the world is made with, numbered from 1.
    pub population: u32,
    /// First day; the clock starts at its first instant.
    pub start: Day,
    /// Texts and counterparties.
    pub catalog: Arc<Catalog>,
    /// Hash of the password that generated customers share, in the PHC string format.
    pub default_password_hash: String,
}

/// What to do where there is a world already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfPresent {
    /// Leave it alone and fail.
    Refuse,
    /// Put the new world in its place once that is whole.
    Replace,
}

/// What a login is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Whose they are.
    pub user: UserId,
    /// Hash of the password in the PHC string format.
    pub password_hash: String,
}

/// What stands on the ledger's accounts. All of it adds up to zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerTotals {
    /// Sum over the customers' deposit accounts, in minor units.
    pub deposits: i128,
    /// What customers owe on their cards, in minor units.
    pub card_debt: i128,
    /// The bank's own accounts, in the order of their codes.
    pub bank: Vec<(BankAccount, Money)>,
    /// The counterparties' accounts that were ever moved, by number.
    pub hubs: Vec<(HubId, Money)>,
}

impl LedgerTotals {
    /// Sum over all accounts of the ledger, in minor units: zero, if the books balance.
    pub fn sum(&self) -> i128 {
        let bank: i128 = self.bank.iter().map(|(_, balance)| *balance).sum();
        let hubs: i128 = self.hubs.iter().map(|(_, balance)| *balance).sum();
        self.deposits - self.card_debt + bank + hubs
    }
}

/// An account as a list over all customers shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLine {
    /// The account.
    pub account: Account,
    /// Its holder's login name.
    pub username: String,
    /// Its holder's given name.
    pub first_name: String,
    /// Its holder's family name.
    pub last_name: String,
}

/// Which lines of the directory of customers and accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// Only those with this text in a name or an identifier, letters of either case.
    pub text: Option<String>,
    /// What to sort by.
    pub sort: DirectorySort,
    /// The smallest or the largest first.
    pub order: Order,
    /// Which of the lines, counted from 0.
    pub rows: Range<u64>,
}

/// What the directory can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectorySort {
    /// Number of the customer, then of the account.
    #[default]
    Number,
    /// Family name, then given name.
    Name,
    /// Balance of the account.
    Balance,
}

/// A customer with an account, or without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryLine {
    /// The customer.
    pub user: UserId,
    /// Login name.
    pub username: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The account, if there is one.
    pub account: Option<Account>,
}

/// A customer with all that the simulation needs to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The customer.
    pub user: User,
    /// The customer's accounts, each with its cards and the book's latest instant, by number.
    pub accounts: Vec<(Account, Vec<Card>, Book)>,
    /// What the customer's behaviours remember, as they encoded it; empty at first.
    pub memory: Vec<u8>,
}

/// Where a customer's books stand after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The customer.
    pub user: UserId,
    /// The books that moved.
    pub books: Vec<Book>,
    /// What the customer's behaviours remember.
    pub memory: Vec<u8>,
}

/// A posting with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The posting.
    pub posting: Posting,
    /// Its category's name.
    pub category: Arc<str>,
    /// Its description.
    pub description: Arc<str>,
    /// Its place's name.
    pub location: Arc<str>,
}

/// A page of a list: pages count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page, from 1.
    pub number: u64,
    /// Items on a page, from 1.
    pub size: u64,
}

impl Page {
    /// Items on the pages before this one; as many as there can be for pages past every end.
    pub fn offset(self) -> u64 {
        self.number.saturating_sub(1).saturating_mul(self.size)
    }
}

/// One page, and how many items there are on all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// Items on all pages.
    pub total: u64,
    /// Items on this page.
    pub items: Vec<T>,
}

/// Which accounts to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Only of this kind.
    pub kind: Option<AccountKind>,
    /// Only in this currency.
    pub currency: Option<Currency>,
}

/// Order of a list of transactions by their date, and by their place in the book within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest first.
    Ascending,
    /// The newest first.
    #[default]
    Descending,
}

/// Which transactions to list, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Only of the category with this name.
    pub category: Option<String>,
    /// Only with this text in the description, letters of either case.
    pub search: Option<String>,
    /// Only on or after this day.
    pub from: Option<Day>,
    /// Only on or before this day.
    pub to: Option<Day>,
    /// Only with at least this amount, whatever its sign.
    pub min_amount: Option<Money>,
    /// Newest or oldest first.
    pub order: Order,
}

/// What an account has set aside, beside the holds that ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldMoney {
    /// Whose.
    pub account: AccountId,
    /// What the account says that holds have set aside.
    pub held: Money,
    /// What its pending holds sum up to.
    pub pending: Money,
    /// How many pending holds there are.
    pub holds: u64,
}
