//! The behaviours in their fixed order.

use super::card_billing::CardBilling;
use super::payroll::Payroll;
use super::spending::Spending;
use super::transfers::Transfers;
use super::{Behaviour, Setting};
use crate::calendar::CalendarDay;
use crate::profiles::banking::Event;
use crate::profiles::customer::Traits;

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
    transfers: Transfers,
    card_billing: CardBilling,
}
