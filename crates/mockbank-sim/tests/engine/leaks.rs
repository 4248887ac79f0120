//! No rule that compares the postings of one account and day gives crime away.
//!
//! Trees on single rows see nothing of what generators leak most: distances of counters, gaps of
//! constants, and what only criminals do twice on a day.

use std::collections::BTreeMap;

use mockbank_bank::{Posting, PostingBatch, PostingKind};
use mockbank_sim::{Customer, LabelBatch, Phase, Preset, World};

use crate::common::{at, start};

/// Crime is this much more frequent than in the preset, so that a rule has something to find.
const FREQUENT: [(&str, &str); 2] = [
    ("card_testing = 0.010, card_not_present = 0.030, stolen_card = 0.010", FREQUENT_FRAUD),
    ("schemes_yearly = 2.5", "schemes_yearly = 10"),
];
const FREQUENT_FRAUD: &str = "card_testing = 0.050, card_not_present = 0.100, stolen_card = 0.050";
const POPULATION: i64 = 2_500;
const DAYS: i64 = 300;
/// Places of references in a day, and of codes in group numbers.
const PLACES: i64 = 1_024;
const CODES: i64 = 64;

/// A rule looks for one value of one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    /// How far two references of a day are from each other.
    ReferenceDistance,
    /// Seconds from one posting to another one of its kind.
    Gap,
    /// Difference of two amounts of a kind.
    AmountDifference,
    /// Group code against the reference of the same posting.
    GroupBesideReference,
    /// Difference of group codes against that of references.
    GroupDistance,
    /// The second of the day.
    Second,
    /// Two deposits of cash on a day, or two withdrawals, with the amount's power of four.
    CashTwice,
    /// Transfers of a power of two of minor units that are, or are not, of whole fives.
    Roundness,
}

/// What is asked of each family: a value that this many crimes show, and this many thousandths of
/// all crimes of the family, has fewer than so many percent crimes among what shows it.
struct Bound {
    family: Family,
    fewest: u32,
    recall: u32,
    precision: u32,
}

const BOUNDS: [Bound; 8] = [
    Bound { family: Family::ReferenceDistance, fewest: 8, recall: 5, precision: 20 },
    Bound { family: Family::Gap, fewest: 8, recall: 5, precision: 40 },
    Bound { family: Family::AmountDifference, fewest: 8, recall: 5, precision: 20 },
    Bound { family: Family::GroupBesideReference, fewest: 8, recall: 20, precision: 5 },
    Bound { family: Family::GroupDistance, fewest: 8, recall: 20, precision: 60 },
    Bound { family: Family::Second, fewest: 8, recall: 2, precision: 20 },
    Bound { family: Family::CashTwice, fewest: 8, recall: 20, precision: 50 },
    Bound { family: Family::Roundness, fewest: 8, recall: 20, precision: 50 },
];

/// How often a value is shown by crimes and by all, by family.
type Counts = BTreeMap<(Family, i64), (u32, u32)>;

fn world() -> World {
    let mut text = Preset::builtin("realistic").unwrap().to_owned();
    for (from, to) in FREQUENT {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    World::new(Preset::parse(&text).unwrap(), 33, start(), POPULATION)
}

fn reference(posting: &Posting) -> i64 {
    i64::from(posting.reference.index()) % PLACES
}

fn code(posting: &Posting) -> Option<i64> {
    posting.group.map(|group| group.number() % CODES)
}

fn power(amount: i64) -> i64 {
    i64::from(amount.unsigned_abs().max(1).ilog2())
}

fn single(posting: &Posting, show: &mut impl FnMut(Family, i64)) {
    show(Family::Second, posting.at.second_of_day());
    if let Some(code) = code(posting) {
        let distance = (code - reference(posting)).rem_euclid(CODES);
        show(Family::GroupBesideReference, distance);
    }
    if posting.kind == PostingKind::Transfer {
        let amount = posting.amount.minor();
        let is_round = i64::from(amount % 500 == 0);
        show(Family::Roundness, power(amount) * 2 + is_round);
    }
}

fn pair(first: &Posting, second: &Posting, show: &mut impl FnMut(Family, i64)) {
    let distance = (reference(second) - reference(first)).rem_euclid(PLACES);
    show(Family::ReferenceDistance, distance);
    show(Family::Gap, second.at.seconds() - first.at.seconds());
    show(Family::AmountDifference, second.amount.minor() - first.amount.minor());
    if let (Some(one), Some(other)) = (code(first), code(second)) {
        show(Family::GroupDistance, (other - one - distance).rem_euclid(CODES));
    }
    let (one, other) = (first.amount.minor(), second.amount.minor());
    if first.kind == PostingKind::Cash && (one > 0) == (other > 0) {
        show(Family::CashTwice, power(one) / 2 * one.signum());
    }
}

/// Counts what the postings of an account's day show. Of two, both have to be crimes; but it is
/// enough for a distance of references, which would tell the one from the other.
fn day(postings: &[(Posting, bool)], counts: &mut Counts) {
    let mut count = |family, value, is_crime| {
        let (crimes, all) = counts.entry((family, value)).or_default();
        *crimes += u32::from(is_crime);
        *all += 1;
    };
    for (place, (first, is_crime)) in postings.iter().enumerate() {
        single(first, &mut |family, value| count(family, value, *is_crime));
        for (second, also) in &postings[place + 1..] {
            if second.kind == first.kind && second.reference.stream() == first.reference.stream() {
                let of = |family| match family {
                    Family::ReferenceDistance => *is_crime || *also,
                    _ => *is_crime && *also,
                };
                pair(first, second, &mut |family, value| count(family, value, of(family)));
            }
        }
    }
}

fn counts() -> Counts {
    let (world, mut counts) = (world(), Counts::new());
    for number in 1..=POPULATION {
        let (mut out, mut labels) = (PostingBatch::default(), LabelBatch::default());
        let mut customer = Customer::from_newcomer(&world, &world.newcomer(number)).unwrap();
        world.simulate_labelled(&mut customer, at(0), at(DAYS), &mut out, &mut labels).unwrap();
        let mut crimes: Vec<(i64, u16, i64)> = (0..labels.len())
            .filter(|row| Phase::from_code(labels.phase[*row]).unwrap().is_crime())
            .map(|row| (labels.account[row], labels.day[row], labels.reference[row]))
            .collect();
        crimes.sort_unstable();
        let key = |posting: &Posting| {
            (posting.account.number(), posting.at.day().number(), posting.reference.code())
        };
        let mut rows: Vec<(Posting, bool)> = out
            .iter()
            .map(|posting| (posting, crimes.binary_search(&key(&posting)).is_ok()))
            .collect();
        rows.sort_by_key(|(posting, _)| (posting.account.number(), posting.at));
        let account_day = |row: &(Posting, bool)| (row.0.account.number(), row.0.at.day());
        for postings in rows.chunk_by(|one, other| account_day(one) == account_day(other)) {
            day(postings, &mut counts);
        }
    }
    counts
}

#[test]
fn no_pair_of_a_days_postings_gives_crime_away() {
    let counts = counts();
    let mut found = Vec::new();
    for Bound { family, fewest, recall, precision } in BOUNDS {
        let shown = || counts.iter().filter(|((of, _), _)| *of == family);
        let total: u32 = shown().map(|(_, (crimes, _))| crimes).sum();
        assert!(total >= 30, "{family:?}: {total} crimes are too few to tell");
        for ((_, value), (crimes, all)) in shown() {
            let enough = *crimes >= fewest && crimes * 1_000 >= recall * total;
            if enough && crimes * 100 >= precision * all {
                found.push(format!("{family:?} {value}: {crimes} of {all}, of {total} crimes"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
