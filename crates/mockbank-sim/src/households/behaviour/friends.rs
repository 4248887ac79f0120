//! Transfers between people: those who know each other at this bank, and others elsewhere.
//!
//! Either side of a transfer at this bank computes it from the pair's own draws, so what one side
//! alone knows, such as its balance, cannot matter: the payer's account may go below zero.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{AccountId, Day, Instant, LedgerAccount, Money, PostingKind, PostingRef};

use crate::households::banking::{Event, Movement};
use crate::households::days::Today;
use crate::households::person::{Friendship, Person};
use crate::households::random::{HOUR, lognormal, rounded, scattered, uniform};
use crate::households::world::HouseholdWorld;
use crate::randomness::{Draw, below_u32, stream};
use crate::zone::{SAME_DAY_EVERYWHERE, Zone};

/// Index of transfers with people elsewhere; rounds are lower.
const ELSEWHERE: u32 = 64;
/// From this many minor units on, people send round amounts.
const LARGE: f64 = 15_000.0;
/// And from here on nothing else.
const VERY_LARGE: f64 = 1_000_000.0;
/// Smaller transfers are of whole amounts so often.
const WHOLE: f64 = 0.62;
/// Share of transfers with people elsewhere that come in.
const RECEIVED: f64 = 0.25;
/// Day of the month on which shares of the rent are paid.
const RENT_DAY: u8 = 2;

/// The local time of a payment between customers of different zones, which both of them know: a
/// second of the day in the east, late enough for that day to have begun everywhere.
pub(crate) fn between_zones(own: Zone, today: &Today, second: u32) -> Instant {
    let second = if second < SAME_DAY_EVERYWHERE { second + 12 * HOUR } else { second };
    own.local(Zone::EASTERN.instant(today.day, today.clocks, second.into()))
}

/// A day's transfers of one person.
pub(crate) struct Friend<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) today: &'a Today,
}

impl Friend<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        for friendship in &self.person.contacts {
            self.with(friendship, events);
        }
        self.elsewhere(events);
    }

    fn with(&self, friendship: &Friendship, events: &mut Vec<Event>) {
        let contact = &friendship.contact;
        let (friends, circle) = (&self.world.preset.friends, &self.world.circle);
        let lower = contact.lower.unsigned_abs();
        let draw = self.world.key.draw(lower, stream::FRIENDS, self.today.day, contact.round);
        let is_lower = contact.partner != contact.lower;
        let pair = || self.world.key.draw(lower, stream::FRIENDS, Day::default(), contact.round);
        if self.today.of_month == RENT_DAY && contact.round < u32::from(friends.circle_rounds) {
            let pair = pair();
            if uniform(pair.lane(0)) < friends.rent_share_probability {
                let amount = rounded(lognormal(friends.rent_share, pair.lane(1)) * 100.0, 500);
                self.transfer(
                    friendship,
                    amount,
                    is_lower == (pair.lane(2) & 1 == 0),
                    draw,
                    events,
                );
                return;
            }
        }
        if uniform(draw.lane(0)) >= circle.daily[usize::from(self.today.weekday)] {
            return;
        }
        let amount = sociable(lognormal(friends.amount, draw.lane(1)), draw.lane(3));
        self.transfer(friendship, amount, is_lower == (draw.lane(3) & 1 == 0), draw, events);
    }

    fn transfer(
        &self,
        friendship: &Friendship,
        amount: i64,
        pays: bool,
        draw: Draw,
        events: &mut Vec<Event>,
    ) {
        let Friendship { contact, same_zone } = friendship;
        let second = self.second(draw);
        let at = if *same_zone {
            self.today.at(second)
        } else {
            between_zones(self.person.zone, self.today, second)
        };
        let (sign, text) =
            if pays { (-1, description::TRANSFER_OUT) } else { (1, description::TRANSFER_IN) };
        let entry = Entry {
            at,
            kind: PostingKind::Transfer,
            category: category::TRANSFER,
            contra: LedgerAccount::Deposit(AccountId::new(contact.partner)),
            description: text,
            place: place::ONLINE,
            reference: self.reference(contact.round),
            group: Some(contact.group_with(
                self.today.day,
                self.world.salt(contact.lower.unsigned_abs(), self.today.day),
            )),
        };
        events.push(Event::new(Movement::Book(Money::from_minor(sign * amount)), entry));
    }

    fn reference(&self, raw: u32) -> Option<PostingRef> {
        let salt = self.world.salt(self.person.number, self.today.day);
        PostingRef::new(stream::FRIENDS, scattered(salt, raw))
    }

    fn second(&self, draw: Draw) -> u32 {
        self.world.circle.hours.choose(draw.lane(2)) * HOUR + below_u32(draw.lane(1), HOUR)
    }

    fn elsewhere(&self, events: &mut Vec<Event>) {
        let key = self.world.key;
        let draw = key.draw(self.person.number, stream::FRIENDS, self.today.day, ELSEWHERE);
        if uniform(draw.lane(0)) >= self.world.circle.elsewhere[usize::from(self.today.weekday)] {
            return;
        }
        let typical = lognormal(self.world.preset.friends.amount, draw.lane(1));
        let amount = Money::from_minor(sociable(typical, draw.lane(3)));
        let (movement, to) = if uniform(draw.lane(2).rotate_left(16)) < RECEIVED {
            (Movement::Book(amount), self.world.market.people_in)
        } else {
            (Movement::Pay(amount), self.world.market.people_out)
        };
        let entry = Entry {
            at: self.today.at(self.second(draw)),
            kind: PostingKind::Transfer,
            category: to.category,
            contra: to.account,
            description: to.description,
            place: place::ONLINE,
            reference: self.reference(ELSEWHERE),
            group: None,
        };
        events.push(Event::new(movement, entry));
    }
}

/// People send each other whole amounts more often than not, many of them multiples of five.
fn sociable(amount: f64, word: u32) -> i64 {
    // Now and then it is a gift, a deposit for a flat, or a used car.
    let large = word.rotate_left(9).is_multiple_of(64);
    let amount = if large { amount * 22.0 } else { amount };
    sent(amount * 100.0, word)
}

/// An amount in minor units as people send it: the larger, the rounder.
pub(crate) fn sent(amount: f64, word: u32) -> i64 {
    let place = uniform(word);
    let multiple = match place {
        _ if amount >= VERY_LARGE => 10_000,
        ..0.40 if amount >= LARGE => 5_000,
        ..0.78 if amount >= LARGE => 500,
        ..0.31 if amount > 800.0 => 500,
        ..WHOLE => 100,
        0.88.. => 1,
        _ if amount >= LARGE => 100,
        _ => 1,
    };
    rounded(amount, multiple)
}
