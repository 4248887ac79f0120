//! Draws of what never changes about a person.

use mockbank_bank::{Day, Stream};

use crate::randomness::{Draw, WorldKey, stream};

/// Draws of a person's traits.
#[derive(Clone, Copy)]
pub(crate) struct Traits {
    key: WorldKey,
    number: u64,
}

impl Traits {
    pub(crate) fn new(key: WorldKey, number: i64) -> Self {
        Self { key, number: number.unsigned_abs() }
    }

    pub(crate) fn draw(self, index: u32) -> Draw {
        self.at(stream::TRAITS, index)
    }

    pub(crate) fn at(self, stream: Stream, index: u32) -> Draw {
        self.key.draw(self.number, stream, Day::default(), index)
    }
}
