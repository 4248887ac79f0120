//! Every published figure, on worlds of the size for which the tolerances are stated.

use mockbank_bank::{Day, PostingBatch};
use mockbank_report::{Reference, verdict::Metric};
use mockbank_sim::measure::{Figures, Measure};
use mockbank_sim::{Customer, Preset, World};

const DAYS: u16 = 365;
const USERS: i64 = 2_000;

fn figures(seed: u64) -> Figures {
    let start = Day::parse("2025-01-01").unwrap();
    let end = start.plus(DAYS.into()).unwrap().start();
    let text = std::env::var("PRESET")
        .map(|f| std::fs::read_to_string(f).unwrap())
        .unwrap_or(Preset::builtin("realistic").unwrap().to_owned());
    let preset = Preset::parse(&text).unwrap();
    let world = World::new(preset, seed, start, USERS);
    let mut measure = Measure::new(start, DAYS);
    let mut postings = PostingBatch::default();
    for number in 1..=USERS {
        postings.clear();
        let mut customer = Customer::from_newcomer(&world, &world.newcomer(number)).unwrap();
        world.simulate(&mut customer, start.start(), end, &mut postings).unwrap();
        measure.add(&postings, world.zone(&world.newcomer(number).user));
    }
    let d = measure.distributions();
    for (p, v) in &Reference::builtin().unwrap().shapes.amounts {
        println!("p{p} {v} {:.2}", d.amounts[*p as usize]);
    }
    println!("months {:.2?}", d.months.map(Option::unwrap));
    println!("gaps {:.3?}", d.gaps);
    println!(
        "inc p10,25,50,75,90,95,99 {:.0?}",
        [10, 25, 50, 75, 90, 95, 99].map(|p| d.incomes[p])
    );
    println!(
        "bal p10,25,50,75,90,95,99 {:.0?}",
        [10, 25, 50, 75, 90, 95, 99].map(|p| d.balances[p])
    );
    measure.figures()
}

#[test]
fn explore() {
    for seed in [1, 2, 3] {
        let found = figures(seed);
        if seed == 1 {
            println!("{found:#.3?}");
        }
        for published in &Reference::builtin().unwrap().metrics {
            let _: Metric = published.key;
            let value = published.key.of(&found);
            let off = (value - published.published) / published.tolerance;
            println!(
                "{} {:?} {value:.4} published {} +- {} off {off:.2}",
                if off.abs() > 1.0 { "OUT" } else { "ok " },
                published.key,
                published.published,
                published.tolerance
            );
        }
    }
}
