//! Numbers and times as people read them.

use mockbank_bank::{Day, Instant, Money};
use std::time::Duration;

/// Whole numbers with a comma between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Minor units as major ones, for drawing only.
#[expect(clippy::cast_precision_loss, reason = "a chart has some hundred dots")]
pub(super) fn major(minor: i128) -> f64 {
    minor as f64 / 100.0
}

/// An amount in major units with two decimals and a comma between thousands.
pub(super) fn minor(amount: i128) -> String {
    let size = amount.unsigned_abs();
    let major = u64::try_from(size / 100).unwrap_or(u64::MAX);
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", count(major), size % 100)
}

/// An amount of money.
pub(super) fn money(amount: Money) -> String {
    minor(i128::from(amount.minor()))
}

/// An amount in major units in at most six characters: `12.3k`.
pub(super) fn short(amount: f64) -> String {
    let size = amount.abs();
    for (unit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if size >= unit {
            let digits = usize::from(size < 100.0 * unit);
            return format!("{:.digits$}{suffix}", amount / unit);
        }
    }
    format!("{amount:.0}")
}

/// A whole number in at most six characters: `12.3k`.
pub(super) fn short_count(number: u64) -> String {
    // A whole number as a hundred times as many minor units.
    short(major(i128::from(number) * 100))
}

/// The ends and the middle of a range of amounts in major units, with as many decimals as tell
/// them apart.
pub(super) fn range(low: f64, high: f64) -> [String; 3] {
    let middle = f64::midpoint(low, high);
    let largest = low.abs().max(high.abs());
    let scales = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];
    let (unit, suffix) = scales.into_iter().find(|(unit, _)| largest >= *unit).unwrap_or((1.0, ""));
    let apart = (0..3_usize).find(|digits| {
        let step = 10.0_f64.powi(-i32::try_from(*digits).unwrap_or(0));
        (high - low) / unit >= 4.0 * step
    });
    let digits = apart.unwrap_or(3);
    [low, middle, high].map(|amount| format!("{:.digits$}{suffix}", amount / unit))
}

/// A day of a chart that shows some weeks: `Jan 31`.
pub(super) fn short_day(day: Day) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = day.to_string();
    let month = text[5..7].parse().unwrap_or(1_usize);
    format!("{} {}", MONTHS[(month - 1) % 12], text[8..10].trim_start_matches('0'))
}

/// A moment of the bank's time: `Fri 2025-01-31 08:00`.
pub(super) fn clock(instant: Instant) -> String {
    const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = instant.day();
    let minute = instant.second_of_day() / 60;
    let weekday = WEEKDAYS[usize::from(day.weekday())];
    format!("{weekday} {day} {:02}:{:02}", minute / 60, minute % 60)
}

/// The world's seconds that pass in a second: `1.5 days/s`.
pub(super) fn pace(seconds: i64) -> String {
    let tenths = |unit: i64| format!("{}.{}", seconds / unit, seconds % unit * 10 / unit);
    match seconds {
        86_400.. => format!("{} days/s", tenths(86_400)),
        3600.. => format!("{} hours/s", tenths(3600)),
        _ => format!("{} minutes/s", seconds / 60),
    }
}

/// A time that has passed: `1:05`.
pub(super) fn passed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(minor(-123_456), "-1,234.56");
        assert_eq!(minor(7), "0.07");
    }

    #[test]
    fn large_amounts_are_shortened() {
        assert_eq!(short(950.0), "950");
        assert_eq!(short(-12_345.0), "-12.3k");
        assert_eq!(short(123_456.0), "123k");
        assert_eq!(short(2.5e9), "2.5G");
    }

    #[test]
    fn the_labels_of_a_range_differ() {
        assert_eq!(range(0.0, 2_000.0), ["0.0k", "1.0k", "2.0k"]);
        assert_eq!(range(22_810_000.0, 22_830_000.0), ["22.810M", "22.820M", "22.830M"]);
        assert_eq!(range(-50.0, 150.0), ["-50", "50", "150"]);
        assert_eq!(range(0.0, 0.0), ["0.000", "0.000", "0.000"]);
    }

    #[test]
    fn days_of_a_chart_are_short() {
        assert_eq!(short_day(Day::parse("2025-01-01").unwrap()), "Jan 1");
        assert_eq!(short_day(Day::parse("2025-12-31").unwrap()), "Dec 31");
    }

    #[test]
    fn a_pace_is_told_in_the_largest_unit() {
        assert_eq!(pace(130_000), "1.5 days/s");
        assert_eq!(pace(4_000), "1.1 hours/s");
        assert_eq!(pace(600), "10 minutes/s");
    }

    #[test]
    fn times_have_their_weekday() {
        assert_eq!(clock(Instant::from_seconds(1_738_310_400)), "Fri 2025-01-31 08:00");
        assert_eq!(passed(Duration::from_secs(65)), "1:05");
    }
}
