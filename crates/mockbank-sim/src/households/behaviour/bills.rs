//! Contracts: rent, utilities, insurance, loans, subscriptions.

use mockbank_bank::catalog::place;
use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, Money, PostingKind, PostingRef};

use crate::households::banking::{Event, Movement};
use crate::households::days::Today;
use crate::households::person::{Contract, Person};
use crate::households::random::{HOUR, MINOR, indexed, minor, normal, uniform};
use crate::households::world::HouseholdWorld;
use crate::preset::households::{Bill, Payee};
use crate::randomness::{below_u32, stream};

/// What is billed to one person on one day.
pub(crate) struct Billing<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) today: &'a Today,
}

impl Billing<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        let days = self.world.days.collected_on(self.today);
        for day in days {
            for contract in &self.person.contracts {
                if contract.due == day.of_month {
                    self.bill(contract, day, events);
                }
            }
        }
    }

    fn bill(&self, contract: &Contract, day: &Today, events: &mut Vec<Event>) {
        let bill = &self.world.preset.bills[usize::from(contract.bill)];
        let months = day.months + contract.phase;
        let is_due = months.is_multiple_of(u16::from(bill.every));
        if !is_due || bill.months[usize::from(day.month)] <= 0.0 {
            return;
        }
        let code = u32::from(contract.bill) << 3 | u32::from(contract.slot);
        let period = u32::from(months / contract.term);
        let key = self.world.key;
        let number = self.person.number;
        let terms = key.draw(number, stream::CONTRACT, Day::default(), code << 16 | period);
        if uniform(terms.lane(0)) < bill.gap {
            return;
        }
        let payees = &self.world.market.payees[usize::from(contract.bill)];
        let payee =
            payees[below_u32(terms.lane(1), u32::try_from(payees.len()).unwrap_or(1)) as usize];
        let draw = key.draw(number, stream::BILLS, day.day, code);
        let level = match bill.payee {
            Payee::Lender => 1.0,
            _ => self.level(contract, day) * day.dearer,
        };
        let amount = if bill.prices.is_empty() {
            billed(bill, contract, day, level, [draw.lane(0), terms.lane(3)])
        } else {
            let prices = u32::try_from(bill.prices.len()).unwrap_or(1);
            subscribed(bill.prices[below_u32(terms.lane(2), prices) as usize], level)
        };
        let amount = Money::from_minor(amount);
        let movement = if contract.on_card {
            Movement::Charge { card: 0, amount }
        } else if contract.by_hand {
            Movement::PayBill(amount)
        } else {
            Movement::Collect { amount, code }
        };
        let kind = if contract.on_card { PostingKind::Purchase } else { PostingKind::DirectDebit };
        let entry = Entry {
            at: self.today.at(6 * HOUR + below_u32(terms.lane(1) ^ terms.lane(3), 5 * HOUR)),
            kind,
            category: payee.category,
            contra: payee.account,
            description: payee.description,
            place: place::ONLINE,
            reference: PostingRef::new(stream::BILLS, code),
            group: None,
        };
        events.push(Event::new(movement, entry));
    }

    /// Level of a contract's prices: they rise once a year.
    fn level(&self, contract: &Contract, day: &Today) -> f64 {
        let months = day.months.saturating_sub(self.world.first_month) + contract.phase % 12;
        let inflation = 1.0 + self.world.preset.calendar.inflation_yearly;
        match months / 12 {
            0 => 1.0,
            years => libm::pow(inflation, f64::from(years)),
        }
    }
}

/// What is billed on the next two days of the month, as far as a customer can tell in advance.
pub(crate) fn due_soon(world: &HouseholdWorld, person: &Person, today: &Today) -> f64 {
    let soon = today.of_month + 1..=today.of_month + 2;
    let due = person.contracts.iter().filter(|contract| soon.contains(&contract.due));
    due.map(|contract| {
        let bill = &world.preset.bills[usize::from(contract.bill)];
        let is_due = (today.months + contract.phase).is_multiple_of(u16::from(bill.every));
        if is_due { contract.amount * indexed(&bill.months)[usize::from(today.month)] } else { 0.0 }
    })
    .sum()
}

/// A bill that varies with season and use.
fn billed(bill: &Bill, contract: &Contract, day: &Today, level: f64, words: [u32; 2]) -> i64 {
    let season = indexed(&bill.months)[usize::from(day.month)];
    let noise = if bill.noise > 0.0 { libm::exp(bill.noise * normal(words[0])) } else { 1.0 };
    let exact = minor(contract.amount * season * noise * level);
    if uniform(words[1]) >= bill.whole {
        return exact;
    }
    let multiple = if exact >= 20_000 { 500 } else { 100 };
    (exact + multiple / 2).max(multiple) / multiple * multiple
}

/// A subscription keeps the ending of its price; it rises by whole units.
fn subscribed(price: f64, level: f64) -> i64 {
    let rise = minor(price * (level - 1.0) * MINOR) / 100 * 100;
    minor(price * MINOR) + rise
}
