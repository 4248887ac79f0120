//! Transfers between customers who know each other.
//!
//! Either side knows the pair, and computes the pair's transfers from the pair's own draws, so both books get the same movement wherever they
//! are simulated. What one side alone knows, such as its balance, can therefore not matter: a
//! payer's account may go below zero.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{AccountId, LedgerAccount, PostingKind, PostingRef};

use super::{Behaviour, HOUR, Setting};
use crate::calendar::CalendarDay;
use crate::distribution::{Chance, ClippedGaussian, NormalTable};
use crate::population::contacts::{Acquaintances, Rounds};
use crate::profiles::banking::{Event, Movement};
use crate::profiles::customer::Traits;
use crate::randomness::{WorldKey, below_u32, stream};

#[derive(Clone, Debug)]
pub(crate) struct Transfers {
    key: WorldKey,
    acquaintances: Acquaintances,
    transfer: Chance,
    amount: ClippedGaussian,
    normal: NormalTable,
    first_second: u32,
    seconds: u32,
}

impl Behaviour for Transfers {
    fn new(setting: &Setting<'_>) -> Option<Self> {
        let transfers = &setting.preset.transfers;
        let rounds = Rounds {
            circle: transfers.circle_rounds,
            city: transfers.city_rounds,
            far: transfers.far_rounds,
            tail: transfers.tail,
        };
        let (key, homes, population) = (setting.key, setting.homes, setting.population);
        transfers.enabled.then(|| Self {
            key,
            acquaintances: Acquaintances::new(key, homes, population, rounds),
            transfer: Chance::new(transfers.probability),
            amount: transfers.amount.distribution(),
            normal: NormalTable::new(),
            first_second: u32::from(transfers.hours.from) * HOUR,
            seconds: u32::from(transfers.hours.to - transfers.hours.from) * HOUR,
        })
    }

    fn prepare(&self, traits: &mut Traits) {
        let number = traits.user.number();
        let own = AccountId::new(number);
        if self.acquaintances.is_present(number)
            && traits.accounts.first().is_some_and(|first| first.id == own)
        {
            traits.contacts = self.acquaintances.contacts(number);
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

impl Transfers {
    /// Keeps customers out of transfers, on both sides.
    pub(crate) fn leave_out(&mut self, users: impl Iterator<Item = i64>) {
        self.acquaintances.leave_out(users);
    }
}
