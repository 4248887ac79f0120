//! How the bank meets a customer: accounts, cards, and the person behind them.

use mockbank_bank::rules::Book;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, HubId, Money, UserId,
};

use super::person::{Budget, CardStyle, PaymentHabit, Person, Profile};
use super::random::{lognormal, minor, normal, pick, rounded, uniform};
use super::traits::Traits;
use super::work::{Schedule, Takings};
use super::world::HouseholdWorld;
use crate::population::Newcomer;
use crate::preset::households::People;
use crate::randomness::below_u32;

/// Numbers of a customer's further accounts and cards: the customer's below this bit, which of
/// them above it.
const SLOT_BITS: u32 = 32;

/// First index of the draws of cards.
const CARDS: u32 = 8;
/// Everybody keeps so many months of income where they can be reached.
const LEAST_RESERVE_MONTHS: f64 = 1.2;
/// Of balances on savings accounts, to the next whole unit.
const MOST_OPENING_MONTHS: f64 = 60.0;
/// Hours between two purchases of a day, on average.
const HOURS_APART: f64 = 4.5;

/// What somebody has on the first day, in months of income.
struct Wealth {
    checking: f64,
    /// `None` without such an account.
    savings: Option<f64>,
}

impl Wealth {
    fn new(people: &People, traits: Traits) -> Self {
        let draw = traits.draw(3);
        let months = |spread, word| lognormal(spread, word).min(MOST_OPENING_MONTHS);
        let saves = uniform(draw.lane(2)) < people.savings_probability;
        Self {
            checking: months(people.opening_months, draw.lane(1)),
            savings: saves.then(|| months(people.savings_months, draw.lane(3))),
        }
    }
}

impl HouseholdWorld {
    pub(crate) fn newcomer(&self, number: i64) -> Newcomer {
        let traits = Traits::new(self.key, number);
        let profile = Profile::new(&self.preset, traits);
        let user = self.people.user(number, &self.catalog);
        let people = &self.preset.people;
        let wealth = Wealth::new(people, traits);
        let salary = Money::from_minor(rounded(profile.income, 100));
        let mut accounts = vec![self.account(
            number,
            number,
            AccountKind::Checking,
            wealth.checking * profile.income,
        )];
        accounts[0].salary = salary;
        accounts[0].employer = Some(HubId(self.employer_of(number)));
        if let Some(months) = wealth.savings {
            let amount = months * profile.income;
            let id = 1 << SLOT_BITS | number;
            accounts.push(self.account(number, id, AccountKind::Savings, amount));
        }
        let cards = self.cards(number, traits, &profile);
        Newcomer { user, accounts, cards }
    }

    /// The employer that a customer works for at first.
    pub(super) fn employer_of(&self, number: i64) -> u32 {
        self.market.employer(Traits::new(self.key, number).draw(1).lane(1))
    }

    fn account(&self, number: i64, id: i64, kind: AccountKind, opening: f64) -> Account {
        let opening = Money::from_minor(minor(opening));
        Account {
            id: AccountId::new(id),
            user: UserId::new(number),
            kind,
            currency: self.preset.currency,
            status: AccountStatus::Active,
            opening_balance: opening,
            balance: opening,
            salary: Money::ZERO,
            employer: None,
            postings: 0,
        }
    }

    fn cards(&self, number: i64, traits: Traits, profile: &Profile) -> Vec<Card> {
        let terms = &self.preset.cards;
        if !terms.enabled {
            return Vec::new();
        }
        let held = pick(&terms.held, traits.draw(1).lane(2));
        let budget = Budget::new(&self.preset, traits, profile, held > 0);
        let name = self.nearest_profile(budget.monthly_spending(&self.preset) / 100.0);
        let mut cards = Vec::new();
        for slot in (0..).take(held) {
            let draw = traits.draw(CARDS + slot);
            let days = u32::try_from(terms.due_days.len()).unwrap_or(1);
            let limit = lognormal(terms.limit_months, draw.lane(1)) * profile.income;
            cards.push(Card {
                id: CardId::new(i64::from(slot) << SLOT_BITS | number),
                account: AccountId::new(number),
                last_four: u16::try_from(below_u32(draw.lane(2), 10_000)).unwrap_or(0),
                status: CardStatus::Active,
                limit: Money::from_minor(rounded(limit, 10_000).max(30_000)),
                billing_day: terms.due_days[below_u32(draw.lane(3), days) as usize],
                profile: name.clone(),
                spend: Money::ZERO,
                issued: self.start,
                expires: self.people.expires,
                last_bill: None,
                postings: 0,
            });
        }
        cards
    }

    /// The contract's profile that is nearest in what is spent.
    fn nearest_profile(&self, monthly: f64) -> String {
        let distance = |anchor: f64| libm::fabs(libm::log(monthly.max(1.0) / anchor));
        let nearest =
            self.preset.profiles.iter().min_by(|a, b| {
                distance(a.monthly_spending).total_cmp(&distance(b.monthly_spending))
            });
        nearest.map(|anchor| anchor.name.clone()).unwrap_or_default()
    }

    /// The person behind a user, with the income and the cards of the checking account.
    pub(super) fn person(
        &self,
        user: UserId,
        home: u32,
        account: Option<&(Account, Vec<Card>, Book)>,
        has_savings: bool,
    ) -> Person {
        let traits = Traits::new(self.key, user.number());
        let mut profile = Profile::new(&self.preset, traits);
        let no_cards = Vec::new();
        let cards = account.map_or(&no_cards, |(_, cards, _)| cards);
        if let Some((account, ..)) = account {
            profile.income = super::banking::float(account.salary.minor());
        }
        let (people, terms) = (&self.preset.people, &self.preset.cards);
        let budget = Budget::new(&self.preset, traits, &profile, !cards.is_empty());
        let (tastes, money) = (traits.draw(4), traits.draw(5));
        let overdraft =
            if uniform(traits.draw(2).lane(3).rotate_left(16)) < people.overdraft_probability {
                rounded(profile.income * people.overdraft_months, 5_000)
            } else {
                0
            };
        let statement = |due: u8| match due.checked_sub(terms.statement_days_before) {
            Some(day) if day > 0 => day,
            _ => (due + 30 - terms.statement_days_before).min(28),
        };
        let wealth = Wealth::new(people, traits);
        let reserve = (wealth.checking + wealth.savings.unwrap_or(0.0)).max(LEAST_RESERVE_MONTHS);
        let style = |card: &Card| CardStyle {
            due_day: card.billing_day.min(28),
            statement_day: statement(card.billing_day.min(28)),
            habit: self.habit(money.lane(0), money.lane(1)),
        };
        Person {
            user,
            number: user.number().unsigned_abs(),
            home,
            city: home.checked_sub(self.first_city),
            zone: self.zone_of_place(home),
            work: profile.work,
            income: profile.income.max(1.0),
            schedule: Schedule::new(&self.preset.income, traits),
            has_side_income: uniform(traits.draw(6).lane(1)) < self.preset.income.side_probability,
            rates: budget.rates,
            prices: budget.prices,
            credit: (terms.credit_share + 0.24 * normal(tastes.lane(3))).clamp(0.02, 0.98),
            later: lateness(people.hour_spread * normal(tastes.lane(2))),
            market_day: u8::try_from(below_u32(traits.draw(1).lane(3), 7)).unwrap_or(0),
            contracts: budget.contracts,
            contacts: Vec::new(),
            cash: budget.cash,
            takings: Takings::new(&self.preset, traits, profile.work, profile.income),
            saving: budget.saving,
            overdraft,
            cards: cards.iter().map(style).collect(),
            has_savings,
            reserve: reserve * profile.income,
        }
    }

    fn habit(&self, choice: u32, share: u32) -> PaymentHabit {
        let terms = &self.preset.cards;
        let place = uniform(choice);
        if place < terms.full {
            PaymentHabit::Full
        } else if place < terms.full + terms.minimum {
            PaymentHabit::Minimum
        } else {
            PaymentHabit::Part(terms.part.min + (terms.part.max - terms.part.min) * uniform(share))
        }
    }
}

/// How much more often than not a person prefers the later of two hours, for somebody whose
/// purchases are on average so many hours later than others'.
fn lateness(hours: f64) -> f64 {
    (hours / HOURS_APART).clamp(-0.5, 0.5)
}
