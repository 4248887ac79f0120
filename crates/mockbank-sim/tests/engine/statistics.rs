//! The classic world against its parameters. Bounds are five standard errors of the sample, so a
//! sound generator fails one in millions.

use std::collections::BTreeMap;

use mockbank_bank::{Posting, PostingKind};

use crate::common::{life, lives, world};

const USERS: i64 = 3_000;
const DAYS: i64 = 60;

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap())
}

/// Holds that a share of `n` is a probability.
#[track_caller]
fn check_share(found: usize, n: usize, probability: f64) {
    let error = (probability * (1.0 - probability) / count(n)).sqrt();
    let share = count(found) / count(n);
    assert!((share - probability).abs() < 5.0 * error, "{share} of {n} for {probability}");
}

fn purchases() -> (mockbank_sim::World, Vec<Posting>) {
    // A limit that nobody reaches, so that nothing is declined.
    let world = world(&[("card_limit = 5000", "card_limit = 1000000")], 11, USERS);
    let rows = lives(&world, USERS, DAYS)
        .iter()
        .filter(|posting| posting.kind == PostingKind::Purchase)
        .collect();
    (world, rows)
}

#[test]
fn purchases_follow_their_profiles() {
    let (world, rows) = purchases();
    let profiles = [
        ("FRUGAL", 0.1, 15.0, 5.0, (2, 60)),
        ("AVERAGE", 0.4, 45.0, 20.0, (5, 200)),
        ("SPENDER", 0.7, 120.0, 80.0, (10, 800)),
    ];
    let mut members: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for number in 1..=USERS {
        members.entry(world.newcomer(number).cards[0].profile.clone()).or_default().push(number);
    }
    for (name, probability, mean, std, bounds) in profiles {
        let numbers = &members[name];
        check_share(numbers.len(), usize::try_from(USERS).unwrap(), 1.0 / 3.0);
        let amounts: Vec<i32> = rows
            .iter()
            .filter(|posting| numbers.binary_search(&posting.account.number()).is_ok())
            .map(|posting| i32::try_from(-posting.amount.minor()).unwrap())
            .collect();
        check_share(amounts.len(), numbers.len() * usize::try_from(DAYS).unwrap(), probability);
        let (min, max) = bounds;
        assert!(amounts.iter().all(|amount| (min * 100..=max * 100).contains(amount)));
        // Clipping moves the mean of a Gaussian by what is beyond the bounds.
        let expected = clipped_mean(mean, std, (f64::from(min), f64::from(max)));
        let sum: f64 = amounts.iter().map(|amount| f64::from(*amount) / 100.0).sum();
        let found = sum / count(amounts.len());
        let error = std / count(amounts.len()).sqrt();
        assert!((found - expected).abs() < 5.0 * error, "{name}: {found} for {expected}");
    }
}

/// Mean of a Gaussian clipped to bounds.
fn clipped_mean(mean: f64, std: f64, (min, max): (f64, f64)) -> f64 {
    let below = |x: f64| 0.5 * libm::erfc(-(x - mean) / std / std::f64::consts::SQRT_2);
    let density = |x: f64| {
        let z = (x - mean) / std;
        libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt()
    };
    let (low, high) = (below(min), below(max));
    min * low + max * (1.0 - high) + mean * (high - low) + std * (density(min) - density(max))
}

#[test]
fn categories_places_and_hours_follow_the_preset() {
    let (world, rows) = purchases();
    let catalog = world.catalog();
    let weights = [0.30, 0.20, 0.15, 0.10, 0.10, 0.05, 0.10];
    for (weight, category) in weights.into_iter().zip(4_u16..) {
        let found = rows.iter().filter(|posting| posting.category == category).count();
        check_share(found, rows.len(), weight);
    }
    assert_eq!(catalog.categories.len(), 11);
    let homes: Vec<String> = (1..=USERS).map(|number| world.newcomer(number).user.city).collect();
    let at_home = rows.iter().filter(|posting| {
        let home = &homes[usize::try_from(posting.account.number()).unwrap() - 1];
        catalog.places[posting.place as usize] == *home
    });
    check_share(at_home.count(), rows.len(), 0.90);
    for hour in 0..24 {
        let found = rows.iter().filter(|row| row.at.second_of_day() / 3_600 == hour).count();
        if (8..22).contains(&hour) {
            check_share(found, rows.len(), 1.0 / 14.0);
        } else {
            assert_eq!(found, 0);
        }
    }
}

#[test]
fn newcomers_follow_the_preset() {
    let world = world(&[], 12, USERS);
    let n = usize::try_from(USERS).unwrap();
    let newcomers: Vec<_> = (1..=USERS).map(|number| world.newcomer(number)).collect();
    for day in [1, 10, 15] {
        let found = newcomers.iter().filter(|new| new.cards[0].billing_day == day).count();
        check_share(found, n, 1.0 / 3.0);
    }
    let notified = newcomers.iter().filter(|new| new.user.settings.notifications).count();
    check_share(notified, n, 0.8);
    let mut salaries: BTreeMap<i64, usize> = BTreeMap::new();
    for newcomer in &newcomers {
        let account = &newcomer.accounts[0];
        assert!((100_000..=500_000).contains(&account.balance.minor()));
        *salaries.entry(account.salary.minor()).or_default() += 1;
    }
    assert_eq!(salaries.len(), 61);
    assert!(
        salaries.keys().all(|salary| (300_000..=900_000).contains(salary) && salary % 10_000 == 0)
    );
    let low = newcomers.iter().filter(|new| new.accounts[0].balance.minor() < 300_000).count();
    check_share(low, n, 0.5);
}

#[test]
fn seeds_make_different_worlds() {
    assert_ne!(life(&world(&[], 1, 1), 1, 30), life(&world(&[], 2, 1), 1, 30));
}
