//! A world beside published figures: figures in, one page of HTML or JSON out.
//!
//! - [`mod@reference`]: the published figures, with sources and tolerances.
//! - [`verdict`]: each of a world's figures beside its published one.
//! - [`page()`]: one self-contained page, whose charts are drawn in SVG.
//! - [`json`]: the same for programs.
//!
//! The crate reads nothing and writes nothing: who has a world hands its figures in.

mod chart;
mod metric;
mod page;
pub mod reference;
mod sections;
mod text;
pub mod verdict;

use mockbank_sim::measure::{Distributions, Figures};
use serde::Serialize;

pub use metric::Metric;
pub use page::page;
pub use reference::{Reference, ReferenceError};
pub use verdict::{Finding, Verdict, findings};

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

#[derive(Serialize)]
struct Document<'a> {
    world: &'a WorldFacts,
    within: usize,
    outside: usize,
    findings: Vec<Finding>,
    ledger: &'a LedgerFacts,
    crime: &'a Option<Vec<CrimeFacts>>,
}

/// The report for programs: what is not measurable is null.
///
/// # Errors
/// If the figures cannot be written as JSON.
pub fn json(report: &Report, reference: &Reference) -> serde_json::Result<String> {
    let findings = findings(report, reference);
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    serde_json::to_string_pretty(&Document {
        world: &report.world,
        within: count(Verdict::Within),
        outside: count(Verdict::Outside),
        ledger: &report.ledger,
        crime: &report.crime,
        findings,
    })
}
