//! Cash that customers earn: tips, and the takings of small businesses, which pay suppliers.

use mockbank_bank::catalog::place;
use mockbank_bank::rules::Entry;
use mockbank_bank::{BankAccount, LedgerAccount, Money, PostingKind, PostingRef};

use super::friends::sent;
use crate::households::banking::{Event, Movement};
use crate::households::days::Today;
use crate::households::person::Person;
use crate::households::random::{
    HOUR, MONTH, counter_second, deposited, normal, scattered, uniform,
};
use crate::households::work::VISIT;
use crate::households::world::HouseholdWorld;
use crate::randomness::{below_u32, stream};

/// Days a month on which a business, and somebody with tips, goes to the bank.
const BUSINESS_VISITS: f64 = 10.0;
const TIPS_VISITS: f64 = 2.5;
/// Of a business's visits with two deposits or more (of two tills, or two days), and with three.
const TWO_DEPOSITS: f64 = 0.40;
const THREE_DEPOSITS: f64 = 0.12;
/// Deposits on a business's visit, on average.
const DEPOSITS: f64 = 1.0 + TWO_DEPOSITS + THREE_DEPOSITS;
/// How much a business's deposits and payments differ, as the spread of a lognormal.
const SPREAD: f64 = 0.6;
/// Payments to suppliers in a month, and the part of the takings that goes to them.
const SUPPLIES: f64 = 6.0;
const SUPPLIED: f64 = 0.95;
/// Indices of draws and postings, beyond [`VISIT`] and those of other cash and of transfers.
const FIRST_DEPOSIT: u32 = 4;
const SUPPLY: u32 = 65;

/// One day's cash business of one person.
pub(crate) struct Trader<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) today: &'a Today,
}

impl Trader<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        let Some(takings) = self.person.takings else { return };
        let visit = self.world.key.draw(self.person.number, stream::CASH, self.today.day, VISIT);
        let (visits, deposits) = if takings.is_business {
            let more = uniform(visit.lane(1));
            let deposits = 1 + u32::from(more < TWO_DEPOSITS) + u32::from(more < THREE_DEPOSITS);
            (BUSINESS_VISITS, deposits)
        } else {
            (TIPS_VISITS, 1)
        };
        if uniform(visit.lane(0)) < visits / MONTH {
            let each = if takings.is_business { DEPOSITS } else { 1.0 };
            for index in 0..deposits {
                self.deposit(index, takings.monthly / (visits * each), events);
            }
        }
        if takings.is_business && uniform(visit.lane(2)) < SUPPLIES / MONTH {
            self.supply(takings.monthly * SUPPLIED / SUPPLIES, events);
        }
    }

    /// An amount around a mean.
    fn around(&self, mean: f64, word: u32) -> f64 {
        mean * libm::exp(SPREAD * normal(word) - SPREAD * SPREAD / 2.0) * self.today.prices
    }

    fn reference(&self, stream: mockbank_bank::Stream, raw: u32) -> Option<PostingRef> {
        let salt = self.world.salt(self.person.number, self.today.day);
        PostingRef::new(stream, scattered(salt, raw))
    }

    fn deposit(&self, index: u32, mean: f64, events: &mut Vec<Event>) {
        let texts = &self.world.market.texts;
        let index = FIRST_DEPOSIT + index;
        let draw = self.world.key.draw(self.person.number, stream::CASH, self.today.day, index);
        let amount = deposited(self.around(mean, draw.lane(0)), draw.lane(3));
        let entry = Entry {
            at: self.today.at(counter_second(draw.lane(1), draw.lane(2))),
            kind: PostingKind::Cash,
            category: texts.cash,
            contra: LedgerAccount::Bank(BankAccount::Cash),
            description: texts.cash_deposit,
            place: self.person.home,
            reference: self.reference(stream::CASH, index),
            group: None,
        };
        events.push(Event::new(Movement::Book(Money::from_minor(amount)), entry));
    }

    fn supply(&self, mean: f64, events: &mut Vec<Event>) {
        let to = self.world.market.people_out;
        let draw = self.world.key.draw(self.person.number, stream::FRIENDS, self.today.day, SUPPLY);
        let amount = sent(self.around(mean, draw.lane(0)), draw.lane(3));
        let hour = self.world.circle.hour(draw.lane(1));
        let entry = Entry {
            at: self.today.at(hour * HOUR + below_u32(draw.lane(2), HOUR)),
            kind: PostingKind::Transfer,
            category: to.category,
            contra: to.account,
            description: to.description,
            place: place::ONLINE,
            reference: self.reference(stream::FRIENDS, SUPPLY),
            group: None,
        };
        events.push(Event::new(Movement::Pay(Money::from_minor(amount)), entry));
    }
}
