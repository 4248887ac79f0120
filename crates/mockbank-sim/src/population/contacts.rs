//! Who knows whom.
//!
//! That needs no memory and no shuffle. In every round the customers of a group (those nearest by
//! number, those of the same city, anybody) are paired by a keyed involution, and two know each
//! other where both take part in the round. Either side computes the pair.

use mockbank_bank::{Day, GroupId};

use super::home::Homes;
use crate::distribution::Chance;
use crate::randomness::permutation::Permutation;
use crate::randomness::permutation::group_code;
use crate::randomness::{WorldKey, stream};

/// Customers in a circle: those nearest by number.
const CIRCLE_BITS: u32 = 3;
/// Customers among whom far contacts are found: about a million.
const FAR_BITS: u32 = 20;
/// Index of the draw for how many rounds a customer takes part in; the rounds' own are lower.
const SOCIABILITY: u32 = 1 << 31;

/// The contact graph of a world.
#[derive(Clone, Debug)]
pub(crate) struct Acquaintances {
    key: WorldKey,
    homes: Homes,
    population: i64,
    /// Numbers of customers who take no part, in order.
    left_out: Vec<i64>,
    /// Probability to take part in each round.
    takes_part: Vec<Chance>,
    circle_rounds: u32,
    city_rounds: u32,
}

/// Rounds in which customers may get to know each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    pub(crate) circle: u8,
    pub(crate) city: u8,
    pub(crate) far: u8,
    /// A customer takes part in round r with probability `(r + 1)^-tail`.
    pub(crate) tail: f64,
}

/// Somebody whom a customer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Number of the user, and of the user's first account.
    pub(crate) partner: i64,
    /// The lower number of the two, which the pair's draws are addressed by.
    pub(crate) lower: i64,
    /// The round in which they met.
    pub(crate) round: u32,
}

impl Contact {
    /// As [`Contact::group`], the round hidden by a salt that both sides know.
    pub(crate) fn group_with(&self, day: Day, salt: u32) -> GroupId {
        let place = group_code(salt, self.round.into());
        let place = self.lower << 22 | i64::from(day.number()) << 6 | place;
        GroupId::new(GroupId::FIRST_SIMULATED + place)
    }

    /// The transfer of a day: the lower number (36 bits), the day (16) and the round (6) above
    /// the groups that the bank counts. No two transfers share it.
    pub(crate) fn group(&self, day: Day) -> GroupId {
        let place = self.lower << 22 | i64::from(day.number()) << 6 | i64::from(self.round);
        GroupId::new(GroupId::FIRST_SIMULATED + place)
    }
}

impl Acquaintances {
    /// The graph among customers `1..=population`.
    pub(crate) fn new(key: WorldKey, homes: &Homes, population: i64, rounds: Rounds) -> Self {
        let takes_part = |round| Chance::new(libm::pow(f64::from(round), -rounds.tail));
        Self {
            key,
            homes: homes.clone(),
            population,
            left_out: Vec::new(),
            takes_part: (1..=rounds.circle + rounds.city + rounds.far).map(takes_part).collect(),
            circle_rounds: rounds.circle.into(),
            city_rounds: rounds.city.into(),
        }
    }

    /// Leaves customers out, on both sides.
    pub(crate) fn leave_out(&mut self, users: impl Iterator<Item = i64>) {
        self.left_out.extend(users);
        self.left_out.sort_unstable();
        self.left_out.dedup();
    }

    /// Everybody a customer knows who is there, by round.
    pub(crate) fn contacts(&self, number: i64) -> Vec<Contact> {
        (0..)
            .zip(&self.takes_part)
            .take_while(|(_, takes_part)| self.is_sociable(number, **takes_part))
            .filter_map(|(round, takes_part)| {
                let partner = self.partner(number, round)?;
                let known = self.is_present(partner) && self.is_sociable(partner, *takes_part);
                known.then(|| Contact { partner, lower: number.min(partner), round })
            })
            .collect()
    }

    pub(crate) fn is_present(&self, number: i64) -> bool {
        (1..=self.population).contains(&number) && self.left_out.binary_search(&number).is_err()
    }

    /// Whether a customer takes part in a round. The draw is the same in all rounds, so whoever
    /// takes part in one takes part in those before it.
    fn is_sociable(&self, number: i64, takes_part: Chance) -> bool {
        let draw =
            self.key.draw(number.unsigned_abs(), stream::ACQUAINTANCE, Day::default(), SOCIABILITY);
        takes_part.hits(draw.lane(0))
    }

    /// Whom a customer meets in a round; that may be somebody who is not in this world.
    fn partner(&self, number: i64, round: u32) -> Option<i64> {
        if round < self.circle_rounds {
            return self.near_by_number(number, round, CIRCLE_BITS);
        }
        if round >= self.circle_rounds + self.city_rounds {
            return self.near_by_number(number, round, FAR_BITS);
        }
        let own = self.homes.neighbourhood(number);
        let pairs = self.pairs(own.block, round << 16 | own.city, own.size);
        Some(self.homes.resident(&own, pairs.partner(own.place)?))
    }

    fn near_by_number(&self, number: i64, round: u32, bits: u32) -> Option<i64> {
        let index = (number - 1).unsigned_abs();
        let (block, place) = (index >> bits, index & ((1 << bits) - 1));
        let partner = self.pairs(block, round << 16, 1 << bits).partner(place)?;
        Some((block << bits | partner).cast_signed() + 1)
    }

    fn pairs(&self, block: u64, index: u32, size: u64) -> Permutation {
        let key = self.key.draw(block, stream::ACQUAINTANCE, Day::default(), index).0[0];
        Permutation::new(key, size)
    }
}
