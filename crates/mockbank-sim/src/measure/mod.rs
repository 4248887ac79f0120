//! Statistics of worlds, to be held against published figures.
//!
//! A [`Measure`] takes customers one after the other and keeps sums and samples of them. It reads
//! postings alone, so it measures any world, whatever made it.

mod distributions;
mod summary;

use std::collections::BTreeMap;

use mockbank_bank::{LedgerAccount, Posting, PostingBatch, PostingKind};

pub use distributions::{Distributions, GAP_LIMITS};
pub use summary::{Amounts, gini, median};

use crate::zone::Zone;
use summary::{mean_of, variance_of};

/// Seconds within which a purchase follows another.
const SOON: i64 = 6 * 3_600;
const SECONDS_A_DAY: i64 = 86_400;
/// Average length of a month in days.
const MONTH: f64 = 30.44;

/// What was seen of the customers so far.
#[derive(Clone, Debug)]
pub struct Measure {
    first_day: u16,
    days: u16,
    customers: Vec<Seen>,
    amounts: Vec<f64>,
    /// Natural logarithms of purchases, by customer: number, sum, sum of squares.
    logarithms: Vec<[f64; 3]>,
    hours: [u64; 24],
    weekdays: [u64; 7],
    income_weekdays: [u64; 7],
    endings: BTreeMap<i64, u64>,
    merchants: BTreeMap<i64, u64>,
    gaps: [u64; 2],
    gap_lengths: [u64; GAP_LIMITS.len() + 1],
    gap_seconds: f64,
    months: [u64; 12],
    pay_day_purchases: [f64; 4],
    debts: Vec<f64>,
    balances: Vec<f64>,
}

/// What is kept of one customer.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a share of its own")]
struct Seen {
    payments: u64,
    value: f64,
    bills: u64,
    bill_value: f64,
    credit: u64,
    debit: u64,
    credit_value: f64,
    debit_value: f64,
    cash: u64,
    income: f64,
    income_by_month: Vec<f64>,
    purchases_by_month: Vec<f64>,
    has_fee: bool,
    went_below: bool,
    has_card: bool,
    revolves: bool,
    top_place: f64,
    burstiness: Option<f64>,
}

/// The measured figures, each named; shares are 0 to 1, money is in major units.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Purchases, bills, cash withdrawals and transfers to others, a customer and month.
    pub payments_monthly: f64,
    /// Their value.
    pub value_monthly: f64,
    /// Purchases on credit, a customer and month.
    pub credit_monthly: f64,
    /// Purchases with the account's debit card.
    pub debit_monthly: f64,
    /// Mean purchase on credit.
    pub credit_mean: f64,
    /// Mean purchase by debit card.
    pub debit_mean: f64,
    /// Cash withdrawals, a customer and month.
    pub withdrawals_monthly: f64,
    /// Share of bills among payments.
    pub bill_count_share: f64,
    /// The same by value.
    pub bill_value_share: f64,
    /// Purchases from midnight to six.
    pub night_share: f64,
    /// Purchases by hour.
    pub hours: [f64; 24],
    /// Purchases by weekday, from Monday.
    pub weekdays: [f64; 7],
    /// Incomes by weekday.
    pub income_weekdays: [f64; 7],
    /// Amounts of purchases, bills aside.
    pub amounts: Amounts,
    /// Share of the variance of logarithmic amounts that lies between customers.
    pub amount_icc: f64,
    /// Purchases of whole units, and those that end in .99, .95 and .50.
    pub endings: [f64; 4],
    /// Median over customers: variance over mean of their monthly purchases.
    pub fano: f64,
    /// Standard deviation over mean of the customers' purchases.
    pub between_cv: f64,
    /// Purchases that another one follows within six hours.
    pub followed: f64,
    /// Median over customers of the burstiness of gaps between purchases (Goh and Barabasi 2008).
    pub burstiness: f64,
    /// Purchases on a day with income against another day, for those with income every week or two.
    pub pay_day_effect: f64,
    /// Gini coefficient of the customers' incomes.
    pub income_gini: f64,
    /// Median monthly income.
    pub income_median: f64,
    /// Median over customers of the coefficient of variation of monthly income.
    pub income_cv: f64,
    /// What leaves over what comes in, all customers together.
    pub spent_share: f64,
    /// Customers who paid an overdraft or returned-payment fee.
    pub fee_share: f64,
    /// Customers whose account was below zero at some time.
    pub below_zero: f64,
    /// Card holders who carry a balance.
    pub revolvers: f64,
    /// Median of what these owe at the end.
    pub revolver_debt: f64,
    /// Median balance of deposit accounts at the end, by customer.
    pub balance_median: f64,
    /// Exponent of the power law of merchants' purchases by rank.
    pub merchant_zipf: f64,
    /// Median over customers: share of purchases at the place they visit most.
    pub top_place: f64,
}

impl Measure {
    /// A measure of a world's days from the first one on.
    pub fn new(first_day: mockbank_bank::Day, days: u16) -> Self {
        Self {
            first_day: first_day.number(),
            days,
            customers: Vec::new(),
            amounts: Vec::new(),
            logarithms: Vec::new(),
            hours: [0; 24],
            weekdays: [0; 7],
            income_weekdays: [0; 7],
            endings: BTreeMap::new(),
            merchants: BTreeMap::new(),
            gaps: [0; 2],
            gap_lengths: [0; GAP_LIMITS.len() + 1],
            gap_seconds: 0.0,
            months: [0; 12],
            pay_day_purchases: [0.0; 4],
            debts: Vec::new(),
            balances: Vec::new(),
        }
    }

    /// Takes one customer's postings, of all accounts. Hours, weekdays and months are those of the
    /// customer's zone.
    pub fn add(&mut self, postings: &PostingBatch, zone: Zone) {
        let months = usize::from(self.days / 30).max(1);
        let mut seen = Seen {
            income_by_month: vec![0.0; months],
            purchases_by_month: vec![0.0; months],
            ..Seen::default()
        };
        let local = |posting: Posting| Posting { at: zone.local(posting.at), ..posting };
        let mut rows: Vec<Posting> = postings.iter().map(local).collect();
        rows.sort_by_key(|posting| posting.at);
        let mut purchases = Vec::new();
        let mut incomes = Vec::new();
        let mut places: BTreeMap<i64, u64> = BTreeMap::new();
        let mut balances: BTreeMap<i64, i64> = BTreeMap::new();
        let mut cards: BTreeMap<i64, i64> = BTreeMap::new();
        for posting in &rows {
            self.flow(posting, &mut seen, &mut incomes);
            if is_purchase(posting) {
                purchases.push(posting.at.seconds());
                *places.entry(posting.contra.code()).or_default() += 1;
            }
            balances.insert(posting.account.number(), posting.balance.minor());
            seen.went_below |= posting.balance.is_negative();
            if let Some(card) = posting.card {
                seen.has_card = true;
                seen.revolves |= posting.kind == PostingKind::Interest;
                cards.insert(card.number(), posting.card_balance.minor());
            }
        }
        self.gaps(&purchases, &mut seen);
        self.pay_days(&purchases, &incomes);
        let visits: u64 = places.values().sum();
        seen.top_place = ratio(places.values().copied().max().unwrap_or(0), visits.max(1));
        self.balances.push(balances.values().map(|balance| float(*balance)).sum::<f64>() / 100.0);
        if seen.revolves {
            self.debts.push(-cards.values().map(|owed| float(*owed)).sum::<f64>() / 100.0);
        }
        self.customers.push(seen);
    }

    fn month(&self, posting: &Posting) -> usize {
        usize::from(posting.at.day().number().saturating_sub(self.first_day)) / 30
    }

    fn flow(&mut self, posting: &Posting, seen: &mut Seen, incomes: &mut Vec<u16>) {
        let amount = float(posting.amount.minor()) / 100.0;
        let month = self.month(posting);
        if posting.kind == PostingKind::Payroll {
            seen.income += amount;
            if let Some(total) = seen.income_by_month.get_mut(month) {
                *total += amount;
            }
            self.income_weekdays[usize::from(posting.at.day().weekday())] += 1;
            incomes.push(posting.at.day().number());
        }
        seen.has_fee |= posting.kind == PostingKind::Fee && posting.card.is_none();
        let Some(sort) = payment(posting) else { return };
        seen.payments += 1;
        seen.value -= amount;
        match sort {
            Payment::Bill => {
                seen.bills += 1;
                seen.bill_value -= amount;
            }
            Payment::Purchase => self.purchase(posting, seen, month),
            Payment::Cash => seen.cash += 1,
            Payment::Person => {}
        }
        if posting.kind == PostingKind::Purchase {
            let (count, value) = if posting.card.is_some() {
                (&mut seen.credit, &mut seen.credit_value)
            } else {
                (&mut seen.debit, &mut seen.debit_value)
            };
            *count += 1;
            *value -= amount;
        }
    }

    fn purchase(&mut self, posting: &Posting, seen: &mut Seen, month: usize) {
        let minor = -posting.amount.minor();
        let amount = float(minor) / 100.0;
        if let Some(count) = seen.purchases_by_month.get_mut(month) {
            *count += 1.0;
        }
        let hour = usize::try_from(posting.at.second_of_day() / 3_600).unwrap_or(0);
        self.hours[hour] += 1;
        self.weekdays[usize::from(posting.at.day().weekday())] += 1;
        self.months[distributions::calendar_month(posting.at.day())] += 1;
        *self.endings.entry(minor % 100).or_default() += 1;
        *self.merchants.entry(posting.contra.code()).or_default() += 1;
        self.amounts.push(amount);
        let customer = self.customers.len();
        if self.logarithms.len() <= customer {
            self.logarithms.resize(customer + 1, [0.0; 3]);
        }
        let logarithm = libm::log(amount.max(0.01));
        let sums = &mut self.logarithms[customer];
        *sums = [sums[0] + 1.0, sums[1] + logarithm, sums[2] + logarithm * logarithm];
    }

    fn gaps(&mut self, purchases: &[i64], seen: &mut Seen) {
        let gaps: Vec<f64> = purchases.windows(2).map(|pair| float(pair[1] - pair[0])).collect();
        self.gaps[0] += gaps.iter().filter(|gap| **gap < float(SOON)).count() as u64;
        self.gaps[1] += gaps.len() as u64;
        for gap in &gaps {
            let longer = GAP_LIMITS.partition_point(|hours| *gap >= f64::from(*hours) * 3_600.0);
            self.gap_lengths[longer] += 1;
            self.gap_seconds += gap;
        }
        if gaps.len() >= 30 {
            let (mean, deviation) = (mean_of(&gaps), libm::sqrt(variance_of(&gaps)));
            seen.burstiness = Some((deviation - mean) / (deviation + mean));
        }
    }

    /// Purchases and days, on days with income and on others.
    fn pay_days(&mut self, purchases: &[i64], incomes: &[u16]) {
        let often = incomes.len() >= usize::from(self.days) / 32;
        if !often || incomes.len() > usize::from(self.days) / 7 + 4 {
            return;
        }
        let is_pay_day = |day: u16| incomes.binary_search(&day).is_ok();
        for day in self.first_day..self.first_day + self.days {
            self.pay_day_purchases[if is_pay_day(day) { 1 } else { 3 }] += 1.0;
        }
        for at in purchases {
            let day = u16::try_from(at / SECONDS_A_DAY).unwrap_or(0);
            self.pay_day_purchases[if is_pay_day(day) { 0 } else { 2 }] += 1.0;
        }
    }

    /// The figures of all customers so far.
    pub fn figures(&self) -> Figures {
        let months = f64::from(self.days) / MONTH * count(self.customers.len());
        let sum = |part: &dyn Fn(&Seen) -> f64| self.customers.iter().map(part).sum::<f64>();
        let share = |part: &dyn Fn(&Seen) -> bool| {
            count(self.customers.iter().filter(|seen| part(seen)).count())
                / count(self.customers.len().max(1))
        };
        let payments = sum(&|seen| float_u(seen.payments));
        let value = sum(&|seen| seen.value);
        let (credit, debit) = (sum(&|seen| float_u(seen.credit)), sum(&|seen| float_u(seen.debit)));
        let totals: Vec<f64> =
            self.customers.iter().map(|seen| seen.purchases_by_month.iter().sum()).collect();
        let incomes: Vec<f64> = self.customers.iter().map(|seen| seen.income).collect();
        let purchases = float_u(self.hours.iter().sum::<u64>()).max(1.0);
        let ending =
            |cents: i64| ratio(self.endings.get(&cents).copied().unwrap_or(0), 1) / purchases;
        let holders = share(&|seen| seen.has_card);
        let [on, on_days, off, off_days] = self.pay_day_purchases;
        Figures {
            payments_monthly: payments / months,
            value_monthly: value / months,
            credit_monthly: credit / months,
            debit_monthly: debit / months,
            credit_mean: sum(&|seen| seen.credit_value) / credit.max(1.0),
            debit_mean: sum(&|seen| seen.debit_value) / debit.max(1.0),
            withdrawals_monthly: sum(&|seen| float_u(seen.cash)) / months,
            bill_count_share: sum(&|seen| float_u(seen.bills)) / payments,
            bill_value_share: sum(&|seen| seen.bill_value) / value,
            night_share: float_u(self.hours[..6].iter().sum::<u64>()) / purchases,
            hours: shares(&self.hours),
            weekdays: shares(&self.weekdays),
            income_weekdays: shares(&self.income_weekdays),
            amounts: Amounts::of(&self.amounts),
            amount_icc: summary::intraclass(&self.logarithms),
            endings: [ending(0), ending(99), ending(95), ending(50)],
            fano: median(
                self.customers.iter().filter_map(|seen| fano(&seen.purchases_by_month)).collect(),
            ),
            between_cv: libm::sqrt(variance_of(&totals)) / mean_of(&totals),
            followed: ratio(self.gaps[0], self.gaps[1].max(1)),
            burstiness: median(self.customers.iter().filter_map(|seen| seen.burstiness).collect()),
            pay_day_effect: (on / on_days.max(1.0)) / (off / off_days.max(1.0)),
            income_gini: gini(&incomes),
            income_median: median(incomes.clone()) / (f64::from(self.days) / MONTH),
            income_cv: median(
                self.customers.iter().filter_map(|seen| variation(&seen.income_by_month)).collect(),
            ),
            spent_share: value / incomes.iter().sum::<f64>().max(1.0),
            fee_share: share(&|seen| seen.has_fee),
            below_zero: share(&|seen| seen.went_below),
            revolvers: share(&|seen| seen.revolves) / holders.max(1e-9),
            revolver_debt: median(self.debts.clone()),
            balance_median: median(self.balances.clone()),
            merchant_zipf: summary::zipf(self.merchants.values().copied().collect()),
            top_place: median(self.customers.iter().map(|seen| seen.top_place).collect()),
        }
    }
}

/// Sorts of payments to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payment {
    Purchase,
    Bill,
    Cash,
    Person,
}

/// What sort of payment a posting is; `None` for what is none, and for the payment of a card,
/// whose purchases count themselves.
fn payment(posting: &Posting) -> Option<Payment> {
    if !posting.amount.is_negative() {
        return None;
    }
    let elsewhere = matches!(posting.contra, LedgerAccount::Hub(_) | LedgerAccount::Deposit(_));
    match posting.kind {
        PostingKind::Purchase if posting.reference.stream() == crate::randomness::stream::BILLS => {
            Some(Payment::Bill)
        }
        PostingKind::Purchase => Some(Payment::Purchase),
        PostingKind::DirectDebit => Some(Payment::Bill),
        PostingKind::Cash => Some(Payment::Cash),
        PostingKind::Transfer if elsewhere && posting.card.is_none() => {
            (posting.reference.stream() != crate::randomness::stream::SAVING)
                .then_some(Payment::Person)
        }
        _ => None,
    }
}

fn is_purchase(posting: &Posting) -> bool {
    payment(posting) == Some(Payment::Purchase)
}

fn fano(counts: &[f64]) -> Option<f64> {
    let mean = mean_of(counts);
    (mean > 1.0).then(|| variance_of(counts) / mean)
}

fn variation(values: &[f64]) -> Option<f64> {
    let mean = mean_of(values);
    (mean > 0.0 && values.len() > 2).then(|| libm::sqrt(variance_of(values)) / mean)
}

fn shares<const N: usize>(counts: &[u64; N]) -> [f64; N] {
    let total = counts.iter().sum::<u64>().max(1);
    counts.map(|count| ratio(count, total))
}

fn ratio(part: u64, of: u64) -> f64 {
    float_u(part) / float_u(of)
}

#[expect(clippy::cast_precision_loss, reason = "counts and amounts are far below 2^53")]
fn float(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float_u(value: u64) -> f64 {
    value as f64
}

fn count(value: usize) -> f64 {
    float_u(value as u64)
}
