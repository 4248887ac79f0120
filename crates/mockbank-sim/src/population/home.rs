//! Where customers live.
//!
//! Customers come in blocks of 4,096 by number. A block has a slot for each, the slots belong to
//! cities by their population, and a keyed permutation seats the customers. So a city's share is
//! met in every full block, one customer's city takes no other customer to know, and those who
//! live in the same city of the same block are a range of slots: each can find the others.

use mockbank_bank::{Catalog, Day};

use crate::randomness::permutation::Permutation;
use crate::randomness::{WorldKey, stream};
use crate::tables::{self, City};

const BLOCK_BITS: u32 = 12;
const BLOCK: u64 = 1 << BLOCK_BITS;

/// The cities and who lives there.
#[derive(Clone, Debug)]
pub(crate) struct Homes {
    key: WorldKey,
    /// Place of the first city in the catalogue; the others follow.
    first_place: u32,
    /// First slot of each city, and the end of the last.
    bounds: Vec<u64>,
    city_of_slot: Vec<u32>,
}

/// A customer's seat among those of the same city and block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbourhood {
    pub(crate) block: u64,
    pub(crate) city: u32,
    /// The customer's place among them, from 0.
    pub(crate) place: u64,
    /// How many they are.
    pub(crate) size: u64,
}

impl Homes {
    /// The cities of the table, entered in the catalogue as places.
    pub(crate) fn enter(key: WorldKey, catalog: &mut Catalog) -> Self {
        let cities = tables::cities();
        let first_place = u32::try_from(catalog.places.len()).unwrap_or(0);
        catalog
            .places
            .extend(cities.iter().map(|City { name, state, .. }| format!("{name}, {state}")));
        let total: u64 = cities.iter().map(|city| city.population).sum();
        let mut seen = 0;
        let ends = cities.iter().map(|city| {
            seen += city.population;
            seen * BLOCK / total
        });
        let bounds: Vec<u64> = std::iter::once(0).chain(ends).collect();
        let city_of_slot = (0..)
            .zip(bounds.windows(2))
            .flat_map(|(city, slots)| (slots[0]..slots[1]).map(move |_| city))
            .collect();
        Self { key, first_place, bounds, city_of_slot }
    }

    /// Number of cities.
    pub(crate) fn cities(&self) -> u32 {
        u32::try_from(self.bounds.len() - 1).unwrap_or(0)
    }

    /// The place of the first city in the catalogue; the others follow.
    pub(crate) fn first_place(&self) -> u32 {
        self.first_place
    }

    /// The place in which a customer lives.
    pub(crate) fn place_of(&self, number: i64) -> u32 {
        let (block, seat) = split(number);
        self.first_place + self.city_of(self.seating(block).apply(seat))
    }

    /// The customers that live in the same city and block.
    pub(crate) fn neighbourhood(&self, number: i64) -> Neighbourhood {
        let (block, seat) = split(number);
        let slot = self.seating(block).apply(seat);
        let city = self.city_of(slot);
        let (from, to) = (self.bounds[city as usize], self.bounds[city as usize + 1]);
        Neighbourhood { block, city, place: slot - from, size: to - from }
    }

    /// The customer with a place in a neighbourhood.
    pub(crate) fn resident(&self, neighbourhood: &Neighbourhood, place: u64) -> i64 {
        let slot = self.bounds[neighbourhood.city as usize] + place;
        let seat = self.seating(neighbourhood.block).invert(slot);
        (neighbourhood.block << BLOCK_BITS | seat).cast_signed() + 1
    }

    fn seating(&self, block: u64) -> Permutation {
        Permutation::new(self.key.draw(block, stream::HOME, Day::default(), 0).0[0], BLOCK)
    }

    /// The city of a slot: slots below 4,096 belong to cities by their population.
    pub(crate) fn city_of(&self, slot: u64) -> u32 {
        usize::try_from(slot)
            .ok()
            .and_then(|slot| self.city_of_slot.get(slot))
            .copied()
            .unwrap_or(0)
    }
}

/// A customer's block and seat in it.
fn split(number: i64) -> (u64, u64) {
    let index = (number - 1).unsigned_abs();
    (index >> BLOCK_BITS, index & (BLOCK - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn homes() -> Homes {
        Homes::enter(WorldKey::new(1, 1), &mut Catalog::with_standard_entries())
    }

    #[test]
    fn neighbours_find_each_other() {
        let homes = homes();
        for number in [1, 7, 4_096, 4_097, 9_000_000] {
            let own = homes.neighbourhood(number);
            assert_eq!(homes.resident(&own, own.place), number);
            for place in 0..own.size {
                let other = homes.resident(&own, place);
                assert_eq!(homes.place_of(other), homes.place_of(number));
                assert_eq!(homes.neighbourhood(other).place, place);
            }
        }
    }

    #[test]
    fn every_city_has_residents_by_its_population() {
        let homes = homes();
        let total: u64 = tables::cities().iter().map(|city| city.population).sum();
        assert_eq!(homes.city_of_slot.len(), 4_096);
        for (slots, city) in homes.bounds.windows(2).zip(tables::cities()) {
            let residents = slots[1] - slots[0];
            assert!(residents >= 1, "{}", city.name);
            assert!(residents.abs_diff(city.population * BLOCK / total) <= 1, "{}", city.name);
        }
    }
}
