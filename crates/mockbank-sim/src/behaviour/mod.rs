//! What customers do, a file for each behaviour, in the fixed order of the registry below.
//!
//! A behaviour draws the events of a day from a customer's traits and the calendar, each from its
//! own stream. Amounts that depend on the books (a bill) are settled when the event is applied.

mod card_billing;
mod payroll;
mod spending;
mod transfers;

use mockbank_bank::Money;
use mockbank_bank::rules::Entry;

use crate::calendar::CalendarDay;
use crate::customer::Traits;
use crate::merchants::Counterparties;
use crate::population::Homes;
use crate::preset::ProfilesPreset;
use crate::randomness::WorldKey;

pub(crate) use card_billing::{CardBilling, received};
pub(crate) use payroll::Payroll;
pub(crate) use spending::{Purchase, ShoppingDays, Spending};

/// Something that happens to one of a customer's books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// Index of the book.
    pub(crate) book: usize,
    pub(crate) movement: Movement,
    pub(crate) entry: Entry,
}

/// What an event does to the book.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Movement {
    /// Moves the deposit account by the amount.
    Deposit(Money),
    /// Buys for the amount with the card of this index.
    Purchase { card: usize, amount: Money },
    /// Pays all that is owed on the card of this index.
    CardBill { card: usize },
}

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

macro_rules! registry {
    ($($name:ident: $behaviour:ty,)+) => {
        /// The behaviours of a world, in the order in which they happen at the same instant.
        #[derive(Clone, Debug)]
        pub(crate) struct Behaviours { $(pub(crate) $name: Option<$behaviour>,)+ }

        impl Behaviours {
            pub(crate) fn new(setting: &Setting<'_>) -> Self {
                Self { $($name: Behaviour::new(setting),)+ }
            }

            pub(crate) fn prepare(&self, traits: &mut Traits) {
                $(if let Some(behaviour) = &self.$name { behaviour.prepare(traits); })+
            }

            #[inline]
            pub(crate) fn draw(
                &self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>,
            ) {
                $(if let Some(behaviour) = &self.$name { behaviour.draw(today, traits, events); })+
            }
        }
    };
}

impl Behaviours {
    /// Keeps customers out of transfers between customers.
    pub(crate) fn leave_out(&mut self, users: impl Iterator<Item = i64>) {
        if let Some(transfers) = &mut self.transfers {
            transfers.leave_out(users);
        }
    }
}

registry! {
    payroll: Payroll,
    spending: Spending,
    transfers: transfers::Transfers,
    card_billing: CardBilling,
}

/// Seconds in an hour.
const HOUR: u32 = 3_600;
