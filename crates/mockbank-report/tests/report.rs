//! The report of a small world.

use std::fmt::Write as _;

use mockbank_bank::{Day, PostingBatch};
use mockbank_report::{LedgerFacts, Reference, Report, Verdict, WorldFacts, findings, page};
use mockbank_sim::measure::Measure;
use mockbank_sim::{Customer, Preset, World};

const DAYS: u16 = 60;
const USERS: i64 = 20;

fn report(preset: &str, users: i64) -> Report {
    let start = Day::parse("2025-01-01").unwrap();
    let preset = Preset::parse(Preset::builtin(preset).unwrap()).unwrap();
    let world = World::new(preset, 1, start, users);
    let mut measure = Measure::new(start, DAYS);
    for number in 1..=users {
        let mut postings = PostingBatch::default();
        let mut customer = Customer::from_newcomer(&world, &world.newcomer(number)).unwrap();
        let end = start.plus(DAYS.into()).unwrap().start();
        world.simulate(&mut customer, start.start(), end, &mut postings).unwrap();
        measure.add(&postings, world.zone(&world.newcomer(number).user));
    }
    Report {
        world: WorldFacts {
            preset: "<b>own & odd</b>".to_owned(),
            seed: 1,
            currency: "USD".to_owned(),
            start: start.to_string(),
            clock: "2025-03-02T00:00:00Z".to_owned(),
            days: DAYS,
            users: users.unsigned_abs(),
            accounts: 0,
            cards: 0,
            transactions: 0,
        },
        figures: measure.figures(),
        distributions: measure.distributions(),
        ledger: LedgerFacts { balances: Vec::new(), sum: "0.00".to_owned(), balanced: true },
        crime: None,
    }
}

#[test]
fn the_figures_of_a_small_world_are_what_they_were() {
    let mut text = String::new();
    for finding in findings(&report("realistic", USERS), &Reference::builtin().unwrap()) {
        let measured = finding.measured.map_or("-".to_owned(), |value| format!("{value:.4}"));
        writeln!(text, "{:?}: {measured}, {:?}", finding.metric, finding.verdict).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn verdicts_follow_the_figures() {
    let report = report("realistic", USERS);
    let mut reference = Reference::builtin().unwrap();
    for metric in &mut reference.metrics {
        metric.published = metric.key.of(&report.figures);
    }
    let verdicts = |reference: &Reference| -> Vec<Verdict> {
        findings(&report, reference).into_iter().map(|finding| finding.verdict).collect()
    };
    for (metric, verdict) in reference.metrics.iter().zip(verdicts(&reference)) {
        let comparable = metric.published.is_finite() && metric.days <= DAYS;
        let expected = if comparable { Verdict::Within } else { Verdict::NotMeasurable };
        assert_eq!(verdict, expected, "{:?}", metric.key);
    }
    for metric in &mut reference.metrics {
        metric.published += metric.tolerance * 1.01;
    }
    assert!(!verdicts(&reference).contains(&Verdict::Within));
}

#[test]
fn the_page_stands_alone_and_takes_text_for_text() {
    let reference = Reference::builtin().unwrap();
    for (preset, users) in [("realistic", USERS), ("classic", USERS), ("classic", 0)] {
        let page = page(&report(preset, users), &reference);
        for outside in ["http:", "https:", "url(", "@import", "<script", "<link", " src="] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("&lt;b&gt;own &amp; odd&lt;/b&gt;"));
        assert!(!page.contains("NaN") && !page.contains("inf\""), "{preset} of {users}");
    }
}
