//! Journeys away from home.

use mockbank_bank::Day;

use super::random::uniform;
use super::world::HouseholdWorld;
use crate::randomness::{below_u32, stream};

/// A journey away from home.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Journey {
    /// Block of days for which this is known, counted from one.
    pub(crate) block: u16,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) place: u32,
}

/// Days in which there is at most one journey.
pub(crate) const JOURNEY_BLOCK: u16 = 64;

impl HouseholdWorld {
    /// The journey of a customer in a block of days, if there is one.
    pub(super) fn journey(&self, number: u64, block: u16) -> Journey {
        let draw = self.key.draw(number, stream::JOURNEY, Day::default(), block.into());
        let calendar = &self.preset.calendar;
        let chance = calendar.trips_yearly * f64::from(JOURNEY_BLOCK) / 365.25;
        if uniform(draw.lane(0)) >= chance {
            return Journey { block, ..Journey::default() };
        }
        let span = u32::from(calendar.trip_days.max - calendar.trip_days.min) + 1;
        let days = u16::from(calendar.trip_days.min)
            + u16::try_from(below_u32(draw.lane(1), span)).unwrap_or(0);
        let start = below_u32(draw.lane(2), u32::from(JOURNEY_BLOCK.saturating_sub(days)));
        let from = (block - 1) * JOURNEY_BLOCK + u16::try_from(start).unwrap_or(0);
        let to = from.saturating_add(days);
        Journey { block, from, to, place: self.first_city + self.city_of_word(draw.lane(3)) }
    }
}
