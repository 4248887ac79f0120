//! Presets: every parameter of a world, as TOML that people read and edit.

mod error;
mod parse;
mod validate;

use mockbank_bank::{Currency, Money};
use serde::Deserialize;

pub use error::PresetError;

use crate::distribution::ClippedGaussian;

/// Presets that are built in, by name.
const BUILTIN: [(&str, &str); 1] = [("classic", include_str!("../../../../presets/classic.toml"))];

/// Every parameter of a world; `presets/classic.toml` says what each one means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    name: String,
    #[serde(deserialize_with = "parse::currency")]
    currency: Currency,
    pub(crate) population: Population,
    pub(crate) payroll: Payroll,
    pub(crate) spending: Spending,
    pub(crate) card_billing: CardBilling,
    pub(crate) transfers: Transfers,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) categories: Vec<Category>,
    #[serde(skip)]
    text: String,
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

impl Preset {
    /// The TOML text of a preset that is built in.
    pub fn builtin(name: &str) -> Option<&'static str> {
        BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// Names of the presets that are built in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// Reads a preset.
    ///
    /// # Errors
    /// Where a key is missing, unknown or out of bounds; the error names it, its line, and what is
    /// allowed.
    pub fn parse(text: &str) -> Result<Self, PresetError> {
        let mut preset: Self =
            toml::from_str(text).map_err(|error| PresetError::from_toml(text, &error))?;
        preset.validate().map_err(|wrong| PresetError::at_key(text, &wrong.key, wrong.allowed))?;
        text.clone_into(&mut preset.text);
        Ok(preset)
    }

    /// The preset's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The TOML text that the preset was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What all accounts are kept in.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The share of a spending profile's purchases that are of at most `amount`; `None` if there
    /// is no such profile.
    pub fn purchases_up_to(&self, profile: &str, amount: Money) -> Option<f64> {
        let profile = self.profiles.iter().find(|known| known.name == profile)?;
        Some(ClippedGaussian::new(&profile.amount).share_up_to(amount))
    }

    /// Names of the spending profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str())
    }
}
