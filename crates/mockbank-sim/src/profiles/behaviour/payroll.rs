//! Wages, on fixed days of the month.

use mockbank_bank::catalog::{category, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{Instant, LedgerAccount, Money, PostingKind, PostingRef};

use super::{Behaviour, HOUR, Setting};
use crate::calendar::CalendarDay;
use crate::profiles::banking::{Event, Movement};
use crate::profiles::customer::{AccountTraits, Traits};
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
        for index in self.due(today) {
            for (book, account) in traits.accounts.iter().enumerate() {
                let Some(wages) = self.wages(account) else { continue };
                let entry = self.entry(today.at(self.second), index, account);
                events.push(Event { book, movement: Movement::Deposit(wages), entry });
            }
        }
    }
}

impl Payroll {
    /// Days of the month.
    pub(crate) fn days(&self) -> &[u8] {
        &self.days
    }

    /// Second of the day.
    pub(crate) fn second(&self) -> u32 {
        self.second
    }

    /// Which of the pay days fall on a day.
    #[inline]
    fn due(&self, today: CalendarDay) -> impl Iterator<Item = u32> {
        (0..).zip(&self.days).filter(move |(_, day)| today.is_due(**day)).map(|(index, _)| index)
    }

    /// What is paid on one of the days, if anything is.
    #[inline]
    pub(crate) fn wages(&self, account: &AccountTraits) -> Option<Money> {
        let days = i64::try_from(self.days.len()).unwrap_or(1);
        account.salary.mul_div(1, days).filter(|wages| wages.is_positive())
    }

    #[inline]
    pub(crate) fn entry(&self, at: Instant, index: u32, account: &AccountTraits) -> Entry {
        Entry {
            at,
            kind: PostingKind::Payroll,
            category: category::INCOME,
            contra: LedgerAccount::Hub(account.employer),
            description: self.first_description + account.employer.0,
            place: place::ONLINE,
            reference: PostingRef::new(stream::PAYROLL, index),
            group: None,
        }
    }
}
