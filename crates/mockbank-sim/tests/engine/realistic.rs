//! The world of `realistic`: held against published figures, and to the engine's promises.

use std::fmt::Write;

use mockbank_bank::{ContentHash, Instant, Money, PostingBatch, PostingKind, User};
use mockbank_sim::measure::{Figures, Measure};
use mockbank_sim::{Customer, Preset, World};

use rayon::prelude::*;

use crate::common::{at, start};

const DAYS: i64 = 365;

fn world(replacements: &[(&str, &str)], seed: u64, population: i64) -> World {
    let mut text = Preset::builtin("realistic").unwrap().to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    World::new(Preset::parse(&text).unwrap(), seed, start(), population)
}

fn newcomer(world: &World, number: i64) -> Customer {
    Customer::from_newcomer(world, &world.newcomer(number)).unwrap()
}

fn life(world: &World, number: i64, days: i64) -> PostingBatch {
    let mut out = PostingBatch::default();
    world.simulate(&mut newcomer(world, number), at(0), at(days), &mut out).unwrap();
    out
}

fn figures(seed: u64, population: i64) -> Figures {
    let world = world(&[], seed, population);
    let mut measure = Measure::new(start(), u16::try_from(DAYS).unwrap());
    for number in 1..=population {
        measure.add(&life(&world, number, DAYS));
    }
    measure.figures()
}

/// Measured, published, and how far apart they may be.
type Row = (&'static str, f64, f64, f64);

/// Where nothing else is said, the Diary of Consumer Payment Choice (DCPC) of the Federal Reserve
/// Bank of Atlanta: micro-data of 2017 to 2019 for shares and shapes, aggregates of 2023.
fn rows(found: &Figures) -> Vec<Row> {
    vec![
        // DCPC 2023 and 2024: 46 and 48 payments, 14 % of them in cash, which a bank sees as
        // withdrawals.
        ("payments a month", found.payments_monthly, 46.0, 4.0),
        ("value of payments a month", found.value_monthly, 5_382.0, 900.0),
        ("bills by number", found.bill_count_share, 0.230, 0.05),
        ("bills by value", found.bill_value_share, 0.533, 0.07),
        ("credit of card purchases", credit_share(found), 0.53, 0.05),
        ("purchases at night", found.night_share, 0.0285, 0.006),
        ("purchases on Saturdays", found.weekdays[5], 0.1567, 0.012),
        ("purchases on Sundays", found.weekdays[6], 0.1343, 0.012),
        ("purchases at noon", found.hours[12], 0.0984, 0.025),
        ("spread of amounts", found.amounts.ln_sd, 1.14, 0.12),
        ("skew of amounts", found.amounts.ln_skew, 0.005, 0.15),
        ("p99 over median", found.amounts.p99_over_p50, 15.5, 4.0),
        ("exponent of the tail", found.amounts.hill, 1.62, 0.35),
        ("amounts between people", found.amount_icc, 0.139, 0.10),
        ("whole amounts", found.endings[0], 0.2507, 0.03),
        ("prices in .99", found.endings[1], 0.0187, 0.008),
        ("prices in .95", found.endings[2], 0.0099, 0.005),
        ("prices in .50", found.endings[3], 0.0266, 0.008),
        // The Complete Journey (groceries) 1.25, DCPC 1.01.
        ("variance over mean of counts", found.fano, 1.13, 0.15),
        // DCPC 0.38, The Complete Journey 0.79.
        ("counts between people", found.between_cv, 0.58, 0.20),
        ("followed within six hours", found.followed, 0.35, 0.06),
        ("burstiness", found.burstiness, 0.0, 0.08),
        // Gelman et al. 2014, without recurring payments.
        ("pay days", found.pay_day_effect, 1.40, 0.15),
        ("Gini of incomes", found.income_gini, 0.445, 0.04),
        ("incomes on Fridays", found.income_weekdays[4], 0.275, 0.10),
        // JPMorgan Chase Institute 2019.
        ("variation of income", found.income_cv, 0.36, 0.10),
        // CFPB 2023 and FHN 2022: 0.265 and 0.17 of households.
        ("charged for overdrafts", found.fee_share, 0.22, 0.10),
        ("card holders who revolve", found.revolvers, 0.48, 0.08),
        ("what they owe", found.revolver_debt, 2_500.0, 700.0),
        // Krumme 2013: 0.80 and 1.13.
        ("merchants by rank", found.merchant_zipf, 0.965, 0.17),
    ]
}

fn credit_share(found: &Figures) -> f64 {
    found.credit_monthly / (found.credit_monthly + found.debit_monthly)
}

#[test]
fn figures_are_near_the_published_ones() {
    for seed in [1, 2, 3] {
        let far: Vec<Row> = rows(&figures(seed, 600))
            .into_iter()
            .filter(|(_, found, published, tolerance)| (found - published).abs() > *tolerance)
            .collect();
        assert!(far.is_empty(), "seed {seed}: {far:#?}");
    }
}

#[test]
fn steps_may_end_anywhere() {
    let world = world(&[], 5, 50);
    for number in [1, 2, 17, 50] {
        let whole = life(&world, number, 100);
        let mut customer = newcomer(&world, number);
        let mut parts = PostingBatch::default();
        let mut from = at(0);
        for step in 1_i64.. {
            let seconds = at(0).seconds() + (step * step * 7_919 + step * 40_009);
            let to = Instant::from_seconds(seconds).min(at(100));
            world.simulate(&mut customer, from, to, &mut parts).unwrap();
            // What is kept of a customer is enough to go on.
            let newcomer = world.newcomer(number);
            let mut holdings = newcomer.holdings();
            for ((_, _, book), now) in holdings.iter_mut().zip(customer.books()) {
                now.clone_into(book);
            }
            customer = world.customer(&newcomer.user, &holdings, &customer.memory()).unwrap();
            from = to;
            if to == at(100) {
                break;
            }
        }
        assert_eq!(parts, whole, "customer {number}");
    }
}

#[test]
fn worlds_are_what_they_were() {
    let mut hashes = String::new();
    for (seed, users, days) in [(1, 5, 30), (42, 60, 90), (u64::MAX, 4, 400)] {
        let world = world(&[], seed, users);
        let mut sum = ContentHash::default();
        for number in 1..=users {
            sum.merge(ContentHash::of(&life(&world, number, days)));
        }
        writeln!(hashes, "realistic seed {seed} users {users} days {days}: {sum}").unwrap();
    }
    insta::assert_snapshot!(hashes, @r#"
    realistic seed 1 users 5 days 30: 87ce401606e16e11e5b26fc8d2805c31
    realistic seed 42 users 60 days 90: 3082777ae937b76786ad1c6caa6fedfa
    realistic seed 18446744073709551615 users 4 days 400: 0aca7309e278bcd2927eead9adeed583
    "#);
}

#[test]
fn threads_and_the_order_of_customers_do_not_matter() {
    let world = world(&[], 3, 40);
    let sum = |mut sum: ContentHash, part: ContentHash| {
        sum.merge(part);
        sum
    };
    let hash = |number: i64| ContentHash::of(&life(&world, number, 60));
    let expected = (1..=40).rev().map(hash).fold(ContentHash::default(), sum);
    for threads in [1, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let parallel = pool
            .install(|| (1..=40_i64).into_par_iter().map(hash).reduce(ContentHash::default, sum));
        assert_eq!(parallel, expected, "{threads} threads");
    }
}

#[test]
fn a_memory_of_another_version_is_refused() {
    let world = world(&[], 5, 5);
    let newcomer = world.newcomer(1);
    assert!(world.customer(&newcomer.user, &newcomer.holdings(), &[99, 1]).is_err());
}

#[test]
fn the_ledger_sums_to_zero_and_statements_reconcile() {
    let world = world(&[], 9, 40);
    let mut between = 0;
    for number in 1..=40 {
        let newcomer = world.newcomer(number);
        let mut customer = newcomer_of(&world, &newcomer);
        let mut out = PostingBatch::default();
        world.simulate(&mut customer, at(0), at(200), &mut out).unwrap();
        for (account, book) in newcomer.accounts.iter().zip(customer.books()) {
            let own = |posting: &mockbank_bank::Posting| posting.account == account.id;
            let lines: i64 = out
                .iter()
                .filter(|posting| own(posting) && posting.card.is_none())
                .map(|posting| posting.amount.minor())
                .sum();
            assert_eq!(account.opening_balance.minor() + lines, book.balance.minor());
            for card in &book.cards {
                let lines: i64 = out
                    .iter()
                    .filter(|posting| posting.card == Some(card.card))
                    .map(|posting| posting.amount.minor())
                    .sum();
                assert_eq!(-lines, card.spend.minor());
            }
        }
        let transfers = out.iter().filter(|posting| posting.group.is_some());
        between += transfers.map(|posting| posting.amount.minor()).sum::<i64>();
    }
    assert_eq!(between, 0, "what one customer sends another receives");
}

fn newcomer_of(world: &World, newcomer: &mockbank_sim::Newcomer) -> Customer {
    Customer::from_newcomer(world, newcomer).unwrap()
}

#[test]
fn customers_made_by_hand_live_too() {
    let world = world(&[], 3, 10);
    let newcomer = world.newcomer(4);
    let mut holdings = newcomer.holdings();
    // No salary, no card, a city that is nowhere.
    holdings.truncate(1);
    let (account, cards, book) = &mut holdings[0];
    (account.salary, account.employer) = (Money::ZERO, None);
    cards.clear();
    book.cards.clear();
    let user = User { city: "Atlantis".to_owned(), ..newcomer.user };
    let mut customer = world.customer(&user, &holdings, &[]).unwrap();
    let mut out = PostingBatch::default();
    world.simulate(&mut customer, at(0), at(60), &mut out).unwrap();
    assert!(out.iter().all(|posting| posting.kind != PostingKind::Payroll));
    let mut nobody = world.customer(&user, &[], &[]).unwrap();
    world.simulate(&mut nobody, at(0), at(60), &mut out).unwrap();
}

#[test]
fn as_many_hold_cards_and_savings_as_published_and_no_number_comes_twice() {
    let world = world(&[], 11, 2_000);
    let newcomers: Vec<_> = (1..=2_000).map(|number| world.newcomer(number)).collect();
    let share = |holds: &dyn Fn(&mockbank_sim::Newcomer) -> bool| {
        newcomers.iter().filter(|newcomer| holds(newcomer)).count()
    };
    // 82 % own a credit card (SDCPC 2023); the preset gives 62 % a savings account.
    assert!((1_580..1_700).contains(&share(&|newcomer| !newcomer.cards.is_empty())));
    assert!((1_180..1_300).contains(&share(&|newcomer| newcomer.accounts.len() == 2)));
    let mut numbers: Vec<i64> = newcomers
        .iter()
        .flat_map(|newcomer| newcomer.accounts.iter().map(|account| account.id.number()))
        .collect();
    let accounts = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), accounts);
}

#[test]
fn identifiers_are_unique() {
    let world = world(&[], 3, 30);
    for number in 1..=30 {
        let mut ids: Vec<_> = life(&world, number, 365)
            .iter()
            .map(|posting| (posting.account, posting.transaction_id().to_string()))
            .collect();
        let postings = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), postings);
    }
}

#[test]
fn a_behaviour_that_is_off_renames_nothing() {
    let off = [("[friends]\nenabled = true", "[friends]\nenabled = false")];
    let (with, without) = (world(&[], 4, 30), world(&off, 4, 30));
    let ids = |world: &World, number| -> Vec<(String, Instant)> {
        let named = |posting: mockbank_bank::Posting| {
            (posting.reference.stream().code() == NEEDS)
                .then(|| (posting.transaction_id().to_string(), posting.at))
        };
        life(world, number, 90).iter().filter_map(named).collect()
    };
    let (mut all, mut common) = (0, 0);
    for number in 1..=30 {
        let (with, without) = (ids(&with, number), ids(&without, number));
        common += with.iter().filter(|row| without.contains(row)).count();
        all += with.len();
    }
    // What is on the account decides on what is declined, and on nothing else.
    assert!(common * 100 >= all * 97, "{common} of {all}");
}

/// The stream of purchases.
const NEEDS: u8 = 22;

#[test]
fn a_customer_is_the_same_in_a_larger_world() {
    let alone = [("[friends]\nenabled = true", "[friends]\nenabled = false")];
    let (small, large) = (world(&alone, 8, 10), world(&alone, 8, 10_000_000));
    assert_eq!(small.newcomer(7), large.newcomer(7));
    let hash = |world: &World| ContentHash::of(&life(world, 7, 60));
    assert_eq!(hash(&small), hash(&large));
}

#[test]
fn scenarios_begin_on_their_day() {
    let cut = "\n[[scenarios]]\nname = \"Pay cut\"\nfrom = \"2025-03-01\"\nchange = \"wages\"\nfactor = 0.9\n";
    let text = format!("{}{cut}", Preset::builtin("realistic").unwrap());
    let changed = World::new(Preset::parse(&text).unwrap(), 6, start(), 20);
    let usual = world(&[], 6, 20);
    let mut differ = 0;
    for number in 1..=20 {
        assert_eq!(life(&usual, number, 59), life(&changed, number, 59));
        differ += usize::from(life(&usual, number, 150) != life(&changed, number, 150));
    }
    assert!(differ >= 10, "{differ}");
}
