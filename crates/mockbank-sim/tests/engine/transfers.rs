//! Transfers between customers: both sides of each, who knows whom, and who is left out.

use std::collections::{BTreeMap, BTreeSet};

use mockbank_bank::{GroupId, LedgerAccount, Posting, PostingBatch};

use crate::common::{TRANSFERS_ON, at, customer, lives, world};

const USERS: i64 = 4_096;

fn transfers(batch: &PostingBatch) -> Vec<Posting> {
    batch.iter().filter(|posting| posting.group.is_some()).collect()
}

#[test]
fn every_transfer_has_its_two_sides() {
    let world = world(&[TRANSFERS_ON], 1, USERS);
    let mut groups: BTreeMap<GroupId, Vec<Posting>> = BTreeMap::new();
    for posting in transfers(&lives(&world, USERS, 30)) {
        groups.entry(posting.group.unwrap()).or_default().push(posting);
    }
    assert!(groups.len() > 1_000);
    for (group, sides) in groups {
        let [one, other] = sides.as_slice() else { panic!("{group} has {} sides", sides.len()) };
        assert!(group.number() >= GroupId::FIRST_SIMULATED);
        assert_eq!(one.amount.checked_neg(), Some(other.amount));
        assert_eq!(one.at, other.at);
        assert_eq!(one.contra, LedgerAccount::Deposit(other.account));
        assert_eq!(other.contra, LedgerAccount::Deposit(one.account));
    }
}

#[test]
fn contacts_are_mostly_of_one_city_and_few_know_many() {
    let world = world(&[TRANSFERS_ON, ("probability = 0.01 ", "probability = 0.5 ")], 1, USERS);
    let mut known: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for posting in transfers(&lives(&world, USERS, 10)) {
        let LedgerAccount::Deposit(other) = posting.contra else { panic!("{posting:?}") };
        known.entry(posting.account.number()).or_default().insert(other.number());
    }
    let city = |number: i64| world.newcomer(number).user.city;
    let pairs: Vec<(i64, i64)> =
        known.iter().flat_map(|(one, others)| others.iter().map(|other| (*one, *other))).collect();
    let together = pairs.iter().filter(|(one, other)| city(*one) == city(*other)).count();
    assert!(together * 2 > pairs.len(), "{together} of {}", pairs.len());
    let mut degrees: Vec<usize> = known.values().map(BTreeSet::len).collect();
    degrees.sort_unstable();
    let (median, highest) = (degrees[degrees.len() / 2], degrees[degrees.len() - 1]);
    assert!(highest >= 4 * median, "median {median}, highest {highest}");
}

#[test]
fn who_is_left_out_has_no_transfers_on_either_side() {
    let mut world = world(&[TRANSFERS_ON], 1, USERS);
    let before = transfers(&lives(&world, USERS, 10));
    let left_out: BTreeSet<i64> =
        before.iter().take(5).map(|posting| posting.account.number()).collect();
    world.leave_out(left_out.iter().copied());
    let touches = |posting: &Posting| {
        let LedgerAccount::Deposit(other) = posting.contra else { panic!("{posting:?}") };
        left_out.contains(&posting.account.number()) || left_out.contains(&other.number())
    };
    let name = |posting: &Posting| (posting.transaction_id(), posting.amount);
    let expected: Vec<_> = before.iter().filter(|posting| !touches(posting)).map(name).collect();
    let after: Vec<_> = transfers(&lives(&world, USERS, 10)).iter().map(name).collect();
    assert_eq!(after, expected);
}

#[test]
fn a_side_that_cannot_be_booked_is_an_error() {
    let world = world(&[TRANSFERS_ON, ("probability = 0.01 ", "probability = 1.0 ")], 1, USERS);
    let refused = (1..=50).any(|number| {
        let newcomer = world.newcomer(number);
        let mut holdings = newcomer.holdings();
        holdings[0].2.status = mockbank_bank::AccountStatus::Frozen;
        let mut frozen = world.customer(&newcomer.user, &holdings, &[]).unwrap();
        let result = world.simulate(&mut frozen, at(0), at(2), &mut PostingBatch::default());
        matches!(result, Err(mockbank_sim::SimError::OneSided { .. }))
    });
    assert!(refused);
}

#[test]
fn customers_who_came_later_have_no_contacts() {
    let world = world(&[TRANSFERS_ON, ("probability = 0.01 ", "probability = 1.0 ")], 1, 100);
    let mut out = PostingBatch::default();
    for number in 101..200 {
        world.simulate(&mut customer(&world, number), at(0), at(2), &mut out).unwrap();
    }
    assert!(transfers(&out).is_empty());
}
