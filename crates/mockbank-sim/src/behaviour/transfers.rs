//! Transfers between customers who know each other.
//!
//! Who knows whom needs no memory and no shuffle. In every round the customers of a group (those
//! nearest by number, those of the same city, anybody) are paired by a keyed involution, and two
//! know each other where both take part in the round. Either side computes the pair, and the
//! pair's transfers from the pair's own draws, so both books get the same movement wherever they
//! are simulated. What one side alone knows, such as its balance, can therefore not matter: a
//! payer's account may go below zero.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{AccountId, Day, GroupId, LedgerAccount, PostingKind, PostingRef};

use super::{Behaviour, Event, HOUR, Movement, Setting};
use crate::calendar::CalendarDay;
use crate::customer::Traits;
use crate::distribution::{Chance, ClippedGaussian, NormalTable};
use crate::population::Homes;
use crate::randomness::permutation::Permutation;
use crate::randomness::{WorldKey, below_u32, stream};

/// Customers in a circle: those nearest by number.
const CIRCLE_BITS: u32 = 3;
/// Customers among whom far contacts are found: about a million.
const FAR_BITS: u32 = 20;
/// Index of the draw for how many rounds a customer takes part in; the rounds' own are lower.
const SOCIABILITY: u32 = 1 << 31;

#[derive(Clone, Debug)]
pub(crate) struct Transfers {
    key: WorldKey,
    homes: Homes,
    population: i64,
    /// Numbers of customers who take no part, in order.
    left_out: Vec<i64>,
    /// Probability to take part in each round.
    takes_part: Vec<Chance>,
    circle_rounds: u32,
    city_rounds: u32,
    transfer: Chance,
    amount: ClippedGaussian,
    normal: NormalTable,
    first_second: u32,
    seconds: u32,
}

/// Somebody whom a customer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Number of the user, and of the user's first account.
    partner: i64,
    /// The lower number of the two, which the pair's draws are addressed by.
    lower: i64,
    /// The round in which they met.
    round: u32,
}

impl Behaviour for Transfers {
    fn new(setting: &Setting<'_>) -> Option<Self> {
        let transfers = &setting.preset.transfers;
        let rounds = transfers.circle_rounds + transfers.city_rounds + transfers.far_rounds;
        let takes_part = |round| Chance::new(libm::pow(f64::from(round), -transfers.tail));
        transfers.enabled.then(|| Self {
            key: setting.key,
            homes: setting.homes.clone(),
            population: setting.population,
            left_out: Vec::new(),
            takes_part: (1..=rounds).map(takes_part).collect(),
            circle_rounds: transfers.circle_rounds.into(),
            city_rounds: transfers.city_rounds.into(),
            transfer: Chance::new(transfers.probability),
            amount: ClippedGaussian::new(&transfers.amount),
            normal: NormalTable::new(),
            first_second: u32::from(transfers.hours.from) * HOUR,
            seconds: u32::from(transfers.hours.to - transfers.hours.from) * HOUR,
        })
    }

    fn prepare(&self, traits: &mut Traits) {
        let number = traits.user.number();
        let own = AccountId::new(number);
        if self.is_present(number) && traits.accounts.first().is_some_and(|first| first.id == own) {
            traits.contacts = self.contacts(number);
        }
    }

    #[inline]
    fn draw(&self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>) {
        for contact in &traits.contacts {
            let lower = contact.lower.unsigned_abs();
            let draw = self.key.draw(lower, stream::TRANSFERS, today.day, contact.round);
            if !self.transfer.hits(draw.lane(0)) {
                continue;
            }
            let amount = self.amount.amount(&self.normal, draw.lane(1));
            let second = self.first_second + below_u32(draw.lane(2), self.seconds);
            let lower_pays = draw.lane(3) & 1 == 0;
            let pays = lower_pays != (contact.partner == contact.lower);
            let amount = if pays { amount.checked_neg().unwrap_or(amount) } else { amount };
            let entry = Entry {
                at: today.at(second),
                kind: PostingKind::Transfer,
                category: category::TRANSFER,
                contra: LedgerAccount::Deposit(AccountId::new(contact.partner)),
                description: if pays {
                    description::TRANSFER_OUT
                } else {
                    description::TRANSFER_IN
                },
                place: place::ONLINE,
                reference: PostingRef::new(stream::TRANSFERS, contact.round),
                group: Some(contact.group(today.day)),
            };
            events.push(Event { book: 0, movement: Movement::Deposit(amount), entry });
        }
    }
}

impl Contact {
    /// The transfer of a day: the lower number (36 bits), the day (16) and the round (6) above
    /// the groups that the bank counts. No two transfers share it.
    fn group(&self, day: Day) -> GroupId {
        let place = self.lower << 22 | i64::from(day.number()) << 6 | i64::from(self.round);
        GroupId::new(GroupId::FIRST_SIMULATED + place)
    }
}

impl Transfers {
    /// Keeps customers out of transfers, on both sides.
    pub(crate) fn leave_out(&mut self, users: impl Iterator<Item = i64>) {
        self.left_out.extend(users);
        self.left_out.sort_unstable();
        self.left_out.dedup();
    }

    /// Everybody a customer knows who is there, by round.
    fn contacts(&self, number: i64) -> Vec<Contact> {
        (0..)
            .zip(&self.takes_part)
            .take_while(|(_, takes_part)| self.is_sociable(number, **takes_part))
            .filter_map(|(round, takes_part)| {
                let partner = self.partner(number, round)?;
                let known = self.is_present(partner) && self.is_sociable(partner, *takes_part);
                known.then(|| Contact { partner, lower: number.min(partner), round })
            })
            .collect()
    }

    fn is_present(&self, number: i64) -> bool {
        (1..=self.population).contains(&number) && self.left_out.binary_search(&number).is_err()
    }

    /// Whether a customer takes part in a round. The draw is the same in all rounds, so whoever
    /// takes part in one takes part in those before it.
    fn is_sociable(&self, number: i64, takes_part: Chance) -> bool {
        let draw =
            self.key.draw(number.unsigned_abs(), stream::ACQUAINTANCE, Day::default(), SOCIABILITY);
        takes_part.hits(draw.lane(0))
    }

    /// Whom a customer meets in a round; that may be somebody who is not in this world.
    fn partner(&self, number: i64, round: u32) -> Option<i64> {
        if round < self.circle_rounds {
            return self.near_by_number(number, round, CIRCLE_BITS);
        }
        if round >= self.circle_rounds + self.city_rounds {
            return self.near_by_number(number, round, FAR_BITS);
        }
        let own = self.homes.neighbourhood(number);
        let pairs = self.pairs(own.block, round << 16 | own.city, own.size);
        Some(self.homes.resident(&own, pairs.partner(own.place)?))
    }

    fn near_by_number(&self, number: i64, round: u32, bits: u32) -> Option<i64> {
        let index = (number - 1).unsigned_abs();
        let (block, place) = (index >> bits, index & ((1 << bits) - 1));
        let partner = self.pairs(block, round << 16, 1 << bits).partner(place)?;
        Some((block << bits | partner).cast_signed() + 1)
    }

    fn pairs(&self, block: u64, index: u32, size: u64) -> Permutation {
        let key = self.key.draw(block, stream::ACQUAINTANCE, Day::default(), index).0[0];
        Permutation::new(key, size)
    }
}
