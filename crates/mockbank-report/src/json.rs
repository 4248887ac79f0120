//! The report for programs.

use serde::Serialize;

use crate::facts::{CrimeFacts, LedgerFacts, Report, WorldFacts};
use crate::reference::Reference;
use crate::verdict::{Finding, Verdict, findings};

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
