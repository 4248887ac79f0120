//! What is bought: how often, when, where, for how much, and how it is paid.

use mockbank_bank::catalog::place;
use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, Money, PostingKind, PostingRef};

use crate::households::banking::{Event, FollowUp, Movement};
use crate::households::days::Today;
use crate::households::market::Counterparty;
use crate::households::memory::Memory;
use crate::households::needs::{NeedTables, SMALL_EXPONENT};
use crate::households::person::Person;
use crate::households::random::{
    HOUR, MINOR, lognormal, minor, normal, pick, poisson, scattered, uniform,
};
use crate::households::world::HouseholdWorld;
use crate::preset::households::Need;
use crate::preset::validate_households::MAX_NEEDS;
use crate::randomness::{below_u32, stream};

/// Purchases in a neighbouring city.
const ELSEWHERE: f64 = 0.03;
/// Purchases that bring another one along, soon after.
const COMPANION: f64 = 0.07;
/// Share of purchases on credit that go to the second card, for those who have two.
const SECOND_CARD: f64 = 0.25;
/// The more a journey lasts the more is eaten out.
const AWAY_FACTOR: f64 = 1.25;
/// Prices that end so, of those that are not whole.
const NINETY_NINE: f64 = 0.013;
const NINETY_FIVE: f64 = 0.002;
const FIFTY: f64 = 0.022;
/// No purchase is larger, in minor units.
const LARGEST: f64 = 2_500_000.0;

/// A day's purchases of one person.
pub(crate) struct Shopper<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) memory: &'a Memory,
    pub(crate) today: &'a Today,
    pub(crate) away: Option<u32>,
}

impl Shopper<'_> {
    /// Adds the day's purchases; there are more where there is income today.
    pub(crate) fn draw(&self, is_pay_day: bool, events: &mut Vec<Event>) {
        let spending = &self.world.spending;
        let rhythm =
            &spending.rhythm[usize::from(self.today.month) * 7 + usize::from(self.today.weekday)];
        let mut weights = [0.0; MAX_NEEDS];
        let mut total = 0.0;
        for (weight, (rate, rhythm)) in
            weights.iter_mut().zip(self.person.rates.iter().zip(rhythm)).take(spending.needs.len())
        {
            *weight = rate * rhythm;
            total += *weight;
        }
        if self.person.market_day == self.today.weekday {
            total += weights[0] * 0.6;
            weights[0] *= 1.6;
        }
        total *= self.factor(is_pay_day);
        let key = self.world.key;
        let counts = key.draw(self.person.number, stream::NEEDS, self.today.day, 0);
        let count = poisson(total, counts.lane(0));
        if count == 0 {
            return;
        }
        let salt = self.world.salt(self.person.number, self.today.day);
        for index in 0..count {
            let second = self.purchase(&weights, [index, salt], None, events);
            let companion = uniform(counts.lane(1) ^ index.wrapping_mul(0x9e37_79b9)) < COMPANION;
            if let (true, Some(second)) = (companion, second) {
                self.purchase(&weights, [32 + index, salt], Some(second), events);
            }
        }
    }

    /// More on pay days, a little less otherwise, so that the average holds.
    fn factor(&self, is_pay_day: bool) -> f64 {
        let effect = self.world.preset.calendar.pay_day_effect;
        let since = self.today.day.number().saturating_sub(self.memory.paid);
        let wave = match (is_pay_day, since) {
            (true, _) => effect,
            (false, 1) => 1.0 + (effect - 1.0) * 0.4,
            (false, 2) => 1.0 + (effect - 1.0) * 0.1,
            _ => 1.0 - (effect - 1.0) * 0.14,
        };
        if self.away.is_some() { wave * AWAY_FACTOR } else { wave }
    }

    fn purchase(
        &self,
        weights: &[f64; MAX_NEEDS],
        [index, salt]: [u32; 2],
        after: Option<u32>,
        events: &mut Vec<Event>,
    ) -> Option<u32> {
        let key = self.world.key;
        let (number, day) = (self.person.number, self.today.day);
        let first = key.draw(number, stream::NEEDS, day, 2 * index + 1);
        let second = key.draw(number, stream::NEEDS, day, 2 * index + 2);
        let need = pick(&weights[..self.world.spending.needs.len()], first.lane(0));
        let (row, tables) = (&self.world.preset.needs[need], &self.world.spending.needs[need]);
        let online = tables.online.hits(second.lane(2));
        let at = self.second(tables, first.lane(1), first.lane(3), after);
        let (shop, place) = self.shop(need, second.lane(0), online)?;
        let amount = self.amount(need, row, first.lane(2), second);
        let credit = !self.person.cards.is_empty()
            && uniform(second.lane(2).rotate_left(16)) < self.credit(amount);
        let card = credit.then(|| {
            usize::from(uniform(first.lane(3)) < SECOND_CARD && self.person.cards.len() > 1)
        });
        let amount = Money::from_minor(amount);
        let movement = match card {
            Some(card) => Movement::Charge { card, amount },
            None => Movement::Pay(amount),
        };
        let entry = Entry {
            at: self.today.at(at),
            kind: PostingKind::Purchase,
            category: shop.category,
            contra: shop.account,
            description: shop.description,
            place,
            reference: PostingRef::new(stream::NEEDS, scattered(salt, index)),
            group: None,
        };
        let follow = self.follow_up(row, index, first.lane(3).rotate_left(13));
        events.push(Event {
            follow,
            need: Some(u8::try_from(need).unwrap_or(0)),
            ..Event::new(movement, entry)
        });
        Some(at)
    }

    /// Large amounts are charged to credit cards more often.
    fn credit(&self, amount: i64) -> f64 {
        let large = match amount {
            ..1_000 => -0.10,
            1_000..3_000 => -0.03,
            3_000..10_000 => 0.06,
            _ => 0.20,
        };
        self.person.credit + large
    }

    fn second(&self, tables: &NeedTables, hour: u32, word: u32, after: Option<u32>) -> u32 {
        if let Some(before) = after {
            return (before + 60 + below_u32(word, 3_600)).min(24 * HOUR - 1);
        }
        // The earlier or the later of two hours, by taste: so people differ, and all together
        // keep the need's hours.
        let hours = [hour, hour.rotate_left(16)].map(|word| tables.hours.choose(word));
        let prefers_later = uniform(word.rotate_left(16)) < 0.5 + self.person.later;
        let [one, other] = hours;
        let hour = if prefers_later { one.max(other) } else { one.min(other) };
        hour * HOUR + below_u32(word, HOUR)
    }

    /// The shop of a visit: the more often a place was chosen, the more often it is again.
    fn shop(&self, need: usize, word: u32, online: bool) -> Option<(Counterparty, u32)> {
        let (row, tables) = (&self.world.preset.needs[need], &self.world.spending.needs[need]);
        let rank = tables.ranks.choose(word);
        let low = uniform(word.rotate_left(20));
        let (place, city) = match self.away {
            Some(place) => (place, place.checked_sub(self.world.first_city)),
            None if low < ELSEWHERE => {
                let city = self.world.city_of_word(word.rotate_left(11));
                (self.world.first_city + city, Some(city))
            }
            None => (self.person.home, self.person.city),
        };
        let index =
            u32::try_from(need).unwrap_or(0) << 20 | place << 9 | rank << 1 | u32::from(online);
        let habit = self.world.key.draw(self.person.number, stream::HABIT, Day::default(), index);
        let kinds = &row.kinds;
        let kind =
            kinds[below_u32(habit.lane(0), u32::try_from(kinds.len()).unwrap_or(1)) as usize];
        let city = city.filter(|_| !online && tables.independent.hits(habit.lane(1)));
        let shop = self.world.market.shop(kind, city, habit.lane(2))?;
        Some((shop, if online { place::ONLINE } else { place }))
    }

    fn amount(&self, need: usize, row: &Need, word: u32, draw: crate::randomness::Draw) -> i64 {
        let mut amount = lognormal(row.amount, word)
            * self.person.prices[need]
            * f64::from(self.memory.ease)
            * (self.today.prices * MINOR / 1_000.0);
        let rare = uniform(draw.lane(3));
        if rare < row.tail {
            amount *= libm::pow(rare / row.tail, -1.0 / row.exponent);
        } else if 1.0 - rare < row.small {
            amount *= libm::pow((1.0 - rare) / row.small, 1.0 / SMALL_EXPONENT);
        }
        if need == 0 {
            let gap = self.today.day.number().saturating_sub(self.memory.groceries);
            let usual = self.person.rates[0] * f64::from(gap.min(30));
            amount *= 0.82 + 0.18 * usual.min(4.0);
        }
        priced(amount.min(LARGEST), row, draw.lane(1))
    }

    fn follow_up(&self, row: &Need, index: u32, word: u32) -> FollowUp {
        let lifecycle = &self.world.preset.lifecycle;
        let (duplicate, dispute) = (lifecycle.duplicate_probability, lifecycle.dispute_probability);
        let chance = uniform(word);
        if chance >= row.cleared + row.refund + duplicate + dispute {
            return FollowUp::None;
        }
        let key = self.world.key;
        let draw = key.draw(self.person.number, stream::LIFECYCLE, self.today.day, index);
        let days = |bounds: crate::preset::households::Bounds<u8>| {
            bounds.min
                + u8::try_from(below_u32(draw.lane(1), u32::from(bounds.max - bounds.min) + 1))
                    .unwrap_or(0)
        };
        if chance < row.cleared {
            let permille = row.change.median * libm::exp(row.change.spread * normal(draw.lane(2)));
            let days = 1 + u8::try_from(below_u32(draw.lane(1), 3)).unwrap_or(0);
            return FollowUp::Clearing { days, factor: permille };
        }
        let chance = chance - row.cleared;
        if chance < row.refund {
            let whole = draw.lane(2) & 3 != 0;
            let share = if whole { 1.0 } else { 0.2 + 0.6 * uniform(draw.lane(3)) };
            FollowUp::Refund { days: days(lifecycle.refund_days), share }
        } else if chance < row.refund + duplicate {
            FollowUp::Duplicate { days: 1 + days(lifecycle.refund_days) % 5 }
        } else if chance < row.refund + duplicate + dispute {
            FollowUp::Dispute { days: days(lifecycle.dispute_days) }
        } else {
            FollowUp::None
        }
    }
}

/// An amount with the ending of a price.
pub(crate) fn priced(amount: f64, row: &Need, word: u32) -> i64 {
    let exact = minor(amount).max(50);
    let place = uniform(word);
    let rest = 1.0 - row.whole;
    let below = |from: f64, share: f64| place >= from && place < from + share;
    if place < row.whole {
        let fives = place < row.whole * row.fives && exact >= 500;
        let multiple = if fives && exact >= 20_000 {
            1_000
        } else if fives {
            500
        } else {
            100
        };
        return (exact + multiple / 2).max(multiple) / multiple * multiple;
    }
    let ending = if below(row.whole, NINETY_NINE * rest) {
        99
    } else if below(row.whole + NINETY_NINE * rest, NINETY_FIVE * rest) {
        95
    } else if below(row.whole + (NINETY_NINE + NINETY_FIVE) * rest, FIFTY * rest) {
        50
    } else {
        return exact;
    };
    exact / 100 * 100 + ending
}
