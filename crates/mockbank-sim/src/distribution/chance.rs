//! Yes or no.

/// A probability, as the number of words of 32 bits that mean yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chance(u64);

/// 2^32.
const WORDS: f64 = 4_294_967_296.0;

impl Chance {
    /// The chance with this probability, which is in `0.0..=1.0`, to the next 2^-32.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the product is in 0..=2^32"
    )]
    pub(crate) fn new(probability: f64) -> Self {
        debug_assert!((0.0..=1.0).contains(&probability));
        Self((probability * WORDS + 0.5) as u64)
    }

    /// Whether a random word means yes.
    #[inline]
    pub(crate) fn hits(self, word: u32) -> bool {
        u64::from(word) < self.0
    }

    /// A whole number below `bound` from a word that did not hit, which is as random as the
    /// words that miss are many.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the quotient is below bound")]
    pub(crate) fn below_after_miss(self, word: u32, bound: u32) -> u32 {
        let misses = (1 << 32) - self.0;
        ((u64::from(word) - self.0) * u64::from(bound) / misses) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_certain() {
        assert!(!Chance::new(0.0).hits(0));
        assert!(Chance::new(1.0).hits(u32::MAX));
        assert!(Chance::new(0.5).hits((1 << 31) - 1));
        assert!(!Chance::new(0.5).hits(1 << 31));
    }

    #[test]
    fn misses_spread_over_the_whole_bound() {
        let chance = Chance::new(0.9);
        let first = u32::try_from(chance.0).unwrap();
        assert_eq!(chance.below_after_miss(first, 249), 0);
        assert_eq!(chance.below_after_miss(u32::MAX, 249), 248);
    }
}
