//! Worlds for the tests.

use mockbank_bank::{ContentHash, Day, Instant, PostingBatch};
use mockbank_sim::{Customer, Preset, World};

/// The first day of every world here.
pub(crate) fn start() -> Day {
    Day::parse("2025-01-01").unwrap()
}

pub(crate) fn at(days: i64) -> Instant {
    start().plus(days).unwrap().start()
}

/// The classic preset with some text replaced; every replacement must be there to be made.
pub(crate) fn preset(replacements: &[(&str, &str)]) -> Preset {
    let mut text = Preset::builtin("classic").unwrap().to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    Preset::parse(&text).unwrap()
}

pub(crate) fn world(replacements: &[(&str, &str)], seed: u64, population: i64) -> World {
    World::new(preset(replacements), seed, start(), population)
}

pub(crate) fn customer(world: &World, number: i64) -> Customer {
    Customer::from_newcomer(world, &world.newcomer(number)).unwrap()
}

/// The postings of one customer from the start.
pub(crate) fn life(world: &World, number: i64, days: i64) -> PostingBatch {
    let mut out = PostingBatch::default();
    world.simulate(&mut customer(world, number), at(0), at(days), &mut out).unwrap();
    out
}

/// The postings of customers `1..=users`, account by account.
pub(crate) fn lives(world: &World, users: i64, days: i64) -> PostingBatch {
    let mut out = PostingBatch::default();
    for number in 1..=users {
        out.append(&life(world, number, days));
    }
    out
}

pub(crate) fn hash(world: &World, users: i64, days: i64) -> ContentHash {
    ContentHash::of(&lives(world, users, days))
}

/// The line of the classic preset that switches a behaviour on, and its opposite.
pub(crate) const TRANSFERS_ON: (&str, &str) =
    ("[transfers]\nenabled = false", "[transfers]\nenabled = true");
