//! Purchases with cards.

use std::hint::select_unpredictable;

use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, HubId, Instant, LedgerAccount, Money, PostingKind, PostingRef};

use super::{Behaviour, HOUR, Setting};
use crate::calendar::CalendarDay;
use crate::distribution::{Chance, ClippedGaussian, NormalTable};
use crate::profiles::banking::{Event, Movement};
use crate::profiles::customer::{CardTraits, ShoppingDays, Traits};
use crate::profiles::merchants::{Counterparties, Merchant};
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
        let profile = |profile: &crate::preset::profiles::Profile| Profile {
            purchase: Chance::new(profile.probability),
            amount: profile.amount.distribution(),
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
                    let profile = &self.profiles[plan.profile as usize];
                    let purchase = self.purchase(plan, profile, traits.home, today.day);
                    let movement = Movement::Purchase { card, amount: purchase.amount };
                    events.push(Event { book, movement, entry: purchase.entry(index) });
                }
            }
        }
    }
}

/// What is bought with a card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purchase {
    pub(crate) at: Instant,
    pub(crate) amount: Money,
    merchant: Merchant,
    place: u32,
}

impl Purchase {
    /// Room for one.
    pub(crate) const NONE: Self = Self {
        at: Instant::from_seconds(0),
        amount: Money::ZERO,
        merchant: Merchant { hub: HubId(0), description: 0, category: 0 },
        place: 0,
    };

    /// What the posting on the account's card of this index says.
    #[inline]
    pub(crate) fn entry(&self, index: u32) -> Entry {
        Entry {
            at: self.at,
            kind: PostingKind::Purchase,
            category: self.merchant.category,
            contra: LedgerAccount::Hub(self.merchant.hub),
            description: self.merchant.description,
            place: self.place,
            reference: PostingRef::new(stream::SPENDING, index),
            group: None,
        }
    }
}

impl Spending {
    /// Whether the card is used on a day.
    #[inline]
    fn buys(&self, card: &mut CardTraits, day: Day) -> bool {
        self.shopping_days(card, day.number() & !31) >> (day.number() & 31) & 1 == 1
    }

    /// On which of the 32 days from `first` the card is used: a bit for each.
    #[inline]
    pub(crate) fn days_from(&self, card: &mut CardTraits, first: Day) -> u32 {
        let (block, offset) = (first.number() & !31, first.number() & 31);
        let days = u64::from(self.shopping_days(card, block));
        // Past the end of the bank's time nobody asks.
        let next = block.checked_add(32).filter(|_| offset > 0);
        let later = next.map_or(0, |next| u64::from(self.shopping_days(card, next)));
        low_word((later << 32 | days) >> offset)
    }

    #[inline]
    fn shopping_days(&self, card: &mut CardTraits, first: u16) -> u32 {
        if card.shopping.first != first {
            card.shopping = ShoppingDays { first, days: self.decide(card, first) };
        }
        card.shopping.days
    }

    fn decide(&self, card: &CardTraits, first: u16) -> u32 {
        let purchase = self.profiles[card.profile as usize].purchase;
        let first = Day::from_number(first.into()).unwrap_or(Day::MAX);
        let mut words = [0; 32];
        for (words, offset) in words.chunks_exact_mut(4).zip((0..).step_by(4)) {
            let address = first.saturating_plus(offset);
            let draw = self.key.draw(card.number, stream::SPENDING, address, DECISIONS);
            words.copy_from_slice(&[0, 1, 2, 3].map(|lane| draw.lane(lane)));
        }
        purchase.hits_of(&words)
    }

    /// Draws the purchases with a card on some of the 32 days from `first`, a bit for each, and
    /// puts them into `drawn` in the order of time, as many as there is room for; their number.
    pub(crate) fn purchases(
        &self,
        card: &CardTraits,
        home: u32,
        first: Day,
        mut days: u32,
        drawn: &mut [Purchase],
    ) -> usize {
        let profile = &self.profiles[card.profile as usize];
        let mut count = 0;
        for purchase in drawn {
            if days == 0 {
                break;
            }
            // Past the end of the bank's time nobody asks.
            let day = first.saturating_plus(days.trailing_zeros());
            *purchase = self.purchase(card, profile, home, day);
            days &= days - 1;
            count += 1;
        }
        count
    }

    /// The purchase with a card on a day that it is used.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the simulation's inner loop")]
    fn purchase(&self, card: &CardTraits, profile: &Profile, home: u32, day: Day) -> Purchase {
        let details = self.key.draw(card.number, stream::SPENDING, day, DETAILS);
        let second = self.first_second + below_u32(details.lane(2), self.seconds);
        Purchase {
            at: Instant::from_seconds(day.start().seconds() + i64::from(second)),
            amount: profile.amount.amount(&self.normal, details.lane(0)),
            merchant: self.counterparties.merchant(details.lane(1)),
            place: self.place(home, details.lane(3)),
        }
    }

    /// The home city, or another one, each equally likely.
    #[inline]
    fn place(&self, home: u32, word: u32) -> u32 {
        let others = self.cities.saturating_sub(1);
        let place = self.first_city + self.home.below_after_miss(word, others);
        let skips_home = place >= home && home >= self.first_city;
        // Both are worked out, since a wrong guess costs the processor more.
        select_unpredictable(self.home.hits(word), home, place + u32::from(skips_home))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "takes 32 of the 64 bits")]
const fn low_word(bits: u64) -> u32 {
    bits as u32
}
