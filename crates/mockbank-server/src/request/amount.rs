//! Money as JSON numbers, read from their text, never through a float.

use mockbank_bank::Money;

/// A decimal number as it was written: its digits as a whole number, times ten to the power of
/// `shift`, in minor units.
struct Decimal<'a> {
    negative: bool,
    /// The digits before the point and those behind it.
    digits: [&'a [u8]; 2],
    shift: i64,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().ok().filter(|exponent: &i64| exponent.abs() < 1000)?;
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole.as_bytes(), fraction.as_bytes()];
        if whole.is_empty() || !digits.iter().copied().flatten().all(u8::is_ascii_digit) {
            return None;
        }
        let shift = exponent + 2 - i64::try_from(fraction.len()).ok()?;
        Some(Self { negative, digits, shift })
    }

    /// The size in whole minor units, and whether that leaves out a part of the number; `None` if
    /// it is larger than an amount can be.
    fn minor(&self) -> Option<(i64, bool)> {
        let digits = self.digits.iter().copied().flatten().skip_while(|digit| **digit == b'0');
        let length = i64::try_from(digits.clone().count()).ok()?;
        if length == 0 {
            return Some((0, false));
        }
        if length + self.shift > 18 {
            return None;
        }
        let kept = usize::try_from((length + self.shift).max(0)).ok()?;
        let append = |minor: i64, digit: u8| minor * 10 + i64::from(digit - b'0');
        // Behind a shift to the left come zeros.
        let zeros = std::iter::repeat_n(&b'0', usize::try_from(self.shift.max(0)).ok()?);
        let minor = digits.clone().chain(zeros).take(kept).fold(0, |m, digit| append(m, *digit));
        let inexact = digits.skip(kept).any(|digit| *digit != b'0');
        Some((minor, inexact))
    }
}

/// The smallest amount of whole minor units that is not below the decimal number `text`, or
/// `None` if that is no number, below zero, or larger than one movement can be.
///
/// An amount is at least 12.345 exactly when it is at least 12.35, so more than two decimals are
/// no mistake in a lower bound.
pub(crate) fn lower_bound(text: &str) -> Option<Money> {
    let number = Decimal::parse(text)?;
    let (minor, inexact) = number.minor()?;
    if number.negative && (minor > 0 || inexact) {
        return None;
    }
    let rounded = Money::from_minor(minor + i64::from(inexact));
    Some(rounded).filter(|amount| *amount <= Money::MAX_MOVEMENT)
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmountError {
    /// It is no number.
    NotANumber,
    /// It has a part of a minor unit.
    Decimals,
}

/// The amount that the decimal number `text` stands for, exactly. One that is larger than any
/// amount becomes the largest there is, which is refused like every other that is too large.
pub(crate) fn exact(text: &str) -> Result<Money, AmountError> {
    let number = Decimal::parse(text).ok_or(AmountError::NotANumber)?;
    let (minor, inexact) = number.minor().unwrap_or((i64::MAX, false));
    if inexact {
        return Err(AmountError::Decimals);
    }
    Ok(Money::from_minor(if number.negative { -minor } else { minor }))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn amounts_are_read_exactly() {
        let read = |text: &str| exact(text).map(Money::minor);
        assert_eq!(read("0.1"), Ok(10));
        assert_eq!(read("-12.30"), Ok(-1230));
        assert_eq!(read("12.3000"), Ok(1230));
        assert_eq!(read("1.5e3"), Ok(150_000));
        assert_eq!(read("1E-2"), Ok(1));
        assert_eq!(read("-0"), Ok(0));
        assert_eq!(read("90071992547409.93"), Ok(9_007_199_254_740_993));
        assert_eq!(read("1e300"), Ok(i64::MAX));
        assert_eq!(read("-1e300"), Ok(-i64::MAX));
        for text in ["0.001", "1.005", "1e-3", "-0.009"] {
            assert_eq!(read(text), Err(AmountError::Decimals), "{text}");
        }
        for text in ["", "\"5\"", "true", "1,5", "[1]", "1e9999"] {
            assert_eq!(read(text), Err(AmountError::NotANumber), "{text}");
        }
    }
}
