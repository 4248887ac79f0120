//! A household's life from day to day: what happens is drawn and applied, and the memory takes note
//! of it.

use mockbank_bank::rules::{Book, Entry};
use mockbank_bank::{
    Account, AccountKind, Card, Day, Instant, Money, PostingBatch, PostingKind, PostingRef, User,
    catalog,
};

use super::banking::{self, Event, Ledger, Movement, Output, PARITY_BIT};
use super::behaviour::spending::Shopper;
use super::behaviour::{bills, crime, friends, income, takings, upkeep};
use super::customer::Customer;
use super::days::Today;
use super::journey::{JOURNEY_BLOCK, Journey};
use super::memory::{CardMemory, Memory};
use super::person::Person;
use super::random;
use super::work::Work;
use super::world::HouseholdWorld;
use crate::error::SimError;
use crate::label::{LabelBatch, Typology};
use crate::randomness::stream;
use crate::zone::Zone;

/// How freely is spent at first, in thousandths.
const USUAL_EASE: u16 = 1_000;
/// Bounds of that.
const LEAST_EASE: f64 = 300.0;
const MOST_EASE: f64 = 1_350.0;
/// Of the cushion is usually there, averaged over the month.
const USUAL_CUSHION: f64 = 0.62;
/// What an account is below zero before the bank charges for it, in minor units.
const FREE_OVERDRAFT: i64 = 2_500;

impl HouseholdWorld {
    pub(crate) fn customer(
        &self,
        user: &User,
        accounts: &[(Account, Vec<Card>, Book)],
        memory: &[u8],
    ) -> Result<Customer, SimError> {
        let of_kind = |kind| accounts.iter().position(|(account, ..)| account.kind == kind);
        let (checking, savings) = (of_kind(AccountKind::Checking), of_kind(AccountKind::Savings));
        let home = self.places.get(&user.city).copied().unwrap_or(catalog::place::ONLINE);
        let first = checking.map(|index| &accounts[index]);
        let mut person = self.person(user.id, home, first, savings.is_some());
        let own = first.is_some_and(|(account, ..)| account.id.number() == user.id.number());
        if own && self.acquaintances.is_present(user.id.number()) {
            person.zone = self.zone_of(user.id.number());
            if self.preset.friends.enabled {
                person.contacts = self.friendships(user.id.number());
            }
        }
        let mut memory = if memory.is_empty() {
            self.first_memory(&person, first)
        } else {
            Memory::from_bytes(memory).ok_or(SimError::UnknownMemory(user.id))?
        };
        // The bank gives cards between steps. New ones have the highest numbers and so come last,
        // and what is remembered of the others stays theirs.
        if memory.cards.len() < person.cards.len() {
            memory.cards.resize(person.cards.len(), CardMemory::default());
        }
        Ok(Customer {
            person,
            books: accounts.iter().map(|(_, _, book)| book.clone()).collect(),
            checking,
            savings,
            memory,
            journey: Journey::default(),
            case: crime::Case::default(),
            layers: crime::Layers::default(),
            events: Vec::new(),
        })
    }

    fn first_memory(
        &self,
        person: &Person,
        account: Option<&(Account, Vec<Card>, Book)>,
    ) -> Memory {
        let employer = account.and_then(|(account, ..)| account.employer);
        Memory {
            ease: USUAL_EASE,
            employer: employer.map_or_else(|| self.employer_of(person.user.number()), |hub| hub.0),
            pay_level: 1_000,
            groceries: self.start.number().saturating_sub(3),
            ..Memory::default()
        }
    }

    pub(crate) fn simulate(
        &self,
        customer: &mut Customer,
        from: Instant,
        to: Instant,
        out: &mut PostingBatch,
        labels: &mut LabelBatch,
    ) -> Result<(), SimError> {
        let Some(checking) = customer.checking else { return Ok(()) };
        let mut events = std::mem::take(&mut customer.events);
        let mut output = Output { postings: out, labels };
        let zone = customer.person.zone;
        let begins = |day: Day| zone.instant(day, self.days.get(day).clocks, 0);
        let mut next = (from < to).then(|| zone.local(from).day());
        while let Some(day) = next.filter(|day| begins(*day) < to) {
            let today = self.days.get(day);
            events.clear();
            let is_pay_day = self.draw(customer, today, &mut events);
            for event in &mut events {
                book_in_utc(&mut event.entry, zone, today);
            }
            events.sort_by_key(|event| event.entry.at);
            let Customer { person, books, savings, memory, .. } = customer;
            let savings = *savings;
            let mut ledger =
                Ledger { world: self, person, books, checking, savings, memory, today };
            for event in &events {
                if (from..to).contains(&event.entry.at) {
                    ledger.apply(event, &mut output)?;
                }
            }
            next = day.plus(1).ok();
            if next.is_none_or(|next| begins(next) <= to) {
                self.close(customer, checking, today, is_pay_day, &events);
            }
        }
        customer.events = events;
        Ok(())
    }

    /// Adds a day's events; tells whether there is income among them.
    fn draw(&self, customer: &mut Customer, today: &Today, events: &mut Vec<Event>) -> bool {
        let away = self.away(customer, today);
        let (person, memory) = (&customer.person, &customer.memory);
        let is_pay_day = self.preset.income.enabled
            && income::Payer { world: self, person, memory, today }.draw(events);
        bills::Billing { world: self, person, today }.draw(events);
        Shopper { world: self, person, memory, today, away }.draw(is_pay_day, events);
        if self.preset.friends.enabled {
            friends::Friend { world: self, person, today }.draw(events);
        }
        let place = away.unwrap_or(person.home);
        upkeep::Upkeep { world: self, person, memory, today, place }.draw(events);
        if self.preset.banking.cash_enabled {
            takings::Trader { world: self, person, today }.draw(events);
        }
        if self.preset.crime.enabled {
            self.crime(customer, today, events);
        }
        is_pay_day
    }

    fn crime(&self, customer: &mut Customer, today: &Today, events: &mut Vec<Event>) {
        let (number, day) = (customer.person.number, today.day.number());
        let block = day / crime::CASE_BLOCK + 1;
        if customer.case.block != block {
            customer.case = crime::Case::new(self, number, block);
        }
        let person = &customer.person;
        if let Some(typology) = customer.case.on(today.day) {
            let scheme = person.number.cast_signed() << 12 | i64::from(block);
            crime::Thief { world: self, person, today, scheme, typology }.draw(events);
        }
        if let Some(breach) =
            self.breaches.abused(person.number, customer.memory.exposed, today.day)
        {
            let (scheme, typology) = (1 << 61 | i64::from(breach), Typology::DataBreach);
            crime::Thief { world: self, person, today, scheme, typology }.draw(events);
        }
        let block = day / crime::SCHEME_BLOCK + 1;
        if customer.layers.block != block {
            customer.layers = crime::Layers::new(self, person.user.number(), block);
        }
        let layers = &customer.layers;
        crime::Launderer { world: self, person, today, layers }.draw(events);
    }

    /// Where the customer is, if not at home.
    fn away(&self, customer: &mut Customer, today: &Today) -> Option<u32> {
        let number = today.day.number();
        let block = number / JOURNEY_BLOCK + 1;
        if customer.journey.block != block {
            customer.journey = self.journey(customer.person.number, block);
        }
        let Journey { from, to, place, .. } = customer.journey;
        (from..to).contains(&number).then_some(place)
    }

    /// Takes note of a day that is over.
    fn close(
        &self,
        customer: &mut Customer,
        checking: usize,
        today: &Today,
        is_pay_day: bool,
        events: &[Event],
    ) {
        let Customer { person, books, savings, memory, .. } = customer;
        let number = today.day.number();
        memory.pending.retain(|item| item.due > number);
        if is_pay_day {
            memory.paid = number;
            memory.paid_amount = events.iter().map(paid).sum();
        }
        if events.iter().any(|event| event.need == Some(0)) {
            memory.groceries = number;
        }
        let balance = books[checking].balance.minor();
        let overdrawn = balance < -FREE_OVERDRAFT;
        memory.fee_due = overdrawn && !memory.overdrawn;
        memory.overdrawn = overdrawn;
        let banking = &self.preset.banking;
        let enough = person.income * banking.low_months;
        let left = banking::float(balance) - enough;
        // Looking at bills costs time, and those with much on the account need not.
        memory.low =
            left < 0.0 || (left < person.income && left < bills::due_soon(self, person, today));
        if today.of_month % 4 == 1 || is_pay_day {
            let usual = person.income * banking.cushion_months * USUAL_CUSHION;
            let ratio = (banking::float(balance.max(1_000)) / usual.max(1_000.0)).max(0.01);
            let ease = 1_000.0 * libm::pow(ratio, banking.elasticity);
            memory.ease = thousandths(ease.clamp(LEAST_EASE, MOST_EASE));
        }
        for (card, state) in memory.cards.iter_mut().zip(&books[checking].cards) {
            card.sum += state.spend.minor().max(0);
            card.days = card.days.saturating_add(1);
        }
        if let Some(savings) = savings {
            memory.savings_sum += books[*savings].balance.minor().max(0);
            if today.of_month == 1 {
                memory.savings_sum = books[*savings].balance.minor().max(0);
            }
        }
        if today.of_month == today.month_length {
            self.job(person, memory, today);
        }
    }

    /// Jobs end, and others begin, with another employer and other wages.
    fn job(&self, person: &Person, memory: &mut Memory, today: &Today) {
        let income = &self.preset.income;
        let number = today.day.number();
        if person.work != Work::Employed || number < memory.jobless_until {
            return;
        }
        let draw = self.key.draw(person.number, stream::JOB, today.day, 0);
        if random::uniform(draw.lane(0)) >= income.job_loss_yearly / 12.0 {
            return;
        }
        let weeks = random::lognormal(income.job_gap_weeks, draw.lane(1)).clamp(0.0, 104.0);
        memory.jobless_until = number.saturating_add(1 + thousandths(weeks * 7.0));
        memory.employer = self.market.employer(draw.lane(2));
        let change = libm::exp(income.new_pay_spread * random::normal(draw.lane(3)));
        let level = f64::from(memory.pay_level) * change;
        memory.pay_level = u32::from(thousandths(level.clamp(300.0, 4_000.0)));
    }
}

/// Puts an entry from local time into the bank's. Two local days share a day of the bank, so the
/// reference tells them apart.
fn book_in_utc(entry: &mut Entry, zone: Zone, today: &Today) {
    entry.at = zone.instant(today.day, today.clocks, entry.at.second_of_day());
    let parity = u32::from(today.day.number() & 1) << PARITY_BIT;
    entry.reference = entry
        .reference
        .and_then(|reference| PostingRef::new(reference.stream(), reference.index() | parity));
}

fn paid(event: &Event) -> i64 {
    match event.movement {
        Movement::Book(amount) if event.entry.kind == PostingKind::Payroll => {
            amount.minor().max(Money::ZERO.minor())
        }
        _ => 0,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped by callers")]
fn thousandths(value: f64) -> u16 {
    value as u16
}
