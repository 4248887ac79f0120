//! All that a report is made of.

use mockbank_sim::measure::{Distributions, Figures};
use serde::Serialize;

/// A world's identity and size.
#[derive(Clone, Debug, Serialize)]
pub struct WorldFacts {
    /// Name of the preset.
    pub preset: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// Code of ISO 4217 of all amounts.
    pub currency: String,
    /// First day.
    pub start: String,
    /// The bank's time now.
    pub clock: String,
    /// Days from the first one to now.
    pub days: u16,
    /// Customers.
    pub users: u64,
    /// Deposit accounts.
    pub accounts: u64,
    /// Cards.
    pub cards: u64,
    /// Postings.
    pub transactions: u64,
}

/// What stands on the ledger, in major units as exact text.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerFacts {
    /// Classes of ledger accounts with their balances.
    pub balances: Vec<(String, String)>,
    /// Sum over all of them.
    pub sum: String,
    /// Whether that is zero.
    pub balanced: bool,
}

/// How much there is of a sort of crime.
#[derive(Clone, Debug, Serialize)]
pub struct CrimeFacts {
    /// Name of the sort.
    pub typology: String,
    /// Schemes.
    pub schemes: u64,
    /// Transactions.
    pub transactions: u64,
    /// What left accounts and cards, in major units as exact text.
    pub debited: String,
}

/// All that a report is made of.
#[derive(Clone, Debug)]
pub struct Report {
    /// The world.
    pub world: WorldFacts,
    /// Its figures.
    pub figures: Figures,
    /// How things spread.
    pub distributions: Distributions,
    /// Its ledger.
    pub ledger: LedgerFacts,
    /// Crime by sort; `None` where the preset has none.
    pub crime: Option<Vec<CrimeFacts>>,
}
