//! The parameters of the model `profiles`; `presets/classic.toml` says what each one means.

use mockbank_bank::{Currency, Money};
use serde::Deserialize;

use super::{ModelName, parse};
use crate::distribution::ClippedGaussian;

/// All parameters of the model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfilesPreset {
    pub(super) name: String,
    #[serde(default, rename = "model")]
    _model: ModelName,
    #[serde(deserialize_with = "parse::currency")]
    pub(crate) currency: Currency,
    pub(crate) population: Population,
    pub(crate) payroll: Payroll,
    pub(crate) spending: Spending,
    pub(crate) card_billing: CardBilling,
    pub(crate) transfers: Transfers,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) categories: Vec<Category>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) opening_balance: Range,
    pub(crate) monthly_salary: Steps,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) card_limit: Money,
    pub(crate) card_validity_years: u8,
    pub(crate) billing_days: Vec<u8>,
    pub(crate) email_domain: String,
    pub(crate) dark_theme_probability: f64,
    pub(crate) notifications_probability: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    #[serde(deserialize_with = "parse::money")]
    pub(crate) min: Money,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) max: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    #[serde(deserialize_with = "parse::money")]
    pub(crate) min: Money,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) max: Money,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) step: Money,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payroll {
    pub(crate) enabled: bool,
    pub(crate) days: Vec<u8>,
    pub(crate) hour: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spending {
    pub(crate) enabled: bool,
    pub(crate) hours: Hours,
    pub(crate) home_city_probability: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hours {
    pub(crate) from: u8,
    pub(crate) to: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardBilling {
    pub(crate) enabled: bool,
    pub(crate) hour: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transfers {
    pub(crate) enabled: bool,
    pub(crate) hours: Hours,
    pub(crate) probability: f64,
    pub(crate) amount: Amounts,
    pub(crate) circle_rounds: u8,
    pub(crate) city_rounds: u8,
    pub(crate) far_rounds: u8,
    pub(crate) tail: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amounts {
    pub(crate) mean: f64,
    pub(crate) std: f64,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) min: Money,
    #[serde(deserialize_with = "parse::money")]
    pub(crate) max: Money,
}

impl Amounts {
    /// What amounts are drawn from. The bounds are between 0 and [`Money::MAX_MOVEMENT`].
    pub(crate) fn distribution(&self) -> ClippedGaussian {
        ClippedGaussian::new(self.mean, self.std, self.min, self.max)
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) probability: f64,
    pub(crate) amount: Amounts,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) weight: f64,
}
