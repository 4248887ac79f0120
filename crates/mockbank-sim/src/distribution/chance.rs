//! Yes or no.

/// A probability, as the number of words of 32 bits that mean yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chance {
    hits: u64,
    /// `2^64 / misses`, rounded down, since multiplying is cheaper than dividing; 0 without misses.
    misses_reciprocal: u64,
}

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
        let hits = (probability * WORDS + 0.5) as u64;
        Self { hits, misses_reciprocal: u64::MAX.checked_div((1 << 32) - hits).unwrap_or(0) }
    }

    /// Whether a random word means yes.
    #[inline]
    pub(crate) fn hits(self, word: u32) -> bool {
        u64::from(word) < self.hits
    }

    /// Which of the words mean yes: a bit for each.
    #[inline]
    pub(crate) fn hits_of(self, words: &[u32; 32]) -> u32 {
        let Ok(hits) = u32::try_from(self.hits) else { return u32::MAX };
        let bit = |(word, place): (&u32, u32)| if *word < hits { 1 << place } else { 0 };
        words.iter().zip(0..).map(bit).fold(0, |bits, bit| bits | bit)
    }

    /// A whole number below `bound` from a word that did not hit, which is as random as the
    /// words that miss are many. Of a word that did hit, it says nothing.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the quotient is below bound")]
    pub(crate) const fn below_after_miss(self, word: u32, bound: u32) -> u32 {
        let misses = (1 << 32) - self.hits;
        let scaled = (word as u64).wrapping_sub(self.hits).wrapping_mul(bound as u64);
        // The reciprocal is too small by less than one, so the quotient is at most one too small.
        let quotient = ((scaled as u128 * self.misses_reciprocal as u128) >> 64) as u64;
        let rest = scaled.wrapping_sub(quotient.wrapping_mul(misses));
        (quotient + (rest >= misses) as u64) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        let first = u32::try_from(chance.hits).unwrap();
        assert_eq!(chance.below_after_miss(first, 249), 0);
        assert_eq!(chance.below_after_miss(u32::MAX, 249), 248);
    }

    proptest! {
        #[test]
        fn after_a_miss_it_is_the_exact_quotient(probability in 0.0..1.0, word: u32, bound: u32) {
            let chance = Chance::new(probability);
            prop_assume!(!chance.hits(word));
            let missed = u64::from(word) - chance.hits;
            let exact = u128::from(missed) * u128::from(bound) / u128::from((1 << 32) - chance.hits);
            prop_assert_eq!(u128::from(chance.below_after_miss(word, bound)), exact);
        }
    }
}
