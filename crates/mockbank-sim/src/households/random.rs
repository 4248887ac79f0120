//! Draws of households: words become counts, amounts and times.

use crate::distribution::quantile;
use crate::preset::households::Spread;
use crate::randomness::below_u32;
use crate::randomness::permutation::Permutation;

/// Minor units in a major one.
pub(crate) const MINOR: f64 = 100.0;
/// Average length of a month in days.
pub(crate) const MONTH: f64 = 30.44;
/// Seconds in an hour.
pub(crate) const HOUR: u32 = 3_600;

/// The middle of a word's place in (0, 1).
#[inline]
pub(crate) fn uniform(word: u32) -> f64 {
    (f64::from(word) + 0.5) * (1.0 / 4_294_967_296.0)
}

/// A standard normal number.
#[inline]
pub(crate) fn normal(word: u32) -> f64 {
    quantile(uniform(word))
}

/// A number of a lognormal distribution.
#[inline]
pub(crate) fn lognormal(spread: Spread, word: u32) -> f64 {
    spread.median * libm::exp(spread.spread * normal(word))
}

/// The mean of a lognormal distribution.
pub(crate) fn mean(spread: Spread) -> f64 {
    spread.median * libm::exp(spread.spread * spread.spread / 2.0)
}

/// A Poisson count by inversion, at most 30.
#[inline]
pub(crate) fn poisson(rate: f64, word: u32) -> u32 {
    let place = uniform(word);
    let mut term = libm::exp(-rate);
    let (mut below, mut count) = (term, 0);
    while place > below && count < 30 {
        count += 1;
        term *= rate / f64::from(count);
        below += term;
    }
    count
}

/// Which of the weights a word falls on.
#[inline]
pub(crate) fn pick(weights: &[f64], word: u32) -> usize {
    let mut left = uniform(word) * weights.iter().sum::<f64>();
    for (index, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return index;
        }
    }
    weights.len().saturating_sub(1)
}

/// Whole minor units of an amount, at least one.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^53")]
pub(crate) fn minor(amount: f64) -> i64 {
    (amount + 0.5).clamp(1.0, 1e12) as i64
}

/// An amount rounded to a multiple, at least one of it.
#[inline]
pub(crate) fn rounded(amount: f64, multiple: i64) -> i64 {
    ((minor(amount) + multiple / 2) / multiple).max(1) * multiple
}

/// A second of the day at which people go to the bank or to a cash machine.
pub(crate) fn counter_second(first: u32, second: u32) -> u32 {
    8 * HOUR + below_u32(first, 7 * HOUR) + below_u32(second, 6 * HOUR)
}

/// An amount of cash as people bring it to the bank, in minor units: notes, counted up.
pub(crate) fn deposited(amount: f64, word: u32) -> i64 {
    let place = uniform(word);
    let multiple = match place {
        ..0.25 => 100,
        0.85.. if amount > 30_000.0 => 10_000,
        0.60.. if amount > 10_000.0 => 2_000,
        _ => 500,
    };
    rounded(amount, multiple)
}

/// Weights divided by their mean.
pub(crate) fn indexed<const N: usize>(weights: &[f64; N]) -> [f64; N] {
    let mean = weights.iter().sum::<f64>() / f64::from(u32::try_from(N).unwrap_or(1));
    weights.map(|weight| weight / mean)
}

/// Places of references in a day.
pub(crate) const PLACES: u32 = 1_024;

/// The index of the n-th posting of a stream on a day: a permutation of the places by the day's
/// salt. Neither an index nor how two of them lie to each other tells what made the postings.
#[inline]
pub(crate) fn scattered(salt: u32, raw: u32) -> u32 {
    let places = Permutation::new(salt.into(), PLACES.into());
    u32::try_from(places.apply((raw % PLACES).into())).unwrap_or_default()
}

/// A weight as alias tables take it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "valid weights fit")]
pub(crate) fn weight(weight: f64) -> u64 {
    (weight * 1e9) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_mean_of_their_rate() {
        for rate in [0.2, 1.3, 4.0] {
            let words = (0..4_096_u32).map(|word| word << 20 | 1 << 19);
            let total: u32 = words.map(|word| poisson(rate, word)).sum();
            assert!((f64::from(total) / 4_096.0 - rate).abs() < 0.02, "{rate}");
        }
    }

    #[test]
    fn picks_follow_the_weights() {
        assert_eq!(pick(&[0.0, 1.0, 1.0], 0), 1);
        assert_eq!(pick(&[0.0, 1.0, 1.0], u32::MAX), 2);
        assert_eq!(rounded(4_500.0, 2_000), 4_000);
        assert_eq!(rounded(10.0, 2_000), 2_000);
    }
}
