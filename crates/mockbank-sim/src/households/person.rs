//! Who a customer is: age, work, home, tastes and contracts, a pure function of the number.

use mockbank_bank::UserId;

use super::needs::mean_amount;
use super::random::{MINOR, mean, normal, pick, uniform};
use super::traits::Traits;
use super::work::{Schedule, Takings, Work};
use crate::population::contacts::Contact;
use crate::preset::HouseholdsPreset;
use crate::preset::households::Bill;
use crate::preset::validate_households::MAX_NEEDS;
use crate::randomness::below_u32;
use crate::zone::Zone;

/// A customer's traits; they never change.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) number: u64,
    /// Home city: a place of the catalogue, and its number among the cities.
    pub(crate) home: u32,
    pub(crate) city: Option<u32>,
    pub(crate) zone: Zone,
    pub(crate) work: Work,
    /// Monthly, in minor units.
    pub(crate) income: f64,
    pub(crate) schedule: Schedule,
    pub(crate) has_side_income: bool,
    /// Purchases a day, by need.
    pub(crate) rates: [f64; MAX_NEEDS],
    /// Amounts against those of the preset, by need.
    pub(crate) prices: [f64; MAX_NEEDS],
    /// Share of purchases on credit.
    pub(crate) credit: f64,
    /// How much more often than not the customer buys at the later of two hours, -0.5 to 0.5.
    pub(crate) later: f64,
    /// The weekday for the large shopping.
    pub(crate) market_day: u8,
    pub(crate) contracts: Vec<Contract>,
    pub(crate) contacts: Vec<Friendship>,
    /// Cash withdrawals and deposits against the preset's.
    pub(crate) cash: f64,
    /// What the customer earns in cash.
    pub(crate) takings: Option<Takings>,
    /// Share of each income that is put by.
    pub(crate) saving: f64,
    /// How far below zero the account may go, in minor units.
    pub(crate) overdraft: i64,
    pub(crate) cards: Vec<CardStyle>,
    /// Whether there is an account for savings.
    pub(crate) has_savings: bool,
    /// What is kept on all accounts together, in minor units; what is beyond is invested elsewhere.
    pub(crate) reserve: f64,
}

/// Somebody whom a customer knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Friendship {
    pub(crate) contact: Contact,
    /// Whether both live in the same time zone.
    pub(crate) same_zone: bool,
}

/// How a customer pays a card's bill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CardStyle {
    pub(crate) due_day: u8,
    pub(crate) statement_day: u8,
    pub(crate) habit: PaymentHabit,
}

/// How much of a statement is paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PaymentHabit {
    Full,
    Minimum,
    /// A share of it.
    Part(f64),
}

/// What is billed to a customer again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contract {
    /// Number of the bill in the preset, and of the contract among those of the bill.
    pub(crate) bill: u8,
    pub(crate) slot: u8,
    /// Day of the month.
    pub(crate) due: u8,
    pub(crate) on_card: bool,
    /// Whether the customer pays it by hand: later, where the money is not there.
    pub(crate) by_hand: bool,
    /// Minor units a bill, in an average month of the first year.
    pub(crate) amount: f64,
    /// Months after which it is replaced, and those by which that is shifted.
    pub(crate) term: u16,
    pub(crate) phase: u16,
}

/// What a person is before money: the part that the bank asks newcomers for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    /// Index in the preset's `homes` and `holders`.
    pub(crate) living: usize,
    pub(crate) work: Work,
    /// Monthly, in minor units.
    pub(crate) income: f64,
}

/// Below this monthly income, in minor units, somebody has none, and no contracts either.
pub(crate) const LEAST_INCOME: f64 = 100.0;
/// Share of income that bills may take; what would be beyond is smaller for this customer.
const MOST_BILLED: f64 = 0.66;
/// How spending follows what is left after bills: by counts, and by amounts. Those with little
/// left cannot spend more than that; those with much do not spend all of it.
const COUNT_POWERS: [f64; 2] = [0.62, 0.40];
const AMOUNT_POWERS: [f64; 2] = [0.46, 0.34];

/// First indices of the draws that there are many of.
pub(crate) const TASTES: u32 = 16;
const CONTRACTS: u32 = 1_024;

impl Profile {
    pub(crate) fn new(preset: &HouseholdsPreset, traits: Traits) -> Self {
        let (people, income) = (&preset.people, &preset.income);
        let draw = traits.draw(0);
        let shares: Vec<f64> = people.ages.iter().map(|ages| ages.weight).collect();
        let ages = &people.ages[pick(&shares, draw.lane(0))];
        let years = u32::from(ages.to - ages.from) + 1;
        let second = traits.draw(1);
        let age = ages.from + u8::try_from(below_u32(second.lane(0), years)).unwrap_or(0);
        let living = pick(&ages.homes, draw.lane(1));
        let chance = uniform(draw.lane(2));
        let work = match age {
            ..25 if chance < people.student_probability => Work::Student,
            66.. if chance < people.retired_probability => Work::Retired,
            _ if chance > 1.0 - people.gig_probability => Work::Gig,
            _ => Work::Employed,
        };
        let factor = match (work, living) {
            (Work::Student, _) => income.student_factor,
            (Work::Retired, _) => income.retired_factor,
            (_, 0 | 1) => 1.12,
            (_, 2) => 0.93,
            _ => 0.72,
        };
        let by_age = match age {
            ..25 => 0.72,
            25..35 => 0.95,
            35..55 => 1.15,
            55..66 => 1.10,
            _ => 1.0,
        };
        let place = uniform(draw.lane(3));
        let body = |place: f64| {
            let z = crate::distribution::quantile(place);
            income.monthly.median * libm::exp(income.monthly.spread * z)
        };
        let from = income.tail_from;
        let monthly = if place <= from {
            body(place)
        } else {
            body(from) * libm::pow((1.0 - from) / (1.0 - place), 1.0 / income.tail_exponent)
        };
        Self { living, work, income: (monthly * factor * by_age * MINOR).max(20_000.0) }
    }
}

/// What a person's spending is made from, for the newcomer's card and for the person alike.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub(crate) contracts: Vec<Contract>,
    pub(crate) rates: [f64; MAX_NEEDS],
    pub(crate) prices: [f64; MAX_NEEDS],
    pub(crate) cash: f64,
    pub(crate) saving: f64,
}

impl Budget {
    pub(crate) fn new(
        preset: &HouseholdsPreset,
        traits: Traits,
        profile: &Profile,
        has_card: bool,
    ) -> Self {
        let (people, banking) = (&preset.people, &preset.banking);
        let draw = traits.draw(4);
        let money = traits.draw(5);
        let saving = banking.saving_share;
        let saving = saving.min + (saving.max - saving.min) * uniform(money.lane(2));
        let cash = libm::exp(0.6 * normal(money.lane(3)));
        let contracts = contracts(preset, traits, profile, has_card);
        let billed: f64 = contracts
            .iter()
            .map(|contract| {
                let bill = &preset.bills[usize::from(contract.bill)];
                contract.amount * (1.0 - bill.gap) / f64::from(bill.every)
            })
            .sum();
        let withdrawn = banking.withdrawals_monthly * cash * mean(banking.withdrawal) * MINOR;
        let expected = profile.income * (1.0 + extra(preset, profile.work));
        let left = expected * (1.0 - saving) - billed - withdrawn.min(profile.income * 0.1);
        let activity = libm::exp(people.activity_spread * normal(draw.lane(0)));
        let price = libm::exp(people.price_spread * normal(draw.lane(1)));
        let mut rates = [0.0; MAX_NEEDS];
        let mut expected = 0.0;
        for (index, need) in (0..).zip(&preset.needs) {
            let taste =
                libm::exp(people.taste_spread * normal(traits.draw(TASTES + index).lane(0)));
            let monthly = need.monthly * activity * taste;
            rates[index as usize] = monthly;
            expected += monthly * price * mean_amount(need) * MINOR;
        }
        let ratio = (left / expected.max(1.0)).clamp(0.06, 12.0);
        let plenty = usize::from(ratio > 1.0);
        let rate = libm::pow(ratio, COUNT_POWERS[plenty]) / super::random::MONTH;
        let price = price * libm::pow(ratio, AMOUNT_POWERS[plenty]);
        let rates = rates.map(|monthly| monthly * rate);
        Self { contracts, rates, prices: [price; MAX_NEEDS], cash, saving }
    }

    /// What the person spends in a month, contracts aside, in minor units.
    pub(crate) fn monthly_spending(&self, preset: &HouseholdsPreset) -> f64 {
        let needs = preset.needs.iter().zip(self.rates.iter().zip(self.prices));
        needs
            .map(|(need, (rate, price))| {
                rate * super::random::MONTH * price * mean_amount(need) * MINOR
            })
            .sum()
    }
}

/// What comes in beside a year's regular income, as a share of it: people count on it.
fn extra(preset: &HouseholdsPreset, work: Work) -> f64 {
    let income = &preset.income;
    let refund = income.tax_refund_probability * mean(income.tax_refund_months);
    let bonus = income.bonus_probability * mean(income.bonus_months);
    (refund + if work == Work::Employed { bonus } else { 0.0 }) / 12.0
}

/// A bill's amount for somebody whose income is `exp(richer)` times the median.
fn typical(bill: &Bill, word: u32, richer: f64) -> f64 {
    let exponent = bill.amount.spread * normal(word) + bill.income_power * richer;
    bill.amount.median * libm::exp(exponent)
}

fn contracts(
    preset: &HouseholdsPreset,
    traits: Traits,
    profile: &Profile,
    has_card: bool,
) -> Vec<Contract> {
    let mut contracts = Vec::new();
    if profile.income < LEAST_INCOME {
        return contracts;
    }
    let relative = profile.income / (preset.income.monthly.median * MINOR);
    let richer = libm::log(relative);
    for (number, bill) in (0_u8..).zip(&preset.bills) {
        let slots = if relative < bill.income_from { 0 } else { bill.contracts };
        for slot in 0..slots {
            let index = CONTRACTS + 2 * (u32::from(number) << 3 | u32::from(slot));
            let draw = traits.draw(index);
            if uniform(draw.lane(0)) >= bill.holders[profile.living] {
                continue;
            }
            let terms = traits.draw(index + 1);
            let days = u32::from(bill.due.max - bill.due.min) + 1;
            let months = u32::from(bill.term.max - bill.term.min) + 1;
            let term = bill.term.min + u16::try_from(below_u32(terms.lane(0), months)).unwrap_or(0);
            let phase = u16::try_from(below_u32(terms.lane(1), term.into())).unwrap_or(0);
            contracts.push(Contract {
                bill: number,
                slot,
                due: bill.due.min + u8::try_from(below_u32(draw.lane(2), days)).unwrap_or(0),
                on_card: has_card && uniform(draw.lane(3)) < bill.on_card,
                by_hand: uniform(terms.lane(2)) < preset.banking.paid_by_hand,
                amount: typical(bill, draw.lane(1), richer) * MINOR,
                term,
                phase,
            });
        }
    }
    let billed: f64 = contracts
        .iter()
        .map(|contract| contract.amount / f64::from(preset.bills[usize::from(contract.bill)].every))
        .sum();
    let shrink = (MOST_BILLED * profile.income / billed.max(1.0)).min(1.0);
    for contract in &mut contracts {
        contract.amount *= shrink;
    }
    contracts
}
