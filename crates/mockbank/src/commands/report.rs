//! `mockbank report`: the stored world beside published figures.

use anyhow::Context as _;
use mockbank_report::{CrimeFacts, LedgerFacts, Reference, WorldFacts};
use mockbank_store::{LedgerTotals, WorldInfo};
use mockbank_world::Survey;

use super::runtime;
use crate::cli::{Report, Shared};
use crate::interrupt::Interrupt;
use crate::output::{self, major};
use crate::progress::TerminalWatch;

/// Runs the command.
pub(crate) fn run(shared: &Shared, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let store = runtime.block_on(shared.place().open())?;
    let mut snapshot = runtime.block_on(store.snapshot())?;
    let watch = TerminalWatch::new("measuring", Interrupt::listen()?);
    let survey = mockbank_world::survey(snapshot.as_mut(), &watch)?;
    drop(watch);
    let (reference, path) = (Reference::builtin()?, &report.report_out);
    let measured = facts(survey);
    if report.output.json {
        return output::text(&(mockbank_report::json(&measured, &reference)? + "\n"));
    }
    std::fs::write(path, mockbank_report::page(&measured, &reference))
        .with_context(|| format!("cannot write {}", path.display()))?;
    output::text(&format!("The report is in {}.\n", path.display()))
}

fn facts(survey: Survey) -> mockbank_report::Report {
    let Survey { world, ledger, figures, distributions, crime } = survey;
    let crime = crime.map(|kinds| {
        let facts = kinds.into_iter().map(|(typology, count)| CrimeFacts {
            typology: typology.name().to_owned(),
            schemes: count.schemes,
            transactions: count.postings,
            debited: major(count.debited),
        });
        facts.collect()
    });
    let (world, ledger) = (world_facts(&world), ledger_facts(&ledger));
    mockbank_report::Report { world, figures, distributions, ledger, crime }
}

fn world_facts(world: &WorldInfo) -> WorldFacts {
    WorldFacts {
        preset: world.preset.clone(),
        seed: world.seed,
        currency: world.currency.code().to_owned(),
        start: world.start.to_string(),
        clock: world.clock.to_string(),
        days: world.clock.day().number().saturating_sub(world.start.number()),
        users: world.counts.users,
        accounts: world.counts.accounts,
        cards: world.counts.cards,
        transactions: world.counts.transactions,
    }
}

fn ledger_facts(ledger: &LedgerTotals) -> LedgerFacts {
    let mut balances = vec![
        ("Customers' deposits".to_owned(), major(ledger.deposits)),
        ("Customers' cards".to_owned(), major(-ledger.card_debt)),
    ];
    for (account, balance) in &ledger.bank {
        balances.push((format!("Bank: {}", account.name()), balance.to_string()));
    }
    let hubs = ledger.hubs.iter().map(|(_, balance)| *balance).sum();
    balances.push(("Merchants, employers and others".to_owned(), major(hubs)));
    LedgerFacts { balances, sum: major(ledger.sum()), balanced: ledger.sum() == 0 }
}
