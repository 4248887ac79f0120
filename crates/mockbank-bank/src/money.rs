//! Money as whole minor units, never as a float.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use thiserror::Error;

/// Minor units in one major unit: cents in a dollar.
const MINOR_PER_MAJOR: i64 = 100;

/// An amount of money in minor units (cents) of the world's currency.
///
/// Negative amounts are debits seen from the customer. Arithmetic is checked: what does not fit
/// is `None`, never a wrapped number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount that one movement may carry: ten billion major units.
    ///
    /// The bound leaves room for nine million such movements before an `i64` balance overflows.
    pub const MAX_MOVEMENT: Self = Self(1_000_000_000_000);

    /// An amount of `minor` minor units.
    pub const fn from_minor(minor: i64) -> Self {
        Self(minor)
    }

    /// An amount of `major` whole major units, or `None` if it does not fit.
    pub const fn from_major(major: i64) -> Option<Self> {
        match major.checked_mul(MINOR_PER_MAJOR) {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` if it does not fit.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }

    /// The difference, or `None` if it does not fit.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }

    /// The amount with the other sign, or `None` if it does not fit.
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }

    /// The amount without its sign, or `None` if it does not fit.
    pub const fn checked_abs(self) -> Option<Self> {
        match self.0.checked_abs() {
            Some(minor) => Some(Self(minor)),
            None => None,
        }
    }

    /// `self * numerator / denominator`, rounded half to even; `None` if the denominator is zero
    /// or the result does not fit.
    pub fn mul_div(self, numerator: i64, denominator: i64) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let divisor = i128::from(denominator);
        let (floor, rest) = (product.div_euclid(divisor), product.rem_euclid(divisor));
        let twice = rest * 2;
        let up = match twice.cmp(&divisor.abs()) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => floor.rem_euclid(2) == 1,
        };
        // With a negative divisor `div_euclid` rounds the other way round zero.
        let step = if divisor > 0 { 1 } else { -1 };
        let rounded = if up { floor + step } else { floor };
        i64::try_from(rounded).ok().map(Self)
    }
}

/// Sums may pass the range of a single amount, so they are taken in `i128`.
impl Sum<Money> for i128 {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Self {
        amounts.map(|amount| Self::from(amount.0)).sum()
    }
}

/// Major units with two decimals, `-12.30`: exact, since it is written from the integer.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let minor = self.0.unsigned_abs();
        let (major, cents) =
            (minor / MINOR_PER_MAJOR.unsigned_abs(), minor % MINOR_PER_MAJOR.unsigned_abs());
        f.pad_integral(true, "", &format!("{sign}{major}.{cents:02}"))
    }
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The text is no decimal number such as `12.34`.
    #[error("an amount is a decimal number such as 12.34")]
    NotANumber,
    /// There are more than two digits behind the point.
    #[error("an amount has at most two decimals")]
    TooManyDecimals,
    /// The number is larger than an amount can be.
    #[error("the amount is too large")]
    TooLarge,
}

/// Reads major units with at most two decimals: `50`, `-12.3`, `0.07`.
impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(whole) || !numeric(fraction) {
            return Err(MoneyError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        let major: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        let cents: i64 = format!("{fraction:0<2}").parse().map_err(|_| MoneyError::NotANumber)?;
        let minor = major
            .checked_mul(MINOR_PER_MAJOR)
            .and_then(|minor| minor.checked_add(cents))
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self(if negative { -minor } else { minor }))
    }
}

/// A currency of ISO 4217 with two decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Currency {
    /// United States dollar.
    #[default]
    USD,
    /// Euro.
    EUR,
    /// Pound sterling.
    GBP,
    /// Swiss franc.
    CHF,
}

impl Currency {
    /// Every currency that an account can be kept in.
    pub const ALL: [Self; 4] = [Self::USD, Self::EUR, Self::GBP, Self::CHF];

    /// The alphabetic code of ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::USD => "USD",
            Self::EUR => "EUR",
            Self::GBP => "GBP",
            Self::CHF => "CHF",
        }
    }

    /// The currency of an alphabetic code, in capitals.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let read = |text: &str| text.parse::<Money>().map(Money::minor);
        assert_eq!(read("50"), Ok(5000));
        assert_eq!(read("-12.3"), Ok(-1230));
        assert_eq!(read("0.07"), Ok(7));
        assert_eq!(read("1.005"), Err(MoneyError::TooManyDecimals));
        for text in ["", "-", ".", "1.", ".5", "1e3", "NaN", "1,00", " 1", "١"] {
            assert_eq!(read(text), Err(MoneyError::NotANumber), "{text:?}");
        }
        assert_eq!(read("92233720368547758.08"), Err(MoneyError::TooLarge));
        assert_eq!(read("999999999999999999999"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn division_rounds_half_to_even() {
        let third = |minor, num, den| Money(minor).mul_div(num, den).map(Money::minor);
        assert_eq!(third(5, 1, 2), Some(2));
        assert_eq!(third(7, 1, 2), Some(4));
        assert_eq!(third(-5, 1, 2), Some(-2));
        assert_eq!(third(-7, 1, 2), Some(-4));
        assert_eq!(third(5, 1, -2), Some(-2));
        assert_eq!(third(7, 1, -2), Some(-4));
        assert_eq!(third(10, 1, 3), Some(3));
        assert_eq!(third(1, 1, 0), None);
        assert_eq!(third(i64::MAX, 2, 1), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -i64::MAX..=i64::MAX) {
            let amount = Money(minor);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn division_is_never_off_by_more_than_half(
            minor: i64, num in 1i64..1000, den in prop_oneof![1i64..1000, -1000i64..-1],
        ) {
            if let Some(result) = Money(minor).mul_div(num, den) {
                let exact = i128::from(minor) * i128::from(num);
                let off = (i128::from(result.minor()) * i128::from(den) - exact).abs() * 2;
                prop_assert!(off <= i128::from(den).abs());
            }
        }
    }
}
