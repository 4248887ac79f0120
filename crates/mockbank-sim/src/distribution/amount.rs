//! Amounts of money.

use mockbank_bank::Money;

use super::normal::NormalTable;

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
    /// The distribution with this mean and standard deviation in major units, and these bounds,
    /// which are between 0 and [`Money::MAX_MOVEMENT`], so they are exact as floats.
    #[expect(clippy::cast_precision_loss, reason = "amounts below 2^53 are exact")]
    pub(crate) fn new(mean: f64, std: f64, min: Money, max: Money) -> Self {
        Self {
            mean: mean * MINOR_PER_MAJOR,
            std: std * MINOR_PER_MAJOR,
            min: min.minor() as f64,
            max: max.minor() as f64,
        }
    }

    /// The amount of a random word.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "clipped to bounds that fit")]
    pub(crate) fn amount(&self, normal: &NormalTable, word: u32) -> Money {
        let minor = self.mean + self.std * normal.deviate(word);
        // Comparisons, since `f64::max` and `f64::min` also look for values that are no number.
        let minor = if minor > self.min { minor } else { self.min };
        let minor = if minor < self.max { minor } else { self.max };
        Money::from_minor((minor + 0.5) as i64)
    }

    /// The share of amounts that are at most `amount`.
    #[expect(clippy::cast_precision_loss, reason = "amounts below 2^53 are exact")]
    pub(crate) fn share_up_to(&self, amount: Money) -> f64 {
        let minor = amount.minor() as f64;
        if minor < self.min {
            return 0.0;
        }
        if minor >= self.max {
            return 1.0;
        }
        // What is drawn below the next half is rounded down to the amount.
        0.5 * libm::erfc((self.mean - minor - 0.5) / self.std / std::f64::consts::SQRT_2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_to_their_bounds_and_middle() {
        let normal = NormalTable::new();
        let bounds = (Money::from_minor(500), Money::from_minor(20_000));
        let amounts = ClippedGaussian::new(45.0, 20.0, bounds.0, bounds.1);
        assert_eq!(amounts.amount(&normal, 0), bounds.0);
        assert_eq!(amounts.amount(&normal, 1 << 31), Money::from_minor(4_500));
        // The quantile of 1 - 2^-33 is 6.338.
        assert_eq!(amounts.amount(&normal, u32::MAX), Money::from_minor(17_176));
    }

    #[test]
    fn shares_are_those_of_the_amounts_that_are_drawn() {
        let bounds = (Money::from_minor(500), Money::from_minor(9_000));
        let amounts = ClippedGaussian::new(45.0, 20.0, bounds.0, bounds.1);
        let normal = NormalTable::new();
        let words = (0..1 << 16).map(|word: u32| word << 16 | 1 << 15);
        let drawn: Vec<_> = words.map(|word| amounts.amount(&normal, word)).collect();
        for minor in [0, 499, 500, 501, 2_500, 4_500, 8_999, 9_000, 20_000] {
            let limit = Money::from_minor(minor);
            let up_to = u32::try_from(drawn.iter().filter(|amount| **amount <= limit).count());
            let share = f64::from(up_to.unwrap()) / f64::from(1 << 16);
            assert!((amounts.share_up_to(limit) - share).abs() < 1e-4, "{minor}: {share}");
        }
    }
}
