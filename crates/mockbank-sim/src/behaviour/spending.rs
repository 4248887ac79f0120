//! Purchases with cards.

use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, PostingKind, PostingRef};

use super::{Behaviour, Event, HOUR, Movement, Setting};
use crate::calendar::CalendarDay;
use crate::customer::{CardTraits, Traits};
use crate::distribution::{Chance, ClippedGaussian, NormalTable};
use crate::merchants::Counterparties;
use crate::randomness::{WorldKey, below_u32, stream};

/// Index of the draw that decides on four days: the address has the first of them.
const DECISIONS: u32 = 0;
/// Index of the draw for what is bought.
const DETAILS: u32 = 1;

#[derive(Clone, Debug)]
pub(crate) struct Spending {
    key: WorldKey,
    profiles: Vec<Profile>,
    counterparties: Counterparties,
    normal: NormalTable,
    first_second: u32,
    seconds: u32,
    home: Chance,
    first_city: u32,
    cities: u32,
}

#[derive(Clone, Debug)]
struct Profile {
    purchase: Chance,
    amount: ClippedGaussian,
}

impl Behaviour for Spending {
    fn new(setting: &Setting<'_>) -> Option<Self> {
        let spending = &setting.preset.spending;
        let profile = |profile: &crate::preset::Profile| Profile {
            purchase: Chance::new(profile.probability),
            amount: ClippedGaussian::new(&profile.amount),
        };
        spending.enabled.then(|| Self {
            key: setting.key,
            profiles: setting.preset.profiles.iter().map(profile).collect(),
            counterparties: setting.counterparties.clone(),
            normal: NormalTable::new(),
            first_second: u32::from(spending.hours.from) * HOUR,
            seconds: u32::from(spending.hours.to - spending.hours.from) * HOUR,
            home: Chance::new(spending.home_city_probability),
            first_city: setting.homes.first_place(),
            cities: setting.homes.cities(),
        })
    }

    #[inline]
    fn draw(&self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>) {
        for (book, account) in traits.accounts.iter_mut().enumerate() {
            for (card, (plan, index)) in account.cards.iter_mut().zip(0..).enumerate() {
                if self.buys(plan, today.day) {
                    let details = self.key.draw(plan.number, stream::SPENDING, today.day, DETAILS);
                    let merchant = self.counterparties.merchant(details.lane(1));
                    let profile = &self.profiles[plan.profile as usize];
                    let amount = profile.amount.amount(&self.normal, details.lane(0));
                    let second = self.first_second + below_u32(details.lane(2), self.seconds);
                    events.push(Event {
                        book,
                        movement: Movement::Purchase { card, amount },
                        entry: Entry {
                            at: today.at(second),
                            kind: PostingKind::Purchase,
                            category: merchant.category,
                            contra: merchant.account,
                            description: merchant.description,
                            place: self.place(traits.home, details.lane(3)),
                            reference: PostingRef::new(stream::SPENDING, index),
                            group: None,
                        },
                    });
                }
            }
        }
    }
}

/// On which of four days a card is used: they are decided by one draw, which is kept for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShoppingDays {
    /// The first of them, a multiple of four.
    first: u16,
    /// A bit for each.
    days: u8,
}

impl ShoppingDays {
    /// Nothing drawn yet: no four days begin on this one.
    pub(crate) const UNKNOWN: Self = Self { first: u16::MAX, days: 0 };
}

impl Spending {
    /// Whether the card is used on a day.
    #[inline]
    fn buys(&self, card: &mut CardTraits, day: Day) -> bool {
        if card.shopping.first != day.number() & !3 {
            card.shopping = self.shopping_days(card, day);
        }
        card.shopping.days >> (day.number() & 3) & 1 == 1
    }

    fn shopping_days(&self, card: &CardTraits, day: Day) -> ShoppingDays {
        let first = day.number() & !3;
        let address = Day::from_number(first.into()).unwrap_or(day);
        let draw = self.key.draw(card.number, stream::SPENDING, address, DECISIONS);
        let purchase = self.profiles[card.profile as usize].purchase;
        let days =
            (0..4).fold(0, |days, lane| days | u8::from(purchase.hits(draw.lane(lane))) << lane);
        ShoppingDays { first, days }
    }

    /// The home city, or another one, each equally likely.
    fn place(&self, home: u32, word: u32) -> u32 {
        if self.home.hits(word) {
            return home;
        }
        let others = self.cities.saturating_sub(1);
        let place = self.first_city + self.home.below_after_miss(word, others);
        if place >= home && home >= self.first_city { place + 1 } else { place }
    }
}
