//! The parameters of the model `households`; `presets/realistic.toml` says what each one means.

use mockbank_bank::{Currency, Day};
use serde::Deserialize;

use super::{ModelName, parse};

/// All parameters of the model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HouseholdsPreset {
    pub(super) name: String,
    #[serde(rename = "model")]
    pub(super) _model: ModelName,
    #[serde(deserialize_with = "parse::currency")]
    pub(crate) currency: Currency,
    pub(crate) people: People,
    pub(crate) income: Income,
    pub(crate) calendar: Calendar,
    pub(crate) banking: Banking,
    pub(crate) cards: Cards,
    pub(crate) friends: Friends,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) market: Market,
    pub(crate) crime: Crime,
    pub(crate) profiles: Vec<Anchor>,
    pub(crate) needs: Vec<Need>,
    pub(crate) bills: Vec<Bill>,
    #[serde(default)]
    pub(crate) scenarios: Vec<Scenario>,
}

/// A change of the world from a day on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    #[serde(deserialize_with = "parse::day")]
    pub(crate) from: Day,
    /// The last day; the end of time if there is none.
    #[serde(default, deserialize_with = "parse::optional_day")]
    pub(crate) to: Option<Day>,
    pub(crate) change: Change,
    /// What wages or prices are multiplied by.
    #[serde(default)]
    pub(crate) factor: Option<f64>,
    /// Word that employers' names end in; all employers if there is none.
    #[serde(default)]
    pub(crate) industry: Option<String>,
    /// The merchant of a breach, by the name of a chain.
    #[serde(default)]
    pub(crate) merchant: Option<String>,
    /// Share of its customers whose card is abused.
    #[serde(default)]
    pub(crate) share: Option<f64>,
}

/// What a scenario changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    /// Wages, of an industry or of all.
    Wages,
    /// What is bought and billed, but for the instalments of loans.
    Prices,
    /// Banks are closed on days that nobody foresaw.
    Holiday,
    /// A merchant loses the data of the cards it was paid with.
    Breach,
}

impl Scenario {
    pub(crate) fn holds(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// A lognormal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    /// Standard deviation of the logarithm.
    pub(crate) spread: f64,
}

/// Whole numbers or shares between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bounds<T> {
    pub(crate) min: T,
    pub(crate) max: T,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    pub(crate) card_validity_years: u8,
    pub(crate) email_domain: String,
    pub(crate) dark_theme_probability: f64,
    pub(crate) notifications_probability: f64,
    pub(crate) ages: Vec<Ages>,
    pub(crate) student_probability: f64,
    pub(crate) retired_probability: f64,
    pub(crate) gig_probability: f64,
    pub(crate) opening_months: Spread,
    pub(crate) savings_probability: f64,
    pub(crate) savings_months: Spread,
    pub(crate) overdraft_probability: f64,
    pub(crate) overdraft_months: f64,
    pub(crate) activity_spread: f64,
    pub(crate) taste_spread: f64,
    pub(crate) price_spread: f64,
    pub(crate) hour_spread: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ages {
    pub(crate) from: u8,
    pub(crate) to: u8,
    pub(crate) weight: f64,
    pub(crate) homes: [f64; 4],
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Income {
    pub(crate) enabled: bool,
    pub(crate) monthly: Spread,
    pub(crate) tail_from: f64,
    pub(crate) tail_exponent: f64,
    pub(crate) student_factor: f64,
    pub(crate) retired_factor: f64,
    pub(crate) benefit_factor: f64,
    pub(crate) schedules: Schedules,
    pub(crate) weekdays: [f64; 7],
    pub(crate) hourly_probability: f64,
    pub(crate) hourly_spread: f64,
    pub(crate) bonus_probability: f64,
    pub(crate) bonus_months: Spread,
    pub(crate) tax_refund_probability: f64,
    pub(crate) tax_refund_months: Spread,
    pub(crate) yearly_rise: f64,
    pub(crate) job_loss_yearly: f64,
    pub(crate) job_gap_weeks: Spread,
    pub(crate) new_pay_spread: f64,
    pub(crate) parents_monthly: Spread,
    pub(crate) side_probability: f64,
    pub(crate) side_weekly: f64,
    pub(crate) side_amount: Spread,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedules {
    pub(crate) weekly: f64,
    pub(crate) biweekly: f64,
    pub(crate) semi_monthly: f64,
    pub(crate) monthly: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    pub(crate) inflation_yearly: f64,
    pub(crate) pay_day_effect: f64,
    pub(crate) trips_yearly: f64,
    pub(crate) trip_days: Bounds<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Banking {
    pub(crate) cash_enabled: bool,
    pub(crate) withdrawals_monthly: f64,
    pub(crate) withdrawal: Spread,
    pub(crate) cash_deposits_monthly: f64,
    pub(crate) tipped: f64,
    pub(crate) cash_businesses: f64,
    pub(crate) takings_months: Spread,
    pub(crate) saving_enabled: bool,
    pub(crate) saving_share: Bounds<f64>,
    pub(crate) cushion_months: f64,
    pub(crate) savings_rate_yearly: f64,
    pub(crate) low_months: f64,
    pub(crate) elasticity: f64,
    pub(crate) overdraft_fee: f64,
    pub(crate) returned_fee: f64,
    pub(crate) retry_days: u8,
    pub(crate) paid_by_hand: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cards {
    pub(crate) enabled: bool,
    pub(crate) held: [f64; 4],
    pub(crate) credit_share: f64,
    pub(crate) limit_months: Spread,
    pub(crate) due_days: Vec<u8>,
    pub(crate) statement_days_before: u8,
    pub(crate) full: f64,
    pub(crate) minimum: f64,
    pub(crate) part: Bounds<f64>,
    pub(crate) late_probability: f64,
    pub(crate) late_days: u8,
    pub(crate) late_fee: f64,
    pub(crate) minimum_share: f64,
    pub(crate) minimum_amount: f64,
    pub(crate) rate_yearly: f64,
    pub(crate) carried_months: Spread,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Friends {
    pub(crate) enabled: bool,
    pub(crate) circle_rounds: u8,
    pub(crate) city_rounds: u8,
    pub(crate) far_rounds: u8,
    pub(crate) tail: f64,
    pub(crate) monthly: f64,
    pub(crate) amount: Spread,
    pub(crate) rent_share_probability: f64,
    pub(crate) rent_share: Spread,
    pub(crate) elsewhere_monthly: f64,
    pub(crate) weekdays: [f64; 7],
    pub(crate) hours: [f64; 24],
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lifecycle {
    pub(crate) refund_days: Bounds<u8>,
    pub(crate) duplicate_probability: f64,
    pub(crate) dispute_probability: f64,
    pub(crate) dispute_days: Bounds<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crime {
    pub(crate) enabled: bool,
    pub(crate) difficulty: f64,
    pub(crate) cases_yearly: Cases,
    pub(crate) transfer: Spread,
    pub(crate) reported: f64,
    pub(crate) scams_reimbursed: f64,
    pub(crate) schemes_yearly: f64,
    pub(crate) scheme_money: Spread,
    pub(crate) alerted: f64,
    pub(crate) alert_days: Spread,
    pub(crate) false_alarms: f64,
}

/// Cases a customer and year.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cases {
    pub(crate) card_testing: f64,
    pub(crate) card_not_present: f64,
    pub(crate) stolen_card: f64,
    pub(crate) account_takeover: f64,
    pub(crate) push_payment_scam: f64,
    pub(crate) bust_out: f64,
    pub(crate) friendly_chargeback: f64,
}

impl Cases {
    pub(crate) fn all(&self) -> [f64; 7] {
        [
            self.card_testing,
            self.card_not_present,
            self.stolen_card,
            self.account_takeover,
            self.push_payment_scam,
            self.bust_out,
            self.friendly_chargeback,
        ]
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Market {
    pub(crate) independents: f64,
    pub(crate) independents_growth: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Anchor {
    pub(crate) name: String,
    pub(crate) monthly_spending: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Need {
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) kinds: Vec<u16>,
    pub(crate) monthly: f64,
    pub(crate) amount: Spread,
    pub(crate) tail: f64,
    pub(crate) exponent: f64,
    pub(crate) small: f64,
    pub(crate) whole: f64,
    pub(crate) fives: f64,
    pub(crate) online: f64,
    pub(crate) independent: f64,
    pub(crate) loyalty: f64,
    pub(crate) cleared: f64,
    pub(crate) change: Spread,
    pub(crate) refund: f64,
    pub(crate) hours: [f64; 24],
    pub(crate) weekdays: [f64; 7],
    pub(crate) months: [f64; 12],
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bill {
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) payee: Payee,
    pub(crate) payees: Vec<String>,
    pub(crate) holders: [f64; 4],
    pub(crate) amount: Spread,
    pub(crate) income_power: f64,
    /// Income below which nobody has it, as a share of the preset's median.
    #[serde(default)]
    pub(crate) income_from: f64,
    pub(crate) months: [f64; 12],
    pub(crate) noise: f64,
    pub(crate) whole: f64,
    pub(crate) due: Bounds<u8>,
    pub(crate) on_card: f64,
    pub(crate) every: u8,
    pub(crate) term: Bounds<u16>,
    pub(crate) gap: f64,
    pub(crate) prices: Vec<f64>,
    pub(crate) contracts: u8,
}

/// What the payees of a bill are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Payee {
    Landlord,
    Lender,
    Government,
    Biller,
}
