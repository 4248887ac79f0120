//! Purchases with cards.

use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, PostingKind, PostingRef};

use super::{Behaviour, Event, HOUR, Movement, Setting};
use crate::calendar::CalendarDay;
use crate::customer::{CardTraits, Traits};
use crate::distribution::{Chance, ClippedGaussian};
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
            first_second: u32::from(spending.hours.from) * HOUR,
            seconds: u32::from(spending.hours.to - spending.hours.from) * HOUR,
            home: Chance::new(spending.home_city_probability),
            first_city: setting.homes.first_place(),
            cities: setting.homes.cities(),
        })
    }

    #[inline]
    fn draw(&self, today: CalendarDay, traits: &Traits, events: &mut Vec<Event>) {
        for (book, account) in traits.accounts.iter().enumerate() {
            for (card, (traits_of_card, index)) in account.cards.iter().zip(0..).enumerate() {
                if self.buys(traits_of_card, today.day) {
                    let home = traits.home;
                    let (amount, entry) = self.purchase(traits_of_card, index, home, today);
                    events.push(Event {
                        book,
                        movement: Movement::Purchase { card, amount },
                        entry,
                    });
                }
            }
        }
    }
}

impl Spending {
    /// Whether the card is used on a day.
    #[inline]
    fn buys(&self, card: &CardTraits, day: Day) -> bool {
        let (first, lane) = (day.number() & !3, day.number() & 3);
        let first = Day::from_number(i64::from(first)).unwrap_or(day);
        let word = self.key.draw(card.number, stream::SPENDING, first, DECISIONS).lane(lane.into());
        self.profiles[card.profile as usize].purchase.hits(word)
    }

    fn purchase(
        &self,
        card: &CardTraits,
        index: u32,
        home: u32,
        today: CalendarDay,
    ) -> (mockbank_bank::Money, Entry) {
        let details = self.key.draw(card.number, stream::SPENDING, today.day, DETAILS);
        let merchant = self.counterparties.merchant(details.lane(1));
        let second = self.first_second + below_u32(details.lane(2), self.seconds);
        let entry = Entry {
            at: today.at(second),
            kind: PostingKind::Purchase,
            category: merchant.category,
            contra: merchant.account,
            description: merchant.description,
            place: self.place(home, details.lane(3)),
            reference: PostingRef::new(stream::SPENDING, index),
            group: None,
        };
        (self.profiles[card.profile as usize].amount.amount(details.lane(0)), entry)
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
