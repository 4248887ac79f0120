//! Money as JSON numbers, written from integers, never through a float.

use mockbank_bank::Money;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::json;

/// An amount: a number of major units with two decimals, debits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64, example = json!(-12.30))]
pub(crate) struct Amount(pub(crate) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // "-92233720368547758.08" has 21 characters.
        let mut text = Vec::with_capacity(21);
        json::amount(&mut text, self.0);
        let number: &RawValue = serde_json::from_slice(&text).map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_from_integers() {
        let write = |minor| serde_json::to_string(&Amount(Money::from_minor(minor))).unwrap();
        assert_eq!(write(0), "0.00");
        assert_eq!(write(-5), "-0.05");
        assert_eq!(write(-1230), "-12.30");
        assert_eq!(write(i64::MAX), "92233720368547758.07");
        assert_eq!(write(i64::MIN), "-92233720368547758.08");
    }
}
