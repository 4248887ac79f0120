//! What customers do, a file for each behaviour, in the fixed order of the registry.
//!
//! A behaviour draws the events of a day from a customer's traits and the calendar, each from its
//! own stream. Amounts that depend on the books (a bill) are settled when the event is applied.

pub(crate) mod card_billing;
pub(crate) mod payroll;
pub(crate) mod registry;
pub(crate) mod spending;
mod transfers;

use super::banking::Event;
use super::customer::Traits;
use super::merchants::Counterparties;
use crate::calendar::CalendarDay;
use crate::population::Homes;
use crate::preset::ProfilesPreset;
use crate::randomness::WorldKey;

/// What behaviours are made from.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) preset: &'a ProfilesPreset,
    pub(crate) key: WorldKey,
    pub(crate) counterparties: &'a Counterparties,
    pub(crate) homes: &'a Homes,
    /// How many customers the world was made with.
    pub(crate) population: i64,
}

/// One behaviour of customers.
pub(crate) trait Behaviour: Sized {
    /// The behaviour as the preset wants it, or `None` where it is switched off.
    fn new(setting: &Setting<'_>) -> Option<Self>;

    /// Adds to a customer's traits what the behaviour will ask of them every day.
    fn prepare(&self, _traits: &mut Traits) {}

    /// Adds the events of a day. The traits may keep what was drawn to save drawing it again.
    fn draw(&self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>);
}

/// Seconds in an hour.
const HOUR: u32 = 3_600;
