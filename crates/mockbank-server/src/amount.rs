//! Money as JSON numbers, written from integers and read from text, never through a float.

use std::io::Write;

use mockbank_bank::Money;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An amount: a number of major units with two decimals, debits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64, example = json!(-12.30))]
pub(crate) struct Amount(pub(crate) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // "-92233720368547758.08" has 21 characters.
        let mut text = [0; 24];
        let mut rest = &mut text[..];
        let sign = if self.0.is_negative() { "-" } else { "" };
        let minor = self.0.minor().unsigned_abs();
        write!(rest, "{sign}{}.{:02}", minor / 100, minor % 100).map_err(S::Error::custom)?;
        let unused = rest.len();
        let number: &RawValue =
            serde_json::from_slice(&text[..text.len() - unused]).map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

/// The smallest amount of whole minor units that is not below the decimal number `text`, or
/// `None` if that is no number, below zero, or larger than one movement can be.
///
/// An amount is at least 12.345 exactly when it is at least 12.35, so more than two decimals are
/// no mistake in a lower bound.
pub(crate) fn lower_bound(text: &str) -> Option<Money> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok().filter(|exponent: &i64| exponent.abs() < 1000)?;
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Money::ZERO);
    }
    // The number is `digits` times this power of ten, in minor units.
    let shift = exponent + 2 - i64::try_from(fraction.len()).ok()?;
    let length = i64::try_from(digits.len()).ok()?;
    if negative || length + shift > 18 {
        return None;
    }
    let kept = usize::try_from((length + shift).clamp(0, length)).ok()?;
    let (kept, dropped) = digits.split_at(kept);
    let zeros = usize::try_from(shift.max(0)).ok()?;
    let minor: i64 = format!("0{kept}{}", "0".repeat(zeros)).parse().ok()?;
    let rounded = minor + i64::from(dropped.bytes().any(|digit| digit != b'0'));
    Some(Money::from_minor(rounded)).filter(|amount| *amount <= Money::MAX_MOVEMENT)
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

    #[test]
    fn lower_bounds_are_rounded_up() {
        let read = |text: &str| lower_bound(text).map(Money::minor);
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("-0.0"), Some(0));
        assert_eq!(read("50"), Some(5000));
        assert_eq!(read("12.34"), Some(1234));
        assert_eq!(read("12.345"), Some(1235));
        assert_eq!(read("12.3400"), Some(1234));
        assert_eq!(read("0.001"), Some(1));
        assert_eq!(read("5e-324"), Some(1));
        assert_eq!(read("1.5E+3"), Some(150_000));
        assert_eq!(read("1e10"), Some(1_000_000_000_000));
        for text in ["", ".", "-1", "1e11", "1e999999", "NaN", "inf", "1,5", "0x1", "1e", "--1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
