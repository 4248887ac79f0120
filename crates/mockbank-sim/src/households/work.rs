//! How a customer makes a living: the sort of work, when wages come, and what is earned in cash.

use super::days::Today;
use super::random::{HOUR, lognormal, pick, uniform};
use super::traits::Traits;
use crate::preset::HouseholdsPreset;
use crate::preset::households::Income;
use crate::randomness::{below_u32, stream};

/// How a customer makes a living.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Employed,
    Gig,
    Student,
    Retired,
}

/// When wages come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    rhythm: Rhythm,
    /// Of weekly and biweekly wages.
    weekday: u8,
    /// Which of two weeks, which pair of days, which Wednesday.
    pub(super) phase: u8,
    pub(super) hourly: bool,
    pub(super) second: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rhythm {
    Weekly,
    Biweekly,
    SemiMonthly,
    Monthly,
}

/// What a customer earns in cash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Takings {
    /// Minor units a month.
    pub(super) monthly: f64,
    pub(super) is_business: bool,
}

/// Weeks in an average month.
pub(super) const WEEKS: f64 = 30.436_875 / 7.0;
/// Tips a month against the income.
const TIPS: f64 = 0.09;
/// Index of the draw that decides on a visit to the bank with cash.
pub(super) const VISIT: u32 = 1;

impl Schedule {
    pub(crate) fn new(income: &Income, traits: Traits) -> Self {
        let draw = traits.draw(2);
        let shares = income.schedules;
        let shares = [shares.weekly, shares.biweekly, shares.semi_monthly, shares.monthly];
        let rhythm = match pick(&shares, draw.lane(0)) {
            0 => Rhythm::Weekly,
            1 => Rhythm::Biweekly,
            2 => Rhythm::SemiMonthly,
            _ => Rhythm::Monthly,
        };
        let hours = traits.draw(3);
        Self {
            rhythm,
            weekday: u8::try_from(pick(&income.weekdays, draw.lane(1))).unwrap_or(4),
            phase: u8::try_from(below_u32(draw.lane(2), 6)).unwrap_or(0),
            hourly: uniform(draw.lane(3)) < income.hourly_probability,
            second: 5 * HOUR + below_u32(hours.lane(0), 4 * HOUR),
        }
    }

    /// Months that one payment is for, or `None` where a day is no pay day.
    pub(super) fn due(self, day: &Today) -> Option<f64> {
        let week = (u32::from(day.day.number()) + 3) / 7;
        let last = day.of_month == day.month_length;
        match self.rhythm {
            Rhythm::Weekly => (day.weekday == self.weekday).then_some(1.0 / WEEKS),
            Rhythm::Biweekly => (day.weekday == self.weekday
                && week % 2 == u32::from(self.phase % 2))
            .then_some(2.0 / WEEKS),
            Rhythm::SemiMonthly => {
                let due = match self.phase {
                    0..3 => day.of_month == 15 || last,
                    3 | 4 => day.of_month == 1 || day.of_month == 15,
                    _ => day.of_month == 5 || day.of_month == 20,
                };
                due.then_some(0.5)
            }
            Rhythm::Monthly => {
                let due = match self.phase {
                    0..3 => last,
                    3 | 4 => day.of_month == 1,
                    _ => day.of_month == 15,
                };
                due.then_some(1.0)
            }
        }
    }
}

impl Takings {
    /// What somebody of this work and monthly income earns in cash, if anything.
    pub(crate) fn new(
        preset: &HouseholdsPreset,
        traits: Traits,
        work: Work,
        income: f64,
    ) -> Option<Self> {
        let banking = &preset.banking;
        let draw = traits.at(stream::CASH, VISIT);
        let is_business = work == Work::Gig;
        let share = match work {
            Work::Gig => banking.cash_businesses,
            Work::Employed | Work::Student => banking.tipped,
            Work::Retired => 0.0,
        };
        let months =
            if is_business { lognormal(banking.takings_months, draw.lane(1)) } else { TIPS };
        (uniform(draw.lane(0)) < share).then_some(Self { monthly: income * months, is_business })
    }
}
