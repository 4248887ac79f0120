//! Amounts of money.

use mockbank_bank::Money;

use super::normal::NormalTable;
use crate::preset::Amounts;

const MINOR_PER_MAJOR: f64 = 100.0;

/// A Gaussian amount, clipped to bounds and rounded to minor units: what lies beyond a bound
/// becomes the bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClippedGaussian {
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
}

impl ClippedGaussian {
    /// The distribution of a preset's amounts; their bounds are between 0 and
    /// [`Money::MAX_MOVEMENT`], so they are exact as floats.
    #[expect(clippy::cast_precision_loss, reason = "amounts below 2^53 are exact")]
    pub(crate) fn new(amounts: &Amounts) -> Self {
        Self {
            mean: amounts.mean * MINOR_PER_MAJOR,
            std: amounts.std * MINOR_PER_MAJOR,
            min: amounts.min.minor() as f64,
            max: amounts.max.minor() as f64,
        }
    }

    /// The amount of a random word.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "clipped to bounds that fit")]
    pub(crate) fn amount(&self, normal: &NormalTable, word: u32) -> Money {
        let minor = (self.mean + self.std * normal.deviate(word)).max(self.min).min(self.max);
        Money::from_minor((minor + 0.5) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_to_their_bounds_and_middle() {
        let normal = NormalTable::new();
        let bounds = (Money::from_minor(500), Money::from_minor(20_000));
        let amounts =
            ClippedGaussian::new(&Amounts { mean: 45.0, std: 20.0, min: bounds.0, max: bounds.1 });
        assert_eq!(amounts.amount(&normal, 0), bounds.0);
        assert_eq!(amounts.amount(&normal, 1 << 31), Money::from_minor(4_500));
        // The quantile of 1 - 2^-33 is 6.338.
        assert_eq!(amounts.amount(&normal, u32::MAX), Money::from_minor(17_176));
    }
}
