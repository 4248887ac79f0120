//! What the values of a preset may be.

use mockbank_bank::Money;

use super::profiles::{Amounts, Hours, ProfilesPreset};
use crate::tables;

/// A key out of bounds, and what is allowed.
pub(super) struct Wrong {
    pub(super) key: String,
    pub(super) allowed: String,
}

/// Rounds in which customers may get to know each other: they are numbered in six bits.
pub(crate) const MAX_ROUNDS: usize = 64;
const MAX_PROFILES: usize = 1_000;
const MAX_NAME: usize = 60;

pub(super) type Checked = Result<(), Wrong>;

pub(super) fn check(holds: bool, key: &str, allowed: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(Wrong { key: key.to_owned(), allowed: allowed.into() }) }
}

impl ProfilesPreset {
    pub(super) fn validate(&self) -> Checked {
        name(&self.name, "name")?;
        self.population()?;
        days(&self.payroll.days, "payroll.days")?;
        hour(self.payroll.hour, "payroll.hour")?;
        hours(self.spending.hours, "spending.hours")?;
        probability(self.spending.home_city_probability, "spending.home_city_probability")?;
        hour(self.card_billing.hour, "card_billing.hour")?;
        self.transfers()?;
        self.profile_table()?;
        self.category_table()
    }

    fn population(&self) -> Checked {
        let population = &self.population;
        let (opening, salary) = (population.opening_balance, population.monthly_salary);
        amount(opening.min, "population.opening_balance.min")?;
        amount(opening.max, "population.opening_balance.max")?;
        ordered(opening.min, opening.max, "population.opening_balance.min")?;
        amount(salary.min, "population.monthly_salary.min")?;
        amount(salary.max, "population.monthly_salary.max")?;
        ordered(salary.min, salary.max, "population.monthly_salary.min")?;
        check(salary.step.is_positive(), "population.monthly_salary.step", "must be above 0")?;
        amount(population.card_limit, "population.card_limit")?;
        check(
            (1..=20).contains(&population.card_validity_years),
            "population.card_validity_years",
            "must be 1 to 20",
        )?;
        days(&population.billing_days, "population.billing_days")?;
        let domain = &population.email_domain;
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        check(
            !domain.is_empty() && domain.len() <= MAX_NAME && domain.bytes().all(letters),
            "population.email_domain",
            "must be a domain such as example.com",
        )?;
        probability(population.dark_theme_probability, "population.dark_theme_probability")?;
        probability(population.notifications_probability, "population.notifications_probability")
    }

    fn transfers(&self) -> Checked {
        let transfers = &self.transfers;
        hours(transfers.hours, "transfers.hours")?;
        probability(transfers.probability, "transfers.probability")?;
        amounts(&transfers.amount, "transfers.amount")?;
        let rounds = [transfers.circle_rounds, transfers.city_rounds, transfers.far_rounds];
        let total: usize = rounds.into_iter().map(usize::from).sum();
        let allowed = format!("all rounds together must be at most {MAX_ROUNDS}");
        check(total <= MAX_ROUNDS, "transfers.city_rounds", allowed)?;
        check((0.0..=10.0).contains(&transfers.tail), "transfers.tail", "must be 0 to 10")
    }

    fn profile_table(&self) -> Checked {
        let allowed = format!("must be 1 to {MAX_PROFILES} tables");
        check((1..=MAX_PROFILES).contains(&self.profiles.len()), "profiles", allowed)?;
        for (index, profile) in self.profiles.iter().enumerate() {
            let key = |field| format!("profiles[{index}].{field}");
            name(&profile.name, &key("name"))?;
            let earlier = self.profiles[..index].iter().any(|other| other.name == profile.name);
            check(!earlier, &key("name"), "is the name of another profile")?;
            probability(profile.probability, &key("probability"))?;
            amounts(&profile.amount, &key("amount"))?;
        }
        Ok(())
    }

    fn category_table(&self) -> Checked {
        let merchants = tables::merchants();
        let mut known: Vec<&str> = merchants.iter().map(|merchant| merchant.category).collect();
        known.dedup();
        check(!self.categories.is_empty(), "categories", "must be at least one table")?;
        for (index, category) in self.categories.iter().enumerate() {
            let key = |field| format!("categories[{index}].{field}");
            let allowed = format!("has no merchants; allowed are {}", known.join(", "));
            check(known.contains(&category.name.as_str()), &key("name"), allowed)?;
            let earlier = self.categories[..index].iter().any(|other| other.name == category.name);
            check(!earlier, &key("name"), "is the name of another category")?;
            let weight = category.weight;
            check((0.0..=1e6).contains(&weight), &key("weight"), "must be 0 to 1000000")?;
        }
        let total: f64 = self.categories.iter().map(|category| category.weight).sum();
        check(total >= 1e-3, "categories", "must have weights that are not all 0")
    }
}

pub(super) fn name(text: &str, key: &str) -> Checked {
    let fits =
        !text.trim().is_empty() && text.len() <= MAX_NAME && !text.contains(char::is_control);
    check(fits, key, format!("must be a text of 1 to {MAX_NAME} bytes"))
}

pub(super) fn probability(value: f64, key: &str) -> Checked {
    check((0.0..=1.0).contains(&value), key, "must be a probability, 0.0 to 1.0")
}

fn hour(value: u8, key: &str) -> Checked {
    check(value < 24, key, "must be an hour, 0 to 23")
}

pub(super) fn hours(hours: Hours, key: &str) -> Checked {
    let fits = hours.from < hours.to && hours.to <= 24;
    check(fits, key, "must have 0 <= from < to <= 24")
}

fn days(days: &[u8], key: &str) -> Checked {
    let fits = !days.is_empty() && days.iter().all(|day| (1..=31).contains(day));
    check(fits, key, "must be at least one day of the month, each 1 to 31")?;
    check(days.is_sorted_by(|a, b| a < b), key, "must rise, each day once")
}

pub(super) fn amount(value: Money, key: &str) -> Checked {
    let fits = !value.is_negative() && value <= Money::MAX_MOVEMENT;
    check(fits, key, format!("must be 0 to {}", Money::MAX_MOVEMENT))
}

pub(super) fn ordered(min: Money, max: Money, key: &str) -> Checked {
    check(min <= max, key, format!("must not be above max = {max}"))
}

fn amounts(amounts: &Amounts, key: &str) -> Checked {
    let bound = 1e10;
    check(amounts.mean.abs() <= bound, &format!("{key}.mean"), "must be -1e10 to 1e10")?;
    check((0.0..=bound).contains(&amounts.std), &format!("{key}.std"), "must be 0 to 1e10")?;
    amount(amounts.min, &format!("{key}.min"))?;
    check(amounts.min.is_positive(), &format!("{key}.min"), "must be above 0")?;
    amount(amounts.max, &format!("{key}.max"))?;
    ordered(amounts.min, amounts.max, &format!("{key}.min"))
}
