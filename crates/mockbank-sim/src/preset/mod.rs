//! Presets: every parameter of a world, as TOML that people read and edit.

mod error;
pub(crate) mod households;
mod parse;
pub(crate) mod profiles;
mod validate;
pub(crate) mod validate_households;

use mockbank_bank::{Currency, Money};
use serde::Deserialize;

pub use error::PresetError;
pub(crate) use households::HouseholdsPreset;
pub(crate) use profiles::ProfilesPreset;

use crate::version;

/// Presets that are built in, by name.
const BUILTIN: [(&str, &str); 2] = [
    ("classic", include_str!("../../../../presets/classic.toml")),
    ("realistic", include_str!("../../../../presets/realistic.toml")),
];

/// Every parameter of a world: the sections of its model, `presets/classic.toml` or
/// `presets/realistic.toml` says what each one means.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    model: Model,
    text: String,
}

/// The models of customers, each with its own sections.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Model {
    /// Spending profiles, fixed pay days, one account and card.
    Profiles(Box<ProfilesPreset>),
    /// People with incomes, contracts, needs and habits.
    Households(Box<HouseholdsPreset>),
}

/// A preset's choice of model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModelName {
    #[default]
    Profiles,
    Households,
}

/// What is read of a preset to know its model.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    model: ModelName,
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
        let from_toml = |error| PresetError::from_toml(text, &error);
        let head: Head = toml::from_str(text).map_err(from_toml)?;
        let (model, checked) = match head.model {
            ModelName::Profiles => {
                let preset: ProfilesPreset = toml::from_str(text).map_err(from_toml)?;
                let checked = preset.validate();
                (Model::Profiles(Box::new(preset)), checked)
            }
            ModelName::Households => {
                let preset: HouseholdsPreset = toml::from_str(text).map_err(from_toml)?;
                let checked = preset.validate();
                (Model::Households(Box::new(preset)), checked)
            }
        };
        checked.map_err(|wrong| PresetError::at_key(text, &wrong.key, wrong.allowed))?;
        Ok(Self { model, text: text.to_owned() })
    }

    /// Version of the preset's model: another one makes other worlds from the same preset and seed.
    pub fn model_version(&self) -> u32 {
        match &self.model {
            Model::Profiles(_) => version::PROFILES,
            Model::Households(_) => version::HOUSEHOLDS,
        }
    }

    /// The present version of the model that a preset's text names, whether or not that version
    /// can read the rest of it.
    ///
    /// # Errors
    /// Where the text names no model.
    pub fn model_version_of(text: &str) -> Result<u32, PresetError> {
        let head: Head =
            toml::from_str(text).map_err(|error| PresetError::from_toml(text, &error))?;
        Ok(match head.model {
            ModelName::Profiles => version::PROFILES,
            ModelName::Households => version::HOUSEHOLDS,
        })
    }

    /// The preset's name.
    pub fn name(&self) -> &str {
        match &self.model {
            Model::Profiles(preset) => &preset.name,
            Model::Households(preset) => preset.name(),
        }
    }

    /// The TOML text that the preset was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What all accounts are kept in.
    pub fn currency(&self) -> Currency {
        match &self.model {
            Model::Profiles(preset) => preset.currency,
            Model::Households(preset) => preset.currency,
        }
    }

    /// The share of a spending profile's purchases that are of at most `amount`; `None` if there
    /// is no such profile, or where profiles do not set amounts.
    pub fn purchases_up_to(&self, profile: &str, amount: Money) -> Option<f64> {
        let Model::Profiles(preset) = &self.model else { return None };
        let profile = preset.profiles.iter().find(|known| known.name == profile)?;
        Some(profile.amount.distribution().share_up_to(amount))
    }

    /// Names of the spending profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        let names: Vec<&str> = match &self.model {
            Model::Profiles(preset) => {
                preset.profiles.iter().map(|row| row.name.as_str()).collect()
            }
            Model::Households(preset) => {
                preset.profiles.iter().map(|row| row.name.as_str()).collect()
            }
        };
        names.into_iter()
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }
}
