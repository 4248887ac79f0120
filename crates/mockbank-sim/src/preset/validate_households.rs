//! What the values of a preset of the model `households` may be.

use super::households::{Bill, Bounds, Change, HouseholdsPreset, Need, Scenario, Spread};
use super::validate::{Checked, check, name, probability};
use crate::tables;

/// Needs are drawn from arrays of this size.
pub(crate) const MAX_NEEDS: usize = 16;
/// Kinds of bills, and contracts of a kind, are numbered in six and three bits.
const MAX_BILLS: usize = 64;
const MAX_CONTRACTS: u8 = 8;
/// Rounds of friends share the numbers of groups with other transfers.
const MAX_FRIENDS: usize = 48;
const MAX_AMOUNT: f64 = 1e9;

impl HouseholdsPreset {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn validate(&self) -> Checked {
        name(&self.name, "name")?;
        self.people()?;
        self.income()?;
        self.calendar()?;
        self.banking()?;
        self.cards()?;
        self.friends()?;
        self.lifecycle()?;
        self.crime()?;
        within(self.market.independents, 0.0, 50.0, "market.independents")?;
        within(self.market.independents_growth, 0.0, 2.0, "market.independents_growth")?;
        check(!self.profiles.is_empty(), "profiles", "must be at least one table")?;
        for (index, anchor) in self.profiles.iter().enumerate() {
            name(&anchor.name, &format!("profiles[{index}].name"))?;
            let key = format!("profiles[{index}].monthly_spending");
            within(anchor.monthly_spending, 1.0, MAX_AMOUNT, &key)?;
        }
        let needs = format!("must be 1 to {MAX_NEEDS} tables");
        check((1..=MAX_NEEDS).contains(&self.needs.len()), "needs", needs)?;
        for (index, row) in self.needs.iter().enumerate() {
            need(row, &format!("needs[{index}]"))?;
        }
        check(self.bills.len() <= MAX_BILLS, "bills", format!("must be at most {MAX_BILLS}"))?;
        for (index, row) in self.bills.iter().enumerate() {
            bill(row, &format!("bills[{index}]"))?;
        }
        for (index, row) in self.scenarios.iter().enumerate() {
            scenario(row, &format!("scenarios[{index}]"))?;
        }
        Ok(())
    }

    fn people(&self) -> Checked {
        let people = &self.people;
        let years = (1..=20).contains(&people.card_validity_years);
        check(years, "people.card_validity_years", "must be 1 to 20")?;
        name(&people.email_domain, "people.email_domain")?;
        for (value, key) in [
            (people.dark_theme_probability, "people.dark_theme_probability"),
            (people.notifications_probability, "people.notifications_probability"),
            (people.student_probability, "people.student_probability"),
            (people.retired_probability, "people.retired_probability"),
            (people.gig_probability, "people.gig_probability"),
            (people.savings_probability, "people.savings_probability"),
            (people.overdraft_probability, "people.overdraft_probability"),
        ] {
            probability(value, key)?;
        }
        for (value, key) in [
            (people.activity_spread, "people.activity_spread"),
            (people.taste_spread, "people.taste_spread"),
            (people.price_spread, "people.price_spread"),
            (people.overdraft_months, "people.overdraft_months"),
            (people.hour_spread, "people.hour_spread"),
        ] {
            within(value, 0.0, 4.0, key)?;
        }
        spread(people.opening_months, "people.opening_months")?;
        spread(people.savings_months, "people.savings_months")?;
        check(!people.ages.is_empty(), "people.ages", "must be at least one table")?;
        for (index, ages) in people.ages.iter().enumerate() {
            let key = |field| format!("people.ages[{index}].{field}");
            let rise = 18 <= ages.from && ages.from <= ages.to && ages.to <= 110;
            check(rise, &key("from"), "must have 18 <= from <= to <= 110")?;
            weights(&ages.homes, &key("homes"))?;
        }
        let shares: Vec<f64> = people.ages.iter().map(|ages| ages.weight).collect();
        weights(&shares, "people.ages")
    }

    fn income(&self) -> Checked {
        let income = &self.income;
        spread(income.monthly, "income.monthly")?;
        within(income.tail_from, 0.5, 1.0, "income.tail_from")?;
        within(income.tail_exponent, 1.1, 20.0, "income.tail_exponent")?;
        within(income.student_factor, 0.0, 2.0, "income.student_factor")?;
        within(income.retired_factor, 0.0, 2.0, "income.retired_factor")?;
        within(income.benefit_factor, 0.0, 2.0, "income.benefit_factor")?;
        let schedules = income.schedules;
        let shares =
            [schedules.weekly, schedules.biweekly, schedules.semi_monthly, schedules.monthly];
        weights(&shares, "income.schedules")?;
        weights(&income.weekdays, "income.weekdays")?;
        for (value, key) in [
            (income.hourly_probability, "income.hourly_probability"),
            (income.bonus_probability, "income.bonus_probability"),
            (income.tax_refund_probability, "income.tax_refund_probability"),
            (income.job_loss_yearly, "income.job_loss_yearly"),
            (income.side_probability, "income.side_probability"),
        ] {
            probability(value, key)?;
        }
        within(income.hourly_spread, 0.0, 1.0, "income.hourly_spread")?;
        within(income.new_pay_spread, 0.0, 1.0, "income.new_pay_spread")?;
        within(income.yearly_rise, -0.5, 1.0, "income.yearly_rise")?;
        within(income.side_weekly, 0.0, 7.0, "income.side_weekly")?;
        spread(income.side_amount, "income.side_amount")?;
        spread(income.bonus_months, "income.bonus_months")?;
        spread(income.tax_refund_months, "income.tax_refund_months")?;
        spread(income.job_gap_weeks, "income.job_gap_weeks")?;
        spread(income.parents_monthly, "income.parents_monthly")
    }

    fn calendar(&self) -> Checked {
        let calendar = &self.calendar;
        within(calendar.inflation_yearly, -0.5, 1.0, "calendar.inflation_yearly")?;
        within(calendar.pay_day_effect, 0.1, 10.0, "calendar.pay_day_effect")?;
        within(calendar.trips_yearly, 0.0, 10.0, "calendar.trips_yearly")?;
        days(calendar.trip_days, 1, 30, "calendar.trip_days")
    }

    fn banking(&self) -> Checked {
        let banking = &self.banking;
        within(banking.withdrawals_monthly, 0.0, 30.0, "banking.withdrawals_monthly")?;
        within(banking.cash_deposits_monthly, 0.0, 30.0, "banking.cash_deposits_monthly")?;
        spread(banking.withdrawal, "banking.withdrawal")?;
        probability(banking.tipped, "banking.tipped")?;
        probability(banking.cash_businesses, "banking.cash_businesses")?;
        spread(banking.takings_months, "banking.takings_months")?;
        shares(banking.saving_share, "banking.saving_share")?;
        within(banking.cushion_months, 0.0, 100.0, "banking.cushion_months")?;
        within(banking.savings_rate_yearly, 0.0, 1.0, "banking.savings_rate_yearly")?;
        within(banking.low_months, 0.0, 100.0, "banking.low_months")?;
        within(banking.elasticity, 0.0, 1.0, "banking.elasticity")?;
        within(banking.overdraft_fee, 0.0, 1e4, "banking.overdraft_fee")?;
        within(banking.returned_fee, 0.0, 1e4, "banking.returned_fee")?;
        probability(banking.paid_by_hand, "banking.paid_by_hand")?;
        within(banking.retry_days.into(), 1.0, 20.0, "banking.retry_days")
    }

    fn cards(&self) -> Checked {
        let cards = &self.cards;
        weights(&cards.held, "cards.held")?;
        probability(cards.credit_share, "cards.credit_share")?;
        spread(cards.limit_months, "cards.limit_months")?;
        let due = !cards.due_days.is_empty() && cards.due_days.iter().all(|d| (1..=28).contains(d));
        check(due, "cards.due_days", "must be at least one day of the month, each 1 to 28")?;
        within(cards.statement_days_before.into(), 1.0, 27.0, "cards.statement_days_before")?;
        probability(cards.full, "cards.full")?;
        probability(cards.full + cards.minimum, "cards.minimum")?;
        shares(cards.part, "cards.part")?;
        probability(cards.late_probability, "cards.late_probability")?;
        within(cards.late_days.into(), 1.0, 20.0, "cards.late_days")?;
        within(cards.late_fee, 0.0, 1e4, "cards.late_fee")?;
        probability(cards.minimum_share, "cards.minimum_share")?;
        within(cards.minimum_amount, 0.0, 1e4, "cards.minimum_amount")?;
        within(cards.rate_yearly, 0.0, 2.0, "cards.rate_yearly")?;
        spread(cards.carried_months, "cards.carried_months")
    }

    fn friends(&self) -> Checked {
        let friends = &self.friends;
        let rounds = [friends.circle_rounds, friends.city_rounds, friends.far_rounds];
        let total: usize = rounds.into_iter().map(usize::from).sum();
        let allowed = format!("all rounds together must be at most {MAX_FRIENDS}");
        check(total <= MAX_FRIENDS, "friends.city_rounds", allowed)?;
        within(friends.tail, 0.0, 10.0, "friends.tail")?;
        within(friends.monthly, 0.0, 30.0, "friends.monthly")?;
        within(friends.elsewhere_monthly, 0.0, 30.0, "friends.elsewhere_monthly")?;
        spread(friends.amount, "friends.amount")?;
        spread(friends.rent_share, "friends.rent_share")?;
        probability(friends.rent_share_probability, "friends.rent_share_probability")?;
        weights(&friends.weekdays, "friends.weekdays")?;
        weights(&friends.hours, "friends.hours")
    }

    fn crime(&self) -> Checked {
        let crime = &self.crime;
        probability(crime.difficulty, "crime.difficulty")?;
        for rate in crime.cases_yearly.all() {
            within(rate, 0.0, 1.0, "crime.cases_yearly")?;
        }
        spread(crime.transfer, "crime.transfer")?;
        probability(crime.reported, "crime.reported")?;
        probability(crime.scams_reimbursed, "crime.scams_reimbursed")?;
        within(crime.schemes_yearly, 0.0, 20.0, "crime.schemes_yearly")?;
        spread(crime.scheme_money, "crime.scheme_money")?;
        probability(crime.alerted, "crime.alerted")?;
        spread(crime.alert_days, "crime.alert_days")?;
        probability(crime.false_alarms, "crime.false_alarms")
    }

    fn lifecycle(&self) -> Checked {
        let lifecycle = &self.lifecycle;
        days(lifecycle.refund_days, 1, 60, "lifecycle.refund_days")?;
        days(lifecycle.dispute_days, 1, 120, "lifecycle.dispute_days")?;
        probability(lifecycle.duplicate_probability, "lifecycle.duplicate_probability")?;
        probability(lifecycle.dispute_probability, "lifecycle.dispute_probability")
    }
}

fn need(need: &Need, key: &str) -> Checked {
    let at = |field: &str| format!("{key}.{field}");
    name(&need.name, &at("name"))?;
    name(&need.category, &at("category"))?;
    let merchants = tables::merchants();
    let known = |kind: &u16| merchants.iter().any(|merchant| merchant.mcc == *kind);
    let kinds = !need.kinds.is_empty() && need.kinds.iter().all(known);
    check(kinds, &at("kinds"), "must be codes that merchants in data/merchants.csv have")?;
    within(need.monthly, 0.0, 200.0, &at("monthly"))?;
    spread(need.amount, &at("amount"))?;
    spread(need.change, &at("change"))?;
    within(need.exponent, 1.05, 20.0, &at("exponent"))?;
    within(need.loyalty, 0.0, 5.0, &at("loyalty"))?;
    for (value, field) in [
        (need.tail, "tail"),
        (need.small, "small"),
        (need.whole, "whole"),
        (need.fives, "fives"),
        (need.online, "online"),
        (need.independent, "independent"),
        (need.cleared, "cleared"),
        (need.refund, "refund"),
    ] {
        probability(value, &at(field))?;
    }
    weights(&need.hours, &at("hours"))?;
    weights(&need.weekdays, &at("weekdays"))?;
    weights(&need.months, &at("months"))
}

fn bill(bill: &Bill, key: &str) -> Checked {
    let at = |field: &str| format!("{key}.{field}");
    name(&bill.name, &at("name"))?;
    name(&bill.category, &at("category"))?;
    check(!bill.payees.is_empty(), &at("payees"), "must be at least one name")?;
    for (index, payee) in bill.payees.iter().enumerate() {
        name(payee, &at(&format!("payees[{index}]")))?;
    }
    for share in bill.holders {
        probability(share, &at("holders"))?;
    }
    spread(bill.amount, &at("amount"))?;
    within(bill.income_power, 0.0, 2.0, &at("income_power"))?;
    within(bill.income_from, 0.0, 100.0, &at("income_from"))?;
    weights(&bill.months, &at("months"))?;
    within(bill.noise, 0.0, 2.0, &at("noise"))?;
    probability(bill.whole, &at("whole"))?;
    probability(bill.on_card, &at("on_card"))?;
    probability(bill.gap, &at("gap"))?;
    days(bill.due, 1, 28, &at("due"))?;
    within(bill.every.into(), 1.0, 12.0, &at("every"))?;
    let rise = 1 <= bill.term.min && bill.term.min <= bill.term.max && bill.term.max <= 1_200;
    check(rise, &at("term"), "must have 1 <= min <= max <= 1200")?;
    for price in &bill.prices {
        within(*price, 0.01, 1e6, &at("prices"))?;
    }
    let contracts = (1..=MAX_CONTRACTS).contains(&bill.contracts);
    check(contracts, &at("contracts"), format!("must be 1 to {MAX_CONTRACTS}"))
}

fn scenario(scenario: &Scenario, key: &str) -> Checked {
    let at = |field: &str| format!("{key}.{field}");
    name(&scenario.name, &at("name"))?;
    let ordered = scenario.to.is_none_or(|to| scenario.from <= to);
    check(ordered, &at("to"), "must not be before from")?;
    match scenario.change {
        Change::Wages | Change::Prices => {
            let allowed = "must be there, 0.01 to 100";
            let factor = scenario.factor.is_some_and(|factor| (0.01..=100.0).contains(&factor));
            check(factor, &at("factor"), allowed)
        }
        Change::Holiday | Change::Breach => {
            check(scenario.factor.is_none(), &at("factor"), "is for wages and prices alone")
        }
    }?;
    breach(scenario, &at)?;
    let industry = scenario.industry.is_none() || scenario.change == Change::Wages;
    check(industry, &at("industry"), "is for wages alone")
}

fn breach(scenario: &Scenario, at: &dyn Fn(&str) -> String) -> Checked {
    if scenario.change != Change::Breach {
        check(scenario.merchant.is_none(), &at("merchant"), "is for breaches alone")?;
        return check(scenario.share.is_none(), &at("share"), "is for breaches alone");
    }
    check(scenario.to.is_some(), &at("to"), "must be there")?;
    let share = scenario.share.is_some_and(|share| (0.0..=1.0).contains(&share));
    check(share, &at("share"), "must be there, 0 to 1")?;
    let known = |name: &String| tables::merchants().iter().any(|row| row.name == name);
    let allowed = "must be the name of a merchant in data/merchants.csv";
    check(scenario.merchant.as_ref().is_some_and(known), &at("merchant"), allowed)
}

fn within(value: f64, min: f64, max: f64, key: &str) -> Checked {
    check((min..=max).contains(&value), key, format!("must be {min} to {max}"))
}

fn spread(value: Spread, key: &str) -> Checked {
    within(value.median, 0.0, MAX_AMOUNT, &format!("{key}.median"))?;
    within(value.spread, 0.0, 4.0, &format!("{key}.spread"))
}

fn shares(bounds: Bounds<f64>, key: &str) -> Checked {
    probability(bounds.min, &format!("{key}.min"))?;
    probability(bounds.max, &format!("{key}.max"))?;
    check(bounds.min <= bounds.max, &format!("{key}.min"), "must not be above max")
}

fn days(bounds: Bounds<u8>, min: u8, max: u8, key: &str) -> Checked {
    let fits = min <= bounds.min && bounds.min <= bounds.max && bounds.max <= max;
    check(fits, key, format!("must have {min} <= min <= max <= {max}"))
}

fn weights(weights: &[f64], key: &str) -> Checked {
    let fits = weights.iter().all(|weight| (0.0..=1e6).contains(weight));
    check(fits && weights.iter().sum::<f64>() > 0.0, key, "must be 0 to 1000000 and not all 0")
}
