//! What was posted on each day, added up by sort: what a chart over all books needs, without a
//! look at the postings.

use crate::posting::{Posting, PostingKind};
use crate::time::{Day, Instant};

/// The postings of one sort on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyTotal {
    /// Which day.
    pub day: Day,
    /// Whether cards moved; if not, deposit accounts did.
    pub on_card: bool,
    /// What moved the money.
    pub kind: PostingKind,
    /// Category: a number of the world's catalogue.
    pub category: u16,
    /// How many postings.
    pub postings: u64,
    /// Sum of the amounts above zero, in minor units.
    pub credits: i128,
    /// Sum of the amounts below zero without their sign, in minor units.
    pub debits: i128,
}

impl DailyTotal {
    /// By how much the ledger accounts moved, in minor units.
    pub const fn net(&self) -> i128 {
        self.credits - self.debits
    }
}

/// Adds postings up by day and sort, in any order of the days. Memory follows the days and sorts
/// that come, not the postings.
#[derive(Clone, Debug, Default)]
pub struct DailySums {
    sorts: Vec<Sort>,
    /// One more than a sort's place in `sorts` and in the days, by the sort's number; 0 where
    /// nothing of it has come.
    places: Vec<u32>,
    first_day: u16,
    /// Days from the first one on, each with the sums by the sort's place.
    days: Vec<Vec<Sum>>,
}

#[derive(Clone, Copy, Debug)]
struct Sort {
    on_card: bool,
    kind: PostingKind,
    category: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    postings: u64,
    credits: i128,
    debits: i128,
}

impl Sort {
    fn number(self) -> usize {
        (usize::from(self.category) * PostingKind::ALL.len() + usize::from(self.kind.code())) * 2
            + usize::from(self.on_card)
    }
}

impl DailySums {
    /// Adds a posting.
    pub fn add_posting(&mut self, posting: &Posting) {
        let on_card = posting.card.is_some();
        let amount = posting.amount.minor();
        self.add(posting.at, on_card, posting.kind, posting.category, amount);
    }

    /// Adds a posting of which no more is known than what counts here; `amount` is in minor units.
    #[inline]
    pub fn add(
        &mut self,
        at: Instant,
        on_card: bool,
        kind: PostingKind,
        category: u16,
        amount: i64,
    ) {
        let place = self.place(Sort { on_card, kind, category });
        let day = self.day(at.day().number());
        if day.len() <= place {
            day.resize(place + 1, Sum::default());
        }
        let sum = &mut day[place];
        sum.postings += 1;
        if amount < 0 {
            sum.debits -= i128::from(amount);
        } else {
            sum.credits += i128::from(amount);
        }
    }

    /// The totals, by day, side, kind and category.
    pub fn totals(&self) -> Vec<DailyTotal> {
        let days = (self.first_day..=u16::MAX).zip(&self.days);
        let mut totals: Vec<DailyTotal> = days
            .flat_map(|(day, sums)| {
                let kept = self.sorts.iter().zip(sums).filter(|(_, sum)| sum.postings > 0);
                kept.map(move |(sort, sum)| DailyTotal {
                    day: Day::of(day),
                    on_card: sort.on_card,
                    kind: sort.kind,
                    category: sort.category,
                    postings: sum.postings,
                    credits: sum.credits,
                    debits: sum.debits,
                })
            })
            .collect();
        totals.sort_unstable_by_key(|total| {
            (total.day, total.on_card, total.kind.code(), total.category)
        });
        totals
    }

    #[inline]
    fn place(&mut self, sort: Sort) -> usize {
        match self.places.get(sort.number()) {
            Some(&place) if place > 0 => place as usize - 1,
            _ => self.new_place(sort),
        }
    }

    #[cold]
    fn new_place(&mut self, sort: Sort) -> usize {
        let number = sort.number();
        if self.places.len() <= number {
            self.places.resize(number + 1, 0);
        }
        self.sorts.push(sort);
        self.places[number] = u32::try_from(self.sorts.len()).unwrap_or(u32::MAX);
        self.sorts.len() - 1
    }

    #[inline]
    fn day(&mut self, day: u16) -> &mut Vec<Sum> {
        if self.days.is_empty() {
            self.first_day = day;
        }
        if day < self.first_day {
            let earlier = usize::from(self.first_day - day);
            self.days.splice(0..0, std::iter::repeat_n(Vec::new(), earlier));
            self.first_day = day;
        }
        let index = usize::from(day - self.first_day);
        if self.days.len() <= index {
            self.days.resize(index + 1, Vec::new());
        }
        &mut self.days[index]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Key = (Day, bool, u8, u16);

    fn postings() -> impl Strategy<Value = Vec<(i64, bool, usize, u16, i64)>> {
        let days = prop_oneof![20_000_i64..20_010, Just(0), Just(65_535), Just(90_000)];
        let posting = (days, any::<bool>(), 0..PostingKind::ALL.len(), 0_u16..9, any::<i64>());
        prop::collection::vec(posting, 0..200)
    }

    proptest! {
        #[test]
        fn totals_are_what_a_map_of_lists_makes(postings in postings()) {
            let mut sums = DailySums::default();
            let mut lists: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
            for (day, on_card, kind, category, amount) in postings {
                let (at, kind) = (Instant::from_seconds(day * 86_400 + 7), PostingKind::ALL[kind]);
                sums.add(at, on_card, kind, category, amount);
                lists.entry((at.day(), on_card, kind.code(), category)).or_default().push(amount);
            }
            let totals = sums.totals();
            prop_assert_eq!(totals.len(), lists.len());
            for (total, (key, amounts)) in totals.iter().zip(lists) {
                let found = (total.day, total.on_card, total.kind.code(), total.category);
                prop_assert_eq!(found, key);
                prop_assert_eq!(total.postings, amounts.len() as u64);
                let sum = |sign: i64| -> i128 {
                    amounts.iter().filter(|a| a.signum() == sign).map(|a| i128::from(*a)).sum()
                };
                prop_assert_eq!((total.credits, total.debits), (sum(1), -sum(-1)));
                prop_assert_eq!(total.net(), amounts.iter().map(|a| i128::from(*a)).sum());
            }
        }
    }
}
