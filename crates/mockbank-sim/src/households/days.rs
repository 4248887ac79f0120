//! The days of a world with all that households ask of them, worked out once.

use mockbank_bank::{Day, Instant};

use crate::calendar::CalendarDay;
use crate::preset::households::{Change, Scenario};
use crate::zone::Clocks;

/// A day of the calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today {
    pub(crate) day: Day,
    /// 0 for Monday.
    pub(crate) weekday: u8,
    /// 0 for January.
    pub(crate) month: u8,
    /// From 1.
    pub(crate) of_month: u8,
    pub(crate) month_length: u8,
    /// Whether banks are open.
    pub(crate) business: bool,
    pub(crate) year: i16,
    pub(crate) clocks: Clocks,
    /// Months since the year 0.
    pub(crate) months: u16,
    /// Level of prices, 1 on the world's first day.
    pub(crate) prices: f64,
    /// What scenarios alone multiply them by.
    pub(crate) dearer: f64,
    /// Whether a scenario closes the banks on a business day: nobody foresaw it.
    closed: bool,
}

/// Every day of the bank's time.
#[derive(Clone, Debug)]
pub(crate) struct Days(Vec<Today>);

const DAYS_A_YEAR: f64 = 365.25;

impl Days {
    /// The days of a world that starts on a day, with yearly inflation from then on.
    pub(crate) fn new(start: Day, inflation: f64, scenarios: &[Scenario]) -> Self {
        let daily = libm::log(1.0 + inflation) / DAYS_A_YEAR;
        let mut days = Vec::with_capacity(usize::from(u16::MAX) + 1);
        let mut next = Some(CalendarDay::of(Day::default()));
        while let Some(day) = next {
            let elapsed = f64::from(day.day.number()) - f64::from(start.number());
            let weekday = day.day.weekday();
            let changed = |change| {
                scenarios.iter().filter(move |row| row.change == change && row.holds(day.day))
            };
            let dearer: f64 = changed(Change::Prices).filter_map(|row| row.factor).product();
            let closed = changed(Change::Holiday).next().is_some();
            let is_business = weekday < 5 && !is_holiday(day.month, day.of_month, weekday);
            days.push(Today {
                day: day.day,
                weekday,
                month: day.month.unsigned_abs() - 1,
                of_month: day.of_month,
                month_length: day.month_length,
                business: is_business && !closed,
                closed: is_business && closed,
                dearer,
                year: day.year,
                clocks: Clocks::on(day.month.unsigned_abs(), day.of_month, weekday),
                months: day.year.unsigned_abs() * 12 + u16::from(day.month.unsigned_abs()) - 1,
                prices: dearer * libm::exp(daily * elapsed.max(0.0)),
            });
            next = day.next();
        }
        Self(days)
    }

    #[inline]
    pub(crate) fn get(&self, day: Day) -> &Today {
        &self.0[usize::from(day.number())]
    }

    #[inline]
    pub(crate) fn get_number(&self, day: u16) -> &Today {
        &self.0[usize::from(day)]
    }

    /// The days whose payments banks make on this one: itself, those after it on which they are
    /// closed as everybody knows, and what an unforeseen closing kept them from before. Empty where
    /// banks are closed on the day itself.
    pub(crate) fn paid_on(&self, today: &Today) -> &[Today] {
        let at = usize::from(today.day.number());
        if !today.business {
            return &[];
        }
        let run = self.0[..at].iter().rev().take_while(|day| !day.business).count();
        let kept = self.0[at - run..at].iter().position(|day| day.closed);
        let first = kept.map_or(at, |place| at - run + place);
        let after = &self.0[at + 1..];
        let closed = after.iter().take_while(|day| !day.business && !day.closed).count();
        &self.0[first..=at + closed]
    }

    /// A day and those before it on which banks were closed: what would have fallen on one of
    /// the latter is collected after. Empty where banks are closed on the day itself.
    pub(crate) fn collected_on(&self, today: &Today) -> &[Today] {
        let at = usize::from(today.day.number());
        if !today.business {
            return &[];
        }
        let closed = self.0[..at].iter().rev().take_while(|day| !day.business).count();
        &self.0[at - closed..=at]
    }
}

impl Today {
    /// A second of the day by the clock on the wall, as if it were UTC.
    #[inline]
    pub(crate) fn at(&self, second: u32) -> Instant {
        Instant::from_seconds(self.day.start().seconds() + i64::from(second))
    }
}

/// The holidays of the Federal Reserve Banks, where they fall; month from 1.
fn is_holiday(month: i8, of_month: u8, weekday: u8) -> bool {
    let nth_monday = |nth: u8| weekday == 0 && of_month.div_ceil(7) == nth;
    match month {
        1 => of_month == 1 || nth_monday(3),
        2 => nth_monday(3),
        5 => weekday == 0 && of_month > 24,
        6 => of_month == 19,
        7 => of_month == 4,
        9 => nth_monday(1),
        10 => nth_monday(2),
        11 => of_month == 11 || weekday == 3 && of_month.div_ceil(7) == 4,
        12 => of_month == 25,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_keep_their_holidays() {
        let start = Day::parse("2025-01-01").unwrap();
        let days = Days::new(start, 0.03, &[]);
        let closed = |text| !days.get(Day::parse(text).unwrap()).business;
        for holiday in ["2025-01-20", "2025-05-26", "2025-07-04", "2025-11-27", "2025-12-25"] {
            assert!(closed(holiday), "{holiday}");
        }
        for open in ["2025-01-21", "2025-05-19", "2025-11-28"] {
            assert!(!closed(open), "{open}");
        }
        let paid = |text| days.paid_on(days.get(Day::parse(text).unwrap())).len();
        assert_eq!(paid("2025-07-03"), 1 + 3);
        assert_eq!(paid("2025-07-05"), 0);
        let closing = Scenario {
            name: "Closing".to_owned(),
            from: Day::parse("2025-07-07").unwrap(),
            to: Day::parse("2025-07-07").ok(),
            change: Change::Holiday,
            factor: None,
            industry: None,
            merchant: None,
            share: None,
        };
        // The Monday after a long weekend is closed: its payments are made on Tuesday, those of the
        // weekend were made before.
        let shut = Days::new(start, 0.03, &[closing]);
        let on = |text: &str| {
            let paid = shut.paid_on(shut.get(Day::parse(text).unwrap()));
            paid.iter().map(|day| day.of_month).collect::<Vec<_>>()
        };
        assert_eq!(on("2025-07-03"), [3, 4, 5, 6]);
        assert_eq!(on("2025-07-07"), []);
        assert_eq!(on("2025-07-08"), [7, 8]);
        let year_later = days.get(Day::parse("2026-01-01").unwrap()).prices;
        assert!((year_later - 1.03).abs() < 1e-4);
    }
}
