//! Wages, on fixed days of the month.

use mockbank_bank::catalog::{category, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{LedgerAccount, PostingKind, PostingRef};

use super::{Behaviour, Event, HOUR, Movement, Setting};
use crate::calendar::CalendarDay;
use crate::customer::Traits;
use crate::randomness::stream;

#[derive(Clone, Debug)]
pub(crate) struct Payroll {
    days: Vec<u8>,
    second: u32,
    /// Description of the first employer's wages; the others' follow.
    first_description: u32,
}

impl Behaviour for Payroll {
    fn new(setting: &Setting<'_>) -> Option<Self> {
        let payroll = &setting.preset.payroll;
        payroll.enabled.then(|| Self {
            days: payroll.days.clone(),
            second: u32::from(payroll.hour) * HOUR,
            first_description: setting.counterparties.first_wages,
        })
    }

    #[inline]
    fn draw(&self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>) {
        for (index, day) in (0..).zip(&self.days) {
            if today.is_due(*day) {
                self.pay(today, index, traits, events);
            }
        }
    }
}

impl Payroll {
    fn pay(&self, today: CalendarDay, index: u32, traits: &Traits, events: &mut Vec<Event>) {
        let days = i64::try_from(self.days.len()).unwrap_or(1);
        for (book, account) in traits.accounts.iter().enumerate() {
            let wages = account.salary.mul_div(1, days).filter(|wages| wages.is_positive());
            let Some(wages) = wages else { continue };
            let entry = Entry {
                at: today.at(self.second),
                kind: PostingKind::Payroll,
                category: category::INCOME,
                contra: LedgerAccount::Hub(account.employer),
                description: self.first_description + account.employer.0,
                place: place::ONLINE,
                reference: PostingRef::new(stream::PAYROLL, index),
                group: None,
            };
            events.push(Event { book, movement: Movement::Deposit(wages), entry });
        }
    }
}
