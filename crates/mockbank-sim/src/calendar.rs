//! The days of a simulation, with what behaviours ask of them.

use mockbank_bank::{Day, Instant};

/// A day and its place in the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CalendarDay {
    pub(crate) day: Day,
    /// From 1.
    pub(crate) of_month: u8,
    /// Days in the month.
    pub(crate) month_length: u8,
    pub(crate) year: i16,
    /// From 1.
    pub(crate) month: i8,
}

impl CalendarDay {
    pub(crate) fn of(day: Day) -> Self {
        let date = day.date();
        Self {
            day,
            of_month: date.day().unsigned_abs(),
            month_length: date.days_in_month().unsigned_abs(),
            year: date.year(),
            month: date.month(),
        }
    }

    /// The day after, or `None` at the end of the bank's time.
    #[inline]
    pub(crate) fn next(self) -> Option<Self> {
        let day = self.day.plus(1).ok()?;
        if self.of_month < self.month_length {
            return Some(Self { day, of_month: self.of_month + 1, ..self });
        }
        let (year, month) =
            if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        let month_length = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        Some(Self { day, of_month: 1, month_length, year, month })
    }

    /// The day `days` later in the same month, or `None` past the end of the month or of the bank's
    /// time.
    #[inline]
    pub(crate) fn later(self, days: u32) -> Option<Self> {
        let of_month = u8::try_from(days).ok()?.checked_add(self.of_month)?;
        let day = self.day.plus(i64::from(days)).ok()?;
        (of_month <= self.month_length).then_some(Self { day, of_month, ..self })
    }

    /// Whether what is due on this day of each month falls on this one. In months too short for
    /// it, it falls on the last day.
    #[inline]
    pub(crate) fn is_due(self, of_month: u8) -> bool {
        of_month.min(self.month_length) == self.of_month
    }

    /// A second of the day.
    #[inline]
    pub(crate) fn at(self, second: u32) -> Instant {
        Instant::from_seconds(self.day.start().seconds() + i64::from(second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_each_other_through_the_banks_time() {
        let mut today = CalendarDay::of(Day::from_number(0).unwrap());
        while let Some(next) = today.next() {
            assert_eq!(next, CalendarDay::of(next.day));
            today = next;
        }
        assert_eq!(today.day, Day::MAX);
    }

    #[test]
    fn what_is_due_late_falls_on_the_last_day_of_short_months() {
        let day = |text| CalendarDay::of(Day::parse(text).unwrap());
        assert!(day("2025-02-28").is_due(31));
        assert!(day("2025-02-28").is_due(28));
        assert!(!day("2024-02-28").is_due(31));
        assert!(day("2024-02-29").is_due(30));
        assert!(day("2025-04-30").is_due(31));
        assert!(!day("2025-03-30").is_due(31));
    }
}
