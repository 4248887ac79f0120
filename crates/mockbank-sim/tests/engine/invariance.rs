//! What must not matter: threads, shards, the order of customers, the length of steps, the size
//! of the world, and behaviours that are switched off.

use mockbank_bank::{ContentHash, Instant, Posting, PostingBatch, PostingKind};
use mockbank_sim::{Customer, World};
use proptest::prelude::*;
use rayon::prelude::*;

use crate::common::{TRANSFERS_ON, at, customer, hash, life, lives, world};

const USERS: i64 = 60;
const DAYS: i64 = 90;

fn lively() -> World {
    world(&[TRANSFERS_ON, ("probability = 0.01 ", "probability = 0.2 ")], 3, USERS)
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let world = lively();
    let expected = hash(&world, USERS, DAYS);
    for threads in [1, 2, 64] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let parallel = pool.install(|| {
            (1..=USERS)
                .into_par_iter()
                .map(|number| ContentHash::of(&life(&world, number, DAYS)))
                .reduce(ContentHash::default, |mut sum, part| {
                    sum.merge(part);
                    sum
                })
        });
        assert_eq!(parallel, expected, "{threads} threads");
    }
}

#[test]
fn shards_add_up_to_the_world() {
    let expected = hash(&lively(), USERS, DAYS);
    for shards in [1, 2, 7] {
        let mut sum = ContentHash::EMPTY;
        for shard in 0..shards {
            // A process of its own would make the world anew.
            let world = lively();
            for number in (1..=USERS).filter(|number| number % shards == shard) {
                sum.merge(ContentHash::of(&life(&world, number, DAYS)));
            }
        }
        assert_eq!(sum, expected, "{shards} shards");
    }
}

/// All customers moved step by step through the ends of steps, as a living world is.
fn day_major(world: &World, ends: &[Instant]) -> ContentHash {
    let mut customers: Vec<Customer> = (1..=USERS).map(|number| customer(world, number)).collect();
    let (mut sum, mut from) = (ContentHash::EMPTY, at(0));
    for to in ends {
        let mut out = PostingBatch::default();
        for customer in &mut customers {
            world.simulate(customer, from, *to, &mut out).unwrap();
        }
        sum.add(&out);
        from = *to;
    }
    sum
}

#[test]
fn the_length_of_steps_does_not_matter() {
    let world = lively();
    let expected = hash(&world, USERS, DAYS);
    let days: Vec<Instant> = (1..=DAYS).map(at).collect();
    assert_eq!(day_major(&world, &days), expected);
    // Seven hours and a second each, so that steps end at every hour and at odd seconds.
    let mut hours: Vec<Instant> = (1..DAYS * 24 / 7)
        .map(|step| at(0).plus_seconds(step * (7 * 3_600 + 1)).unwrap())
        .take_while(|end| *end < at(DAYS))
        .collect();
    hours.push(at(DAYS));
    assert_eq!(day_major(&world, &hours), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_gives_the_same_rows(
        number in 1..=USERS,
        mut cuts in prop::collection::vec(0..40 * 86_400_i64, 0..12),
    ) {
        let world = lively();
        cuts.sort_unstable();
        let ends = cuts.into_iter().map(|cut| at(0).plus_seconds(cut).unwrap()).chain([at(40)]);
        let mut out = PostingBatch::default();
        let mut customer = customer(&world, number);
        let mut from = at(0);
        for to in ends {
            world.simulate(&mut customer, from, to, &mut out).unwrap();
            from = to;
        }
        prop_assert_eq!(out, life(&world, number, 40));
    }

    #[test]
    fn a_customer_goes_on_from_what_was_saved(number in 1..=USERS, cut in 1..40_i64) {
        let world = lively();
        let newcomer = world.newcomer(number);
        let mut out = PostingBatch::default();
        let mut before = customer(&world, number);
        world.simulate(&mut before, at(0), at(cut), &mut out).unwrap();
        let mut holdings = newcomer.holdings();
        for (holding, book) in holdings.iter_mut().zip(before.books()) {
            holding.2 = book.clone();
        }
        let mut after = world.customer(&newcomer.user, &holdings, &before.memory()).unwrap();
        world.simulate(&mut after, at(cut), at(40), &mut out).unwrap();
        prop_assert_eq!(out, life(&world, number, 40));
    }
}

#[test]
fn an_empty_or_backward_step_gives_nothing() {
    let world = lively();
    let mut out = PostingBatch::default();
    let mut customer = customer(&world, 1);
    world.simulate(&mut customer, at(3), at(3), &mut out).unwrap();
    world.simulate(&mut customer, at(3), at(1), &mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn customer_seven_is_the_same_in_any_classic_world() {
    let (small, large) = (world(&[], 9, 10), world(&[], 9, 10_000_000));
    assert_eq!(small.newcomer(7), large.newcomer(7));
    assert_eq!(life(&small, 7, DAYS), life(&large, 7, DAYS));
}

/// What a posting says of itself, without what follows from the others in its book.
fn own(posting: &Posting) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        posting.transaction_id(),
        posting.amount,
        posting.at,
        posting.contra,
        (posting.description, posting.place, posting.category, posting.kind),
        posting.group,
    )
}

#[test]
fn a_larger_world_adds_transfers_with_those_who_are_new_and_nothing_else() {
    let lively = &[TRANSFERS_ON, ("probability = 0.01 ", "probability = 0.2 ")];
    let (small, large) = (world(lively, 9, 10), world(lively, 9, 10_000_000));
    let mut added = 0;
    for number in 1..=10 {
        let in_small = life(&small, number, DAYS);
        let in_large = life(&large, number, DAYS);
        let (new, same): (Vec<Posting>, Vec<Posting>) = in_large.iter().partition(|posting| {
            matches!(posting.contra, mockbank_bank::LedgerAccount::Deposit(other)
                if posting.group.is_some() && other.number() > 10)
        });
        added += new.len();
        let small: Vec<_> = in_small.iter().map(|posting| own(&posting)).collect();
        assert_eq!(small, same.iter().map(own).collect::<Vec<_>>(), "customer {number}");
    }
    assert!(added > 0);
}

#[test]
fn a_behaviour_that_is_switched_off_takes_only_its_own_rows_along() {
    let everything = lives(&lively(), USERS, DAYS);
    let switches = [
        ("[payroll]\nenabled = true", "[payroll]\nenabled = false", PostingKind::Payroll),
        ("[spending]\nenabled = true", "[spending]\nenabled = false", PostingKind::Purchase),
        (TRANSFERS_ON.0, TRANSFERS_ON.0, PostingKind::Transfer),
    ];
    for (from, to, kind) in switches {
        let mut changes = vec![("probability = 0.01 ", "probability = 0.2 "), (from, to)];
        if kind != PostingKind::Transfer {
            changes.push(TRANSFERS_ON);
        }
        let without = lives(&world(&changes, 3, USERS), USERS, DAYS);
        // Bills pay what was spent, so they follow from spending.
        let kept = |posting: &Posting| {
            posting.kind != kind
                && (kind != PostingKind::Purchase || posting.kind != PostingKind::CardPayment)
        };
        let expected: Vec<_> =
            everything.iter().filter(kept).map(|posting| own(&posting)).collect();
        let found: Vec<_> = without.iter().map(|posting| own(&posting)).collect();
        assert_eq!(found, expected, "{kind:?}");
    }
}

#[test]
fn without_bills_what_was_bought_within_the_limit_stays() {
    let off = ("[card_billing]\nenabled = true", "[card_billing]\nenabled = false");
    let (with, without) = (world(&[], 3, USERS), world(&[off], 3, USERS));
    for number in 1..=USERS {
        let with: Vec<_> = life(&with, number, DAYS)
            .iter()
            .filter(|posting| posting.kind != PostingKind::CardPayment)
            .map(|posting| own(&posting))
            .collect();
        // A card that is never paid declines more, and nothing else is changed.
        for posting in life(&without, number, DAYS).iter() {
            assert!(with.contains(&own(&posting)), "{posting:?}");
        }
    }
}
