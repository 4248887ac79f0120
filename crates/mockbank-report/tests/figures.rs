//! Every published figure, on worlds of the size for which tolerances are stated: 2,000 customers
//! and a year, from three seeds.

use mockbank_bank::{Day, PostingBatch};
use mockbank_report::Reference;
use mockbank_sim::measure::{Figures, Measure};
use mockbank_sim::{Customer, Preset, World};

const DAYS: u16 = 365;
const USERS: i64 = 2_000;

fn figures(seed: u64) -> Figures {
    let start = Day::parse("2025-01-01").unwrap();
    let end = start.plus(DAYS.into()).unwrap().start();
    let preset = Preset::parse(Preset::builtin("realistic").unwrap()).unwrap();
    let world = World::new(preset, seed, start, USERS);
    let mut measure = Measure::new(start, DAYS);
    let mut postings = PostingBatch::default();
    for number in 1..=USERS {
        postings.clear();
        let newcomer = world.newcomer(number);
        let mut customer = Customer::from_newcomer(&world, &newcomer).unwrap();
        world.simulate(&mut customer, start.start(), end, &mut postings).unwrap();
        measure.add(&postings, world.zone(&newcomer.user));
    }
    measure.figures()
}

#[test]
fn every_published_figure_is_within_its_tolerance() {
    let reference = Reference::builtin().unwrap();
    for seed in [1, 2, 3] {
        let found = figures(seed);
        let far: Vec<String> = reference
            .metrics
            .iter()
            .map(|row| (row, row.key.of(&found)))
            .filter(|(row, value)| value.is_nan() || (value - row.published).abs() > row.tolerance)
            .map(|(row, value)| format!("{}: {value:.4} for {}", row.name, row.published))
            .collect();
        assert!(far.is_empty(), "seed {seed}: {far:#?}");
    }
}
