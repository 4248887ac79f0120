//! Values of presets that need more than a TOML type.

use std::fmt;

use mockbank_bank::{Currency, Day, Money};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// An amount in major units with at most two decimals, read without passing through a sum of
/// floats: the shortest text of the number is what stood in the file.
pub(super) fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    struct Amount;

    impl Visitor<'_> for Amount {
        type Value = Money;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an amount such as 15 or 15.50")
        }

        fn visit_i64<E: Error>(self, major: i64) -> Result<Money, E> {
            major.to_string().parse().map_err(E::custom)
        }

        fn visit_f64<E: Error>(self, major: f64) -> Result<Money, E> {
            major.to_string().parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_any(Amount)
}

pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
    Day::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

pub(super) fn optional_day<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Day>, D::Error> {
    day(deserializer).map(Some)
}

pub(super) fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
    let code = String::deserialize(deserializer)?;
    Currency::from_code(&code).ok_or_else(|| {
        let known = Currency::ALL.map(Currency::code).join(", ");
        D::Error::custom(format!("the currency is one of {known}"))
    })
}
