//! What the differences of two worlds add up to.

use std::collections::BTreeMap;

use mockbank_bank::{Catalog, Day, Posting};

use super::{Difference, Holders};

/// A number of lines, and what they moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Lines.
    pub count: u64,
    /// Sum of their amounts in minor units; negative is a debit.
    pub amount: i128,
}

/// Lines that differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that only the second world has.
    pub added: Rows,
    /// Those that only the first world has.
    pub removed: Rows,
    /// Those that differ; their amount is by how much more was moved in the second world.
    pub changed: Rows,
}

impl Tally {
    /// By how much more was moved in the second world, in minor units.
    pub const fn net(&self) -> i128 {
        self.added.amount - self.removed.amount + self.changed.amount
    }

    fn add(&mut self, difference: &Difference, before: Option<&Posting>, after: Option<&Posting>) {
        let amount =
            |line: Option<&Posting>| line.map_or(0, |line| i128::from(line.amount.minor()));
        let (rows, amount) = match difference {
            Difference::Added(_) => (&mut self.added, amount(after)),
            Difference::Removed(_) => (&mut self.removed, amount(before)),
            Difference::Changed { .. } => (&mut self.changed, amount(after) - amount(before)),
        };
        rows.count += 1;
        rows.amount += amount;
    }
}

/// How two worlds differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// All lines that differ.
    pub total: Tally,
    /// Those by what moved the money. A line that moved from one kind to another counts in both.
    pub by_kind: BTreeMap<&'static str, Tally>,
    /// Those by category, likewise.
    pub by_category: BTreeMap<String, Tally>,
    /// Those by day.
    pub by_day: BTreeMap<Day, Tally>,
    /// Lines that are the same in both worlds.
    pub same: u64,
    /// Lines that are the same but for the running balances and the place in the book.
    pub carried: u64,
    /// Customers, accounts and cards that differ.
    pub holders: Holders,
}

impl Comparison {
    /// Whether the worlds are the same, balances included.
    pub fn is_same(&self) -> bool {
        self.total == Tally::default() && self.carried == 0 && self.holders == Holders::default()
    }

    /// The first day with a line that differs.
    pub fn first_day(&self) -> Option<Day> {
        self.by_day.keys().next().copied()
    }

    pub(super) fn add(&mut self, difference: &Difference, catalogs: &[Catalog; 2]) {
        let [before, after] = difference.lines();
        self.total.add(difference, before, after);
        self.by_day.entry(difference.line().at.day()).or_default().add(difference, before, after);
        let kind = |line: &Posting| line.kind.name();
        by_key(&mut self.by_kind, difference, [before.map(kind), after.map(kind)]);
        let category = |world: usize, line: Option<&Posting>| {
            let number = usize::from(line?.category);
            Some(catalogs[world].categories.get(number).cloned().unwrap_or_default())
        };
        let keys = [category(0, before), category(1, after)];
        by_key(&mut self.by_category, difference, keys);
    }
}

/// Adds a difference under the keys that it has in the two worlds.
fn by_key<K: Ord>(
    tallies: &mut BTreeMap<K, Tally>,
    difference: &Difference,
    [key_before, key_after]: [Option<K>; 2],
) {
    let [before, after] = difference.lines();
    let is_one = key_before.is_none() || key_after.is_none() || key_before == key_after;
    if is_one {
        if let Some(key) = key_after.or(key_before) {
            tallies.entry(key).or_default().add(difference, before, after);
        }
        return;
    }
    for (key, before, after) in [(key_before, before, None), (key_after, None, after)] {
        if let Some(key) = key {
            tallies.entry(key).or_default().add(difference, before, after);
        }
    }
}
