//! When people send each other money, and how often.

use super::random::{MONTH, indexed, weight};
use crate::distribution::AliasTable;
use crate::preset::households::Friends;

/// What transfers between people are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Circle {
    pub(super) hours: AliasTable,
    /// Probability a day for each pair, by weekday.
    pub(super) daily: [f64; 7],
    /// The same with people elsewhere.
    pub(super) elsewhere: [f64; 7],
}

impl Circle {
    pub(crate) fn new(friends: &Friends) -> Self {
        let weekdays = indexed(&friends.weekdays);
        let hours = friends.hours.map(weight);
        Self {
            hours: AliasTable::new(&hours).expect("valid weights are not all 0"),
            daily: weekdays.map(|weight| weight * friends.monthly / MONTH),
            elsewhere: weekdays.map(|weight| weight * friends.elsewhere_monthly / MONTH),
        }
    }

    /// An hour at which people send each other money.
    pub(crate) fn hour(&self, word: u32) -> u32 {
        self.hours.choose(word)
    }
}
