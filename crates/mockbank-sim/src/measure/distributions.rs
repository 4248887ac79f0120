//! Whole distributions, for drawing.

use mockbank_bank::Day;

use super::{Measure, ratio};

/// Upper limits of the classes of gaps, in hours.
pub const GAP_LIMITS: [u32; 8] = [1, 3, 6, 12, 24, 48, 96, 192];

/// How things spread over a world.
#[derive(Clone, Debug, PartialEq)]
pub struct Distributions {
    /// Purchases a day in each month of the year over those on all days; `None` for months with
    /// fewer than 20 days.
    pub months: [Option<f64>; 12],
    /// The percentiles 0 to 100 of purchases, in major units; empty without any.
    pub amounts: Vec<f64>,
    /// The same of monthly incomes, of customers who have one.
    pub incomes: Vec<f64>,
    /// The same of customers' deposits at the end.
    pub balances: Vec<f64>,
    /// Ranks of merchants by purchases, evenly spread on a logarithmic axis, and their purchases.
    pub merchants: Vec<(u32, u64)>,
    /// Share of the gaps between a customer's purchases below each of [`GAP_LIMITS`], and above.
    pub gaps: [f64; GAP_LIMITS.len() + 1],
    /// The mean gap in hours.
    pub mean_gap: f64,
}

impl Measure {
    /// The distributions over all customers so far.
    pub fn distributions(&self) -> Distributions {
        let gaps = self.gap_lengths.iter().sum::<u64>().max(1);
        let months = f64::from(self.days) / super::MONTH;
        let incomes =
            self.customers.iter().map(|seen| seen.income / months).filter(|income| *income > 0.0);
        Distributions {
            months: self.by_month(),
            amounts: percentiles(self.amounts.clone()),
            incomes: percentiles(incomes.collect()),
            balances: percentiles(self.balances.clone()),
            merchants: ranks(self.merchants.values().copied().collect()),
            gaps: self.gap_lengths.map(|count| ratio(count, gaps)),
            mean_gap: self.gap_seconds / super::float_u(gaps) / 3_600.0,
        }
    }

    fn by_month(&self) -> [Option<f64>; 12] {
        let mut days = [0_u64; 12];
        for number in self.first_day..self.first_day.saturating_add(self.days) {
            if let Ok(day) = Day::from_number(number.into()) {
                days[calendar_month(day)] += 1;
            }
        }
        let all = ratio(self.months.iter().sum(), days.iter().sum::<u64>().max(1));
        let mut shares = [None; 12];
        for (share, (purchases, days)) in shares.iter_mut().zip(self.months.iter().zip(days)) {
            *share = (days >= 20 && all > 0.0).then(|| ratio(*purchases, days) / all);
        }
        shares
    }
}

/// The month of the year, from 0.
pub(super) fn calendar_month(day: Day) -> usize {
    usize::from(day.date().month().unsigned_abs()).saturating_sub(1)
}

fn percentiles(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    (0..=100).map(|percent| values[last * percent / 100]).collect()
}

fn ranks(mut counts: Vec<u64>) -> Vec<(u32, u64)> {
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let mut picked = Vec::new();
    let mut rank = 1_u32;
    while let Some(count) = counts.get(rank as usize - 1) {
        picked.push((rank, *count));
        rank += rank.div_ceil(4);
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_ranks_of_known_samples() {
        let tenths = percentiles((0..=1_000).rev().map(|value| f64::from(value) / 10.0).collect());
        assert!((tenths[37] - 37.0).abs() < 1e-9);
        assert!(percentiles(Vec::new()).is_empty());
        assert_eq!(ranks(vec![1, 9, 5]), [(1, 9), (2, 5), (3, 1)]);
    }
}
