//! Card bills: all that is owed is paid from the account on the card's billing day.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{BankAccount, Instant, LedgerAccount, PostingKind, PostingRef};

use super::{Behaviour, HOUR, Setting};
use crate::calendar::CalendarDay;
use crate::profiles::banking::{Event, Movement};
use crate::profiles::customer::Traits;
use crate::randomness::stream;

#[derive(Clone, Debug)]
pub(crate) struct CardBilling {
    second: u32,
}

impl Behaviour for CardBilling {
    fn new(setting: &Setting<'_>) -> Option<Self> {
        let billing = &setting.preset.card_billing;
        billing.enabled.then(|| Self { second: u32::from(billing.hour) * HOUR })
    }

    #[inline]
    fn draw(&self, today: CalendarDay, traits: &mut Traits, events: &mut Vec<Event>) {
        for (book, account) in traits.accounts.iter().enumerate() {
            for (card, index) in (0..account.cards.len()).zip(0..) {
                if !today.is_due(account.cards[card].billing_day) {
                    continue;
                }
                let entry = Self::entry(today.at(self.second), index);
                events.push(Event { book, movement: Movement::CardBill { card }, entry });
            }
        }
    }
}

impl CardBilling {
    /// Second of the day.
    pub(crate) fn second(&self) -> u32 {
        self.second
    }

    /// The account's side of the bill for its card of this index.
    #[inline]
    pub(crate) fn entry(at: Instant, index: u32) -> Entry {
        Entry {
            at,
            kind: PostingKind::CardPayment,
            category: category::BILLS,
            // Each side's contra is the other, set by the rule.
            contra: LedgerAccount::Bank(BankAccount::Settlement),
            description: description::CARD_BILL,
            place: place::ONLINE,
            reference: PostingRef::new(stream::CARD_BILLING, 2 * index),
            group: None,
        }
    }
}
