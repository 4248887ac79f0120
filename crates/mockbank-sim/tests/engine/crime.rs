//! Crime in the world of `realistic`: rates, labels, and that nothing simple gives it away.

use std::collections::BTreeMap;

use mockbank_bank::{Posting, PostingBatch, PostingKind};
use mockbank_sim::{Customer, LabelBatch, Phase, Preset, Role, Typology, World};

use crate::common::{at, start};

const OFF: (&str, &str) = ("[crime]\nenabled = true", "[crime]\nenabled = false");

fn world(replacements: &[(&str, &str)], population: i64) -> World {
    let mut text = Preset::builtin("realistic").unwrap().to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    World::new(Preset::parse(&text).unwrap(), 21, start(), population)
}

fn life(world: &World, number: i64, days: i64) -> (PostingBatch, LabelBatch) {
    let (mut out, mut labels) = (PostingBatch::default(), LabelBatch::default());
    let mut customer = Customer::from_newcomer(world, &world.newcomer(number)).unwrap();
    world.simulate_labelled(&mut customer, at(0), at(days), &mut out, &mut labels).unwrap();
    (out, labels)
}

#[test]
fn those_without_crime_live_as_in_a_world_without_it() {
    let (with, without) = (world(&[], 300), world(&[OFF], 300));
    let mut untouched = 0;
    for number in 1..=300 {
        let (postings, labels) = life(&with, number, 120);
        let (honest, none) = life(&without, number, 120);
        assert!(none.is_empty());
        if labels.is_empty() {
            assert_eq!(postings, honest, "customer {number}");
            untouched += 1;
        }
    }
    assert!((200..300).contains(&untouched), "{untouched}");
}

#[test]
fn labels_name_postings_and_both_sides_of_a_scheme_agree() {
    let world = world(&[("schemes_yearly = 2.5", "schemes_yearly = 20")], 900);
    let mut transfers: BTreeMap<i64, i64> = BTreeMap::new();
    let mut typologies = Vec::new();
    for number in 1..=900 {
        let (postings, labels) = life(&world, number, 250);
        let named = |row: usize| -> Posting {
            let is_named = |posting: &Posting| {
                posting.account.number() == labels.account[row]
                    && posting.at.day().number() == labels.day[row]
                    && posting.reference.code() == labels.reference[row]
            };
            let found: Vec<Posting> = postings.iter().filter(is_named).collect();
            assert_eq!(found.len(), 1);
            found[0]
        };
        for row in 0..labels.len() {
            let posting = named(row);
            typologies.push(Typology::from_code(labels.typology[row]).unwrap());
            assert!(Role::from_code(labels.role[row]).is_some());
            if Phase::from_code(labels.phase[row]) == Some(Phase::Layering) {
                let group = posting.group.unwrap().number();
                *transfers.entry(group).or_default() += posting.amount.minor();
            }
        }
    }
    assert!(transfers.len() > 30, "{}", transfers.len());
    assert!(transfers.values().all(|sum| *sum == 0));
    typologies.sort_unstable();
    typologies.dedup();
    assert!(typologies.len() >= 10, "{typologies:?}");
}

#[test]
fn fraud_takes_as_many_basis_points_as_published() {
    let (world, population) = (world(&[], 2_500), 2_500);
    let (mut spent, mut stolen) = (0, 0);
    for number in 1..=population {
        let (postings, labels) = life(&world, number, 182);
        let mut crimes: Vec<(u16, i64)> =
            labels.day.iter().copied().zip(labels.reference.iter().copied()).collect();
        crimes.sort_unstable();
        for posting in postings.iter().filter(|row| row.kind == PostingKind::Purchase) {
            let key = (posting.at.day().number(), posting.reference.code());
            spent -= posting.amount.minor();
            if crimes.binary_search(&key).is_ok() {
                stolen -= posting.amount.minor();
            }
        }
    }
    // Nilson 2023: 6.58 worldwide, 11 in the United States; debit of large issuers 17.6.
    let points = stolen * 100_000 / spent;
    assert!((60..=180).contains(&points), "{points} thousandths of a percent");
}

#[test]
fn alerts_are_late_incomplete_and_sometimes_false() {
    let world = world(&[], 400);
    let (mut crimes, mut alerted, mut wrong) = (0, 0, 0);
    for number in 1..=400 {
        let (postings, labels) = life(&world, number, 365);
        let alerts = world.alerts(&postings, &labels);
        crimes += labels.len();
        for row in 0..alerts.len() {
            assert!(alerts.day[row] <= alerts.alerted[row]);
            assert!(alerts.alerted[row] <= alerts.decided[row]);
            if alerts.confirmed[row] { alerted += 1 } else { wrong += 1 }
        }
    }
    assert!(alerted * 4 > crimes && alerted < crimes * 3 / 5, "{alerted} of {crimes}");
    assert!(wrong > alerted, "{wrong}");
}

/// Columns of a posting that a simple rule may look at.
fn columns(posting: &Posting) -> [i64; 10] {
    [
        posting.amount.minor(),
        posting.at.second_of_day(),
        i64::from(posting.at.day().weekday()),
        i64::from(posting.kind.code()),
        i64::from(posting.category),
        i64::from(posting.place),
        i64::from(posting.description),
        i64::from(posting.reference.index()),
        posting.group.map_or(0, |group| 1 + (group.number() & 63)),
        posting.balance.minor(),
    ]
}

type Row = ([i64; 10], bool);

/// Honest postings are sampled, one of so many, and count so often.
const SAMPLE: usize = 12;

/// Leaves of the greedy tree of a depth on two columns: crimes and all postings of each.
fn leaves(rows: &[Row], pair: [usize; 2], depth: u32, found: &mut Vec<(usize, usize)>) {
    let crimes = rows.iter().filter(|row| row.1).count();
    let weight = |crimes: usize, rows: usize| crimes + (rows - crimes) * SAMPLE;
    let all = weight(crimes, rows.len());
    let best = (depth > 0 && crimes > 0 && crimes < rows.len())
        .then(|| best_split(rows, pair, crimes))
        .flatten();
    match best {
        Some((column, threshold)) => {
            let (low, high): (Vec<Row>, Vec<Row>) =
                rows.iter().partition(|row| row.0[column] <= threshold);
            leaves(&low, pair, depth - 1, found);
            leaves(&high, pair, depth - 1, found);
        }
        None => found.push((crimes, all)),
    }
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// The split of the least Gini impurity, among thresholds at the crimes' own values.
fn best_split(rows: &[Row], pair: [usize; 2], crimes: usize) -> Option<(usize, i64)> {
    let impurity = |crimes: usize, rows: usize| {
        let all = float(crimes + (rows - crimes) * SAMPLE);
        let share = float(crimes) / all.max(1.0);
        2.0 * share * (1.0 - share) * all
    };
    let mut best = (impurity(crimes, rows.len()) - 1e-9, None);
    for column in pair {
        let mut values: Vec<i64> = rows
            .iter()
            .filter(|row| row.1)
            .flat_map(|row| [row.0[column], row.0[column] - 1])
            .collect();
        values.sort_unstable();
        values.dedup();
        for threshold in values.iter().step_by(values.len().div_ceil(24)) {
            let below = rows.iter().filter(|row| row.0[column] <= *threshold);
            let (mut low, mut low_crimes) = (0, 0);
            for row in below {
                low += 1;
                low_crimes += usize::from(row.1);
            }
            if low == 0 || low == rows.len() {
                continue;
            }
            let split = impurity(low_crimes, low) + impurity(crimes - low_crimes, rows.len() - low);
            if split < best.0 {
                best = (split, Some((column, *threshold)));
            }
        }
    }
    best.1
}

/// The precision of a tree's best leaves that together find a tenth of the crimes.
fn precision(rows: &[Row], pair: [usize; 2]) -> f64 {
    let mut found = Vec::new();
    leaves(rows, pair, 3, &mut found);
    found.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)));
    let crimes: usize = found.iter().map(|leaf| leaf.0).sum();
    let (mut hits, mut all) = (0, 0);
    for (leaf_hits, leaf_all) in found {
        hits += leaf_hits;
        all += leaf_all;
        if hits * 10 >= crimes {
            break;
        }
    }
    float(hits) / float(all)
}

#[test]
fn no_simple_rule_on_two_columns_finds_crime() {
    let world = world(&[], 1_500);
    let mut rows: Vec<Row> = Vec::new();
    for number in 1..=1_500 {
        let (postings, labels) = life(&world, number, 182);
        let mut crimes: Vec<(i64, u16, i64)> = (0..labels.len())
            .map(|row| (labels.account[row], labels.day[row], labels.reference[row]))
            .collect();
        crimes.sort_unstable();
        for (place, posting) in postings.iter().enumerate() {
            let key =
                (posting.account.number(), posting.at.day().number(), posting.reference.code());
            let is_crime = crimes.binary_search(&key).is_ok();
            if is_crime || place % SAMPLE == 0 {
                rows.push((columns(&posting), is_crime));
            }
        }
    }
    let crimes = rows.iter().filter(|row| row.1).count();
    assert!(crimes > 200, "{crimes}");
    for first in 0..10 {
        for second in first + 1..10 {
            let found = precision(&rows, [first, second]);
            assert!(found < 0.35, "columns {first} and {second}: precision {found:.2}");
        }
    }
}
