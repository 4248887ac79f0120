//! Two worlds line by line.

use std::collections::BTreeMap;

use mockbank_bank::{AccountId, Catalog, Posting, PostingBatch};
use mockbank_sim::{Customer, Preset};
use mockbank_world::{
    Comparing, Comparison, Difference, Recipe, Rows, Tally, Unwatched, Watch, WorldError, changed,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{create, snapshot};

const CHANGES: [&str; 5] = [
    "crime.enabled = false",
    "friends.enabled = false",
    "[[scenarios]]\nname = 'cut'\nfrom = '2025-02-10'\nchange = 'wages'\nfactor = 0.5",
    "[[scenarios]]\nname = 'prices'\nfrom = '2025-02-20'\nchange = 'prices'\nfactor = 1.2",
    "people.savings_probability = 0.1",
];

fn realistic(seed: u64, users: u32) -> Recipe {
    let preset = Preset::parse(Preset::builtin("realistic").unwrap()).unwrap();
    Recipe { preset, seed, users, days: 75, ..crate::recipe(1, 1) }
}

fn with(recipe: &Recipe, change: &str) -> Recipe {
    Recipe { preset: changed(&recipe.preset, change).unwrap(), ..recipe.clone() }
}

fn all(mut worlds: Comparing<'_>) -> (Vec<Difference>, Comparison) {
    let mut found = Vec::new();
    while let Some(difference) = worlds.next(&Unwatched).unwrap() {
        found.push(difference);
    }
    (found, worlds.summary().clone())
}

fn simulated(before: &Recipe, after: &Recipe) -> (Vec<Difference>, Comparison) {
    all(Comparing::simulated([before, after], None).unwrap())
}

/// A stored world's lines, or those of one account, beside another's.
fn stored(folders: [&TempDir; 2], account: Option<i64>) -> (Vec<Difference>, Comparison) {
    let [mut before, mut after] = folders.map(|folder| snapshot(folder.path()));
    let catalog = Catalog::default();
    let sides = [(before.as_mut() as _, &catalog), (after.as_mut() as _, &catalog)];
    all(Comparing::stored(sides, account.map(AccountId::new)).unwrap())
}

fn made(recipe: &Recipe) -> TempDir {
    let folder = TempDir::new().unwrap();
    create(folder.path(), recipe, &Unwatched).unwrap();
    folder
}

/// Every line by its identifier.
fn lines(recipe: &Recipe) -> BTreeMap<String, Posting> {
    let (world, mut out) = (recipe.world(), PostingBatch::default());
    for number in 1..=i64::from(recipe.users) {
        let mut customer = Customer::from_newcomer(&world, &world.newcomer(number)).unwrap();
        let (from, to) = (recipe.start.start(), recipe.end().unwrap());
        world.simulate(&mut customer, from, to, &mut out).unwrap();
    }
    out.iter().map(|line| (line.transaction_id().to_string(), line)).collect()
}

/// A line without what follows from earlier ones.
fn movement(line: &Posting) -> Posting {
    let none = mockbank_bank::Money::ZERO;
    Posting { sequence: 1, balance: none, card_balance: none, ..*line }
}

fn sorted(mut found: Vec<Difference>) -> Vec<Difference> {
    found.sort_by_key(|difference| difference.line().transaction_id());
    found
}

fn mirrored(difference: &Difference) -> Difference {
    match *difference {
        Difference::Added(line) => Difference::Removed(line),
        Difference::Removed(line) => Difference::Added(line),
        Difference::Changed { before, after } => {
            Difference::Changed { before: after, after: before }
        }
    }
}

fn mirrored_tally(tally: &Tally) -> Tally {
    let changed = Rows { amount: -tally.changed.amount, ..tally.changed };
    Tally { added: tally.removed, removed: tally.added, changed }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_world_is_the_same_as_itself(seed in 0..1_000_u64) {
        let recipe = realistic(seed, 12);
        let (found, summary) = simulated(&recipe, &recipe);
        prop_assert!(found.is_empty() && summary.is_same());
        prop_assert_eq!(summary.same, lines(&recipe).len() as u64);
    }

    #[test]
    fn what_one_way_adds_the_other_way_removes(seed in 0..1_000_u64, change in 0..CHANGES.len()) {
        let before = realistic(seed, 25);
        let after = with(&before, CHANGES[change]);
        let (there, one_way) = simulated(&before, &after);
        let (back, other_way) = simulated(&after, &before);
        let back: Vec<_> = back.iter().map(mirrored).collect();
        prop_assert_eq!(sorted(there), sorted(back));
        prop_assert_eq!(one_way.total, mirrored_tally(&other_way.total));
        for (category, tally) in &one_way.by_category {
            prop_assert_eq!(*tally, mirrored_tally(&other_way.by_category[category]));
        }
        prop_assert_eq!(one_way.first_day(), other_way.first_day());
        prop_assert_eq!((one_way.same, one_way.carried), (other_way.same, other_way.carried));
        prop_assert_eq!(one_way.holders, other_way.holders);
    }

    #[test]
    fn it_finds_what_a_table_of_all_lines_finds(seed in 0..1_000_u64, change in 0..CHANGES.len()) {
        let before = realistic(seed, 25);
        let after = with(&before, CHANGES[change]);
        let (mut old, new) = (lines(&before), lines(&after));
        let mut expected = Vec::new();
        for (id, line) in new {
            match old.remove(&id) {
                None => expected.push(Difference::Added(line)),
                Some(other) if movement(&other) != movement(&line) => {
                    expected.push(Difference::Changed { before: other, after: line });
                }
                Some(_) => {}
            }
        }
        expected.extend(old.into_values().map(Difference::Removed));
        prop_assert_eq!(sorted(simulated(&before, &after).0), sorted(expected));
    }
}

#[test]
fn without_crime_only_its_lines_and_what_follows_are_gone() {
    let before = with(&realistic(4, 150), "crime.cases_yearly.card_not_present = 1");
    let (found, summary) = simulated(&before, &with(&before, "crime.enabled = false"));
    assert!(summary.total.removed.count > 10 && summary.total.changed.count > 10, "{summary:?}");
    // In a book without a removed line before it, nothing changes.
    let mut touched = BTreeMap::new();
    for difference in &found {
        if let Difference::Removed(line) = difference {
            let holder = line.account.number() & 0xffff_ffff;
            let first = touched.entry(holder).or_insert(line.at);
            *first = line.at.min(*first);
        }
    }
    for difference in &found {
        let line = difference.line();
        let first = touched.get(&(line.account.number() & 0xffff_ffff));
        assert!(first.is_some_and(|first| line.at >= *first), "{line:?}");
    }
    assert!(touched.len() < 60, "{}", touched.len());
}

#[test]
fn stored_worlds_differ_as_simulated_ones_do() {
    let before = realistic(9, 40);
    let after = with(&before, CHANGES[2]);
    let folders = [made(&before), made(&after)];
    let (found, summary) = stored([&folders[0], &folders[1]], None);
    let (expected, simulated_summary) = simulated(&before, &after);
    assert!(!found.is_empty());
    assert_eq!(summary.by_day, simulated_summary.by_day);
    assert_eq!(
        (summary.same, summary.carried),
        (simulated_summary.same, simulated_summary.carried)
    );
    // The stores are read by account, the simulations by customer.
    assert!(found.is_sorted_by_key(|difference| (difference.line().account, difference.line().at)));
    let account = found[0].line().account;
    let in_book: Vec<_> =
        found.iter().copied().filter(|difference| difference.line().account == account).collect();
    assert_eq!(sorted(found), sorted(expected));
    assert_eq!(stored([&folders[0], &folders[1]], Some(account.number())).0, in_book);
    let alone = Comparing::simulated([&before, &after], Some(account)).unwrap();
    assert_eq!(all(alone).0, in_book);
    assert!(stored([&folders[0], &folders[0]], None).1.is_same());
}

#[test]
fn customers_whom_only_one_world_has_are_counted() {
    let (small, large) = (realistic(3, 20), realistic(3, 23));
    let holders = simulated(&small, &large).1.holders;
    assert_eq!(holders.users, 3);
    assert!(holders.accounts >= 3);
    let folders = [made(&small), made(&large)];
    assert_eq!(stored([&folders[0], &folders[1]], None).1.holders, holders);
}

#[test]
fn it_stops_when_it_shall() {
    struct Stop;
    impl Watch for Stop {
        fn progress(&self, _: mockbank_world::Progress) {}

        fn cancelled(&self) -> bool {
            true
        }
    }
    let recipe = realistic(1, 2);
    let mut worlds = Comparing::simulated([&recipe, &recipe], None).unwrap();
    assert!(matches!(worlds.next(&Stop), Err(WorldError::Interrupted)));
}
