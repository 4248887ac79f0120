//! Addressed randomness: every draw has an address and needs nothing else.
//!
//! A draw is a pure function of the world (seed and model version) and an address: entity, stream,
//! day and index. Nobody passes a generator along, so no draw depends on which others were
//! made: not on the thread, the order of customers, the length of a step, or on a behaviour that
//! is switched off.
//!
//! The function is Philox-2x64 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy
//! as 1, 2, 3" (2011): a bijection of a 128-bit counter under a 64-bit key. The address fills the
//! counter without overlap, so within a world no two addresses share a block.

pub(crate) mod permutation;
pub(crate) mod stream;

use mockbank_bank::{Day, Stream};

/// Rounds of the bijection. Six are the fewest that pass `BigCrush` (the paper's table 2).
const ROUNDS: u32 = 7;

const MULTIPLIER: u64 = 0xd2b7_4407_b1ce_6e93;
const WEYL: u64 = 0x9e37_79b9_7f4a_7c15;

/// The key of one world's randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldKey(u64);

/// 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(pub [u64; 2]);

impl WorldKey {
    /// The key of a seed under a version of the model.
    pub fn new(seed: u64, model: u32) -> Self {
        Self(philox::<10>(seed, [model.into(), 0])[0])
    }

    /// The draw at an address. What the entity's number counts (customers, cards, contacts) is up
    /// to the stream.
    #[inline]
    pub fn draw(self, entity: u64, stream: Stream, day: Day, index: u32) -> Draw {
        let place =
            u64::from(stream.code()) << 48 | u64::from(day.number()) << 32 | u64::from(index);
        Draw(philox::<ROUNDS>(self.0, [entity, place]))
    }
}

impl Draw {
    /// One of the four independent words of 32 bits.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "takes 32 of the 64 bits")]
    pub const fn lane(self, lane: usize) -> u32 {
        (self.0[(lane >> 1) & 1] >> (32 * (lane & 1))) as u32
    }
}

/// A whole number below `bound` from a random word. Some numbers are likelier than others by
/// less than `bound / 2^64`.
#[inline]
pub const fn below(word: u64, bound: u64) -> u64 {
    ((word as u128 * bound as u128) >> 64) as u64
}

/// A whole number below `bound` from a random word of 32 bits. Some numbers are likelier than
/// others by less than `bound / 2^32`.
#[inline]
pub const fn below_u32(word: u32, bound: u32) -> u32 {
    ((word as u64 * bound as u64) >> 32) as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "takes the halves of the product")]
const fn philox<const ROUNDS: u32>(mut key: u64, mut counter: [u64; 2]) -> [u64; 2] {
    let mut round = 0;
    while round < ROUNDS {
        let product = counter[0] as u128 * MULTIPLIER as u128;
        counter = [(product >> 64) as u64 ^ key ^ counter[1], product as u64];
        key = key.wrapping_add(WEYL);
        round += 1;
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_answers() {
        // From the known-answer file of the authors' Random123 library.
        assert_eq!(philox::<10>(0, [0, 0]), [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]);
        assert_eq!(
            philox::<10>(u64::MAX, [u64::MAX, u64::MAX]),
            [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
        );
    }

    #[test]
    fn lanes_are_the_words_halves() {
        let draw = Draw([0x1111_1111_2222_2222, 0x3333_3333_4444_4444]);
        let lanes = [0, 1, 2, 3].map(|lane| draw.lane(lane));
        assert_eq!(lanes, [0x2222_2222, 0x1111_1111, 0x4444_4444, 0x3333_3333]);
    }
}
