//! The bank's time: days and instants of the world, not of the machine.

use std::fmt;

use jiff::civil::Date;
use thiserror::Error;

/// Seconds in a day of the bank's time, which knows no leap seconds.
pub const SECONDS_PER_DAY: i64 = 86_400;

/// A calendar day as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u16);

/// A moment of the bank's time as whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Why a text or a number is no time of the bank.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// The text is not a date that exists, written as `2025-01-31`.
    #[error("{0:?} is no calendar date; write it as YYYY-MM-DD, as in 2025-01-31")]
    NotADate(String),
    /// The day lies outside the years that a world can live in.
    #[error("the bank's time runs from 1970-01-01 to {}", Day::MAX)]
    OutOfRange,
}

impl Day {
    /// The last day of the bank's time, 2149-06-06.
    pub const MAX: Self = Self(u16::MAX);

    /// The day with this number of days since 1970-01-01.
    pub fn from_number(days: i64) -> Result<Self, TimeError> {
        u16::try_from(days).map(Self).map_err(|_| TimeError::OutOfRange)
    }

    /// The day with this number of days since 1970-01-01, each of which there is.
    pub const fn of(days: u16) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The day of a date of the Gregorian calendar.
    pub fn from_date(date: Date) -> Result<Self, TimeError> {
        let epoch = Date::constant(1970, 1, 1);
        let span = date.since(epoch).map_err(|_| TimeError::OutOfRange)?;
        Self::from_number(i64::from(span.get_days()))
    }

    /// The date of the Gregorian calendar.
    pub fn date(self) -> Date {
        let span = jiff::Span::new().days(i64::from(self.0));
        Date::constant(1970, 1, 1).checked_add(span).unwrap_or(Date::MAX)
    }

    /// Reads `YYYY-MM-DD`; a date that does not exist is refused.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotADate(text.chars().take(40).collect());
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(wrong());
        }
        Self::from_date(text.parse().map_err(|_| wrong())?)
    }

    /// The first instant of the day.
    pub const fn start(self) -> Instant {
        Instant(self.0 as i64 * SECONDS_PER_DAY)
    }

    /// The day `days` later, or an error past the end of the bank's time.
    pub fn plus(self, days: i64) -> Result<Self, TimeError> {
        i64::from(self.0).checked_add(days).ok_or(TimeError::OutOfRange).and_then(Self::from_number)
    }

    /// The day `days` later, or the last day of the bank's time.
    #[must_use]
    pub fn saturating_plus(self, days: u32) -> Self {
        let number = u32::from(self.0).saturating_add(days);
        Self(u16::try_from(number).unwrap_or(u16::MAX))
    }

    /// Day of the week, 0 for Monday to 6 for Sunday.
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.0 as u32 + 3) % 7) as u8
    }
}

/// `2025-01-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0000-00-00";
        self.write_into(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl Day {
    /// Writes the date over the digits of `0000-00-00`.
    fn write_into(self, text: &mut [u8]) {
        let (year, month, day) = self.civil();
        write_digits(&mut text[0..4], year);
        write_digits(&mut text[5..7], month);
        write_digits(&mut text[8..10], day);
    }

    /// Year, month and day in whole numbers alone, since pages of transactions write many dates:
    /// Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    const fn civil(self) -> (u32, u32, u32) {
        let days = self.0 as u32 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + (month <= 2) as u32;
        (year, month, day)
    }
}

/// Fills the text with the last digits of a number.
fn write_digits(text: &mut [u8], mut number: u32) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl Instant {
    /// The instant `seconds` after 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The day on which the instant falls.
    pub fn day(self) -> Day {
        let days = self.0.div_euclid(SECONDS_PER_DAY);
        Day::from_number(days).unwrap_or(if days < 0 { Day(0) } else { Day::MAX })
    }

    /// Seconds since the start of the instant's day.
    pub const fn second_of_day(self) -> i64 {
        self.0.rem_euclid(SECONDS_PER_DAY)
    }

    /// The instant `seconds` later, or an error past the end of the bank's time.
    pub fn plus_seconds(self, seconds: i64) -> Result<Self, TimeError> {
        let end = Day::MAX.start().0 + SECONDS_PER_DAY;
        match self.0.checked_add(seconds) {
            Some(later) if (0..=end).contains(&later) => Ok(Self(later)),
            _ => Err(TimeError::OutOfRange),
        }
    }
}

/// RFC 3339 in UTC: `2025-01-31T08:00:00Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0000-00-00T00:00:00Z";
        let second = u32::try_from(self.second_of_day()).unwrap_or_default();
        self.day().write_into(&mut text[0..10]);
        write_digits(&mut text[11..13], second / 3600);
        write_digits(&mut text[14..16], second % 3600 / 60);
        write_digits(&mut text[17..19], second % 60);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_days_stops_at_the_end_of_the_banks_time() {
        let day = |number| Day::from_number(number).unwrap();
        assert_eq!(day(65_530).saturating_plus(5), Day::MAX);
        assert_eq!(day(65_530).saturating_plus(u32::MAX), Day::MAX);
        assert_eq!(day(3).saturating_plus(4), day(7));
    }

    #[test]
    fn days_are_dates_and_back() {
        for text in ["1970-01-01", "2024-02-29", "2025-01-01", "2149-06-06"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Day::parse("2025-01-01").unwrap().weekday(), 2);
    }

    #[test]
    fn every_day_is_written_as_the_calendar_has_it() {
        for number in 0..=u16::MAX {
            let day = Day(number);
            assert_eq!(day.to_string(), day.date().to_string());
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in
            ["2025-02-30", "2025-13-01", "2025-1-1", "20250101", "today", "", "2025-01-01T00"]
        {
            assert!(matches!(Day::parse(text), Err(TimeError::NotADate(_))), "{text}");
        }
        assert_eq!(Day::parse("1969-12-31"), Err(TimeError::OutOfRange));
        assert_eq!(Day::parse("2149-06-07"), Err(TimeError::OutOfRange));
    }

    #[test]
    fn instants_are_written_in_utc() {
        let noon = Day::parse("2025-01-31").unwrap().start().plus_seconds(43_200).unwrap();
        assert_eq!(noon.to_string(), "2025-01-31T12:00:00Z");
        assert_eq!(noon.day().to_string(), "2025-01-31");
    }
}
