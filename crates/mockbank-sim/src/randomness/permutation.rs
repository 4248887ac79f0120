//! Keyed permutations of small and large ranges, in no memory.

/// A pseudo-random permutation of `0..size`: a balanced Feistel network over the next power of
/// four, walked until it comes back into the range (Black and Rogaway, "Ciphers with Arbitrary
/// Finite Domains", 2002).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permutation {
    key: u64,
    size: u64,
    half_bits: u32,
}

/// Rounds of the network: more than the four that make it a strong pseudo-random permutation, as
/// the halves are small here.
const ROUNDS: u64 = 6;

/// Codes of the transfers of a person and a day, as group numbers carry them.
const GROUP_CODES: u64 = 64;

/// The code in a group number of a person's n-th transfer on a day: a permutation by the day's
/// salt, so that the number tells nothing of what made the transfer.
pub(crate) fn group_code(salt: u32, code: i64) -> i64 {
    // Another key than that of the references, which the same salt permutes.
    let codes = Permutation::new(u64::from(salt) << 32, GROUP_CODES);
    codes.apply(code.unsigned_abs() % GROUP_CODES).cast_signed()
}

impl Permutation {
    /// The permutation of `0..size` (at most 2^62) with this key.
    pub(crate) fn new(key: u64, size: u64) -> Self {
        debug_assert!((1..=1 << 62).contains(&size));
        let bits = u64::BITS - (size - 1).leading_zeros();
        Self { key, size, half_bits: bits.div_ceil(2).max(1) }
    }

    /// Where `value` goes.
    pub(crate) fn apply(&self, value: u64) -> u64 {
        self.walk(value, |value| {
            (0..ROUNDS).fold(value, |value, round| {
                let (left, right) = self.halves(value);
                right << self.half_bits | (left ^ self.mix(right, round))
            })
        })
    }

    /// What goes to `value`.
    pub(crate) fn invert(&self, value: u64) -> u64 {
        self.walk(value, |value| {
            (0..ROUNDS).rev().fold(value, |value, round| {
                let (left, right) = self.halves(value);
                (right ^ self.mix(left, round)) << self.half_bits | left
            })
        })
    }

    /// The pseudo-random involution `p^-1(p(value) xor 1)`: everybody's partner, each the other's.
    /// `None` for the one that is left over where the size is odd.
    pub(crate) fn partner(&self, value: u64) -> Option<u64> {
        let neighbour = self.apply(value) ^ 1;
        (neighbour < self.size).then(|| self.invert(neighbour))
    }

    fn walk(&self, mut value: u64, step: impl Fn(u64) -> u64) -> u64 {
        debug_assert!(value < self.size);
        loop {
            value = step(value);
            if value < self.size {
                return value;
            }
        }
    }

    fn halves(&self, value: u64) -> (u64, u64) {
        (value >> self.half_bits, value & self.mask())
    }

    fn mask(&self) -> u64 {
        (1 << self.half_bits) - 1
    }

    /// The round function: the finaliser of `SplitMix64` over half, round and key.
    fn mix(&self, half: u64, round: u64) -> u64 {
        let mut bits =
            self.key ^ half.wrapping_add(round << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ bits >> 31) & self.mask()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_small_range_is_permuted() {
        for size in 1..300 {
            let permutation = Permutation::new(size * 77, size);
            let mut seen = vec![false; usize::try_from(size).unwrap()];
            for value in 0..size {
                let image = permutation.apply(value);
                assert!(!std::mem::replace(&mut seen[usize::try_from(image).unwrap()], true));
            }
        }
    }

    proptest! {
        #[test]
        fn partners_are_each_others(key: u64, size in 1..1_u64 << 40, place: u64) {
            let permutation = Permutation::new(key, size);
            let value = place % size;
            prop_assert_eq!(permutation.invert(permutation.apply(value)), value);
            if let Some(partner) = permutation.partner(value) {
                prop_assert_ne!(partner, value);
                prop_assert!(partner < size);
                prop_assert_eq!(permutation.partner(partner), Some(value));
            }
        }
    }
}
