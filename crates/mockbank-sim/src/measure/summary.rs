//! Summaries of samples.

/// How amounts are distributed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// Standard deviation of the natural logarithm.
    pub ln_sd: f64,
    /// Skewness of the natural logarithm.
    pub ln_skew: f64,
    /// Excess kurtosis of the natural logarithm.
    pub ln_kurtosis: f64,
    /// 99th percentile over median.
    pub p99_over_p50: f64,
    /// Hill's estimate of the tail's exponent from the largest twentieth.
    pub hill: f64,
}

impl Amounts {
    /// The summary of amounts above zero; all zero if there are fewer than two.
    pub fn of(amounts: &[f64]) -> Self {
        let mut sorted = amounts.to_vec();
        sorted.sort_by(f64::total_cmp);
        if sorted.len() < 2 {
            return Self::default();
        }
        let logarithms: Vec<f64> = sorted.iter().map(|amount| libm::log(*amount)).collect();
        let (mean, variance) = (mean_of(&logarithms), variance_of(&logarithms));
        let moment = |power: i32| {
            let scaled = |value: &f64| {
                let z = (value - mean) / libm::sqrt(variance);
                libm::pow(z, f64::from(power))
            };
            mean_of(&logarithms.iter().map(scaled).collect::<Vec<_>>())
        };
        let at = |share: f64| sorted[place(share, sorted.len())];
        let top = &logarithms[place(0.95, sorted.len())..];
        let excess: Vec<f64> = top.iter().map(|value| value - top[0]).collect();
        Self {
            mean: mean_of(&sorted),
            median: at(0.5),
            ln_sd: libm::sqrt(variance),
            ln_skew: moment(3),
            ln_kurtosis: moment(4) - 3.0,
            p99_over_p50: at(0.99) / at(0.5),
            hill: 1.0 / mean_of(&excess).max(1e-9),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index below the length"
)]
fn place(share: f64, length: usize) -> usize {
    ((length - 1) as f64 * share) as usize
}

/// The middle of values, 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Gini's coefficient of values that are not negative.
pub fn gini(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = super::count(sorted.len()).max(1.0);
    let total: f64 = sorted.iter().sum();
    let ranked: f64 = (1..).map(super::count).zip(&sorted).map(|(rank, value)| rank * value).sum();
    2.0 * ranked / (count * total.max(1e-9)) - (count + 1.0) / count
}

pub(super) fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / super::count(values.len().max(1))
}

/// The sample variance.
pub(super) fn variance_of(values: &[f64]) -> f64 {
    let mean = mean_of(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    squares / super::count(values.len().saturating_sub(1).max(1))
}

/// Share of the variance between groups (one-way analysis of variance), from each group's number,
/// sum and sum of squares.
pub(super) fn intraclass(groups: &[[f64; 3]]) -> f64 {
    let groups: Vec<&[f64; 3]> = groups.iter().filter(|group| group[0] >= 2.0).collect();
    let total: f64 = groups.iter().map(|group| group[0]).sum();
    let grand = groups.iter().map(|group| group[1]).sum::<f64>() / total.max(1.0);
    let number = super::count(groups.len());
    let (mut between, mut within, mut squares) = (0.0, 0.0, 0.0);
    for [count, sum, square] in groups {
        let mean = sum / count;
        between += count * (mean - grand) * (mean - grand);
        within += square - count * mean * mean;
        squares += count * count;
    }
    let typical = (total - squares / total.max(1.0)) / (number - 1.0).max(1.0);
    let (between, within) = (between / (number - 1.0).max(1.0), within / (total - number).max(1.0));
    let variance = ((between - within) / typical.max(1e-9)).max(0.0);
    variance / (variance + within).max(1e-9)
}

/// The slope of logarithmic counts over logarithmic ranks, among the ranks 1 to 1,000.
pub(super) fn zipf(mut counts: Vec<u64>) -> f64 {
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let points: Vec<(f64, f64)> = (1..=1_000)
        .map(super::count)
        .zip(counts.iter().filter(|count| **count > 0))
        .map(|(rank, count)| (libm::log(rank), libm::log(super::float_u(*count))))
        .collect();
    let number = super::count(points.len()).max(1.0);
    let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / number;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let variance: f64 = points.iter().map(|point| (point.0 - x) * (point.0 - x)).sum();
    -covariance / variance.max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_known_samples() {
        assert!(gini(&[1.0, 1.0, 1.0]).abs() < 1e-12);
        assert!((gini(&[0.0, 0.0, 0.0, 1.0]) - 0.75).abs() < 1e-12);
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        let pareto: Vec<f64> =
            (0..100_000).map(|i| libm::pow((f64::from(i) + 0.5) / 1e5, -1.0 / 1.7)).collect();
        assert!((Amounts::of(&pareto).hill - 1.7).abs() < 0.02);
        let counts = (1..=500_u64).map(|rank| 1_000_000 / rank).collect();
        assert!((zipf(counts) - 1.0).abs() < 0.01);
        let apart = [[2.0, 0.0, 0.0], [2.0, 2.0, 2.0]];
        assert!(intraclass(&apart) > 0.99);
    }
}
