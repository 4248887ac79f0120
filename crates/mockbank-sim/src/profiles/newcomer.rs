//! How the bank meets a customer: one account and one card.

use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Money, UserId,
};

use super::world::ProfileWorld;
use crate::population::Newcomer;
use crate::randomness::{below, below_u32, stream};

impl ProfileWorld {
    /// The customer with a number: one checking account and one card of the same number.
    ///
    /// # Panics
    /// If the number is not in `1..=MAX_NUMBER`, as identifiers count.
    pub(crate) fn newcomer(&self, number: i64) -> Newcomer {
        Newcomer {
            user: self.people.user(number, &self.catalog),
            accounts: vec![self.account(number)],
            cards: vec![self.card(number)],
        }
    }

    fn account(&self, number: i64) -> Account {
        let population = &self.preset.population;
        let [balance, salary] = self.people.draw(number, stream::ACCOUNT, 0).0;
        let opening = population.opening_balance;
        let opening_balance = step_between(balance, opening.min, opening.max, 1);
        let range = population.monthly_salary;
        let id = AccountId::new(number);
        Account {
            id,
            user: UserId::new(number),
            kind: AccountKind::Checking,
            currency: self.preset.currency,
            status: AccountStatus::Active,
            opening_balance,
            balance: opening_balance,
            salary: step_between(salary, range.min, range.max, range.step.minor()),
            employer: Some(self.people.employer(id)),
            postings: 0,
        }
    }

    fn card(&self, number: i64) -> Card {
        let population = &self.preset.population;
        let draw = self.people.draw(number, stream::CARD, 0);
        let last_four = u16::try_from(below_u32(draw.lane(0), 10_000)).unwrap_or(0);
        Card {
            id: CardId::new(number),
            account: AccountId::new(number),
            last_four,
            status: CardStatus::Active,
            limit: population.card_limit,
            billing_day: *pick(draw.lane(1), &population.billing_days),
            profile: pick(draw.lane(2), &self.preset.profiles).name.clone(),
            spend: Money::ZERO,
            issued: self.people.start,
            expires: self.people.expires,
            last_bill: None,
            postings: 0,
        }
    }
}

/// One of the items, each equally likely.
fn pick<T>(word: u32, items: &[T]) -> &T {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    &items[below_u32(word, count) as usize]
}

/// One of `min`, `min + step`, ... up to `max`, each equally likely.
fn step_between(word: u64, min: Money, max: Money, step: i64) -> Money {
    let steps = (max.minor() - min.minor()) / step + 1;
    let chosen = below(word, steps.unsigned_abs()).cast_signed();
    Money::from_minor(min.minor() + chosen * step)
}
