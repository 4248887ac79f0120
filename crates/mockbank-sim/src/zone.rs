//! The local time of customers: purchases follow the clock on the wall, postings the bank's, which
//! is UTC.
//!
//! The zones are those of `data/cities.csv`. Summer time begins at two in the morning on the second
//! Sunday of March and ends on the first one of November, as in the United States since 2007; the
//! model keeps to that in every year.

use mockbank_bank::{Day, Instant};

const HOUR: i64 = 3_600;

/// How far a customer's clock is from the bank's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Hours that clocks are behind UTC outside of summer time.
    behind: i64,
    has_summer_time: bool,
}

/// What clocks do on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clocks {
    Standard,
    /// At two they are put forward to three.
    Forward,
    Summer,
    /// At two they are put back to one.
    Back,
}

impl Clocks {
    pub(crate) fn on(month: u8, of_month: u8, weekday: u8) -> Self {
        // Sundays of the month that have passed, this day included.
        let sundays = (of_month + 6).saturating_sub((weekday + 1) % 7) / 7;
        let is_sunday = weekday == 6;
        match (month, sundays) {
            (3, 2) if is_sunday => Self::Forward,
            (11, 1) if is_sunday => Self::Back,
            (4..=10, _) | (3, 2..) | (11, 0) => Self::Summer,
            _ => Self::Standard,
        }
    }
}

impl Zone {
    /// The bank's own time.
    pub const UTC: Self = Self { behind: 0, has_summer_time: false };
    /// Where payments between customers of different zones are reckoned: the zone farthest east.
    pub(crate) const EASTERN: Self = Self { behind: 5, has_summer_time: true };

    /// The zone of a name in the tz database, among those of the table of cities.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (behind, has_summer_time) = match name {
            "America/New_York"
            | "America/Detroit"
            | "America/Indiana/Indianapolis"
            | "America/Kentucky/Louisville" => (5, true),
            "America/Chicago" => (6, true),
            "America/Denver" | "America/Boise" => (7, true),
            "America/Phoenix" => (7, false),
            "America/Los_Angeles" => (8, true),
            "America/Anchorage" => (9, true),
            "Pacific/Honolulu" => (10, false),
            _ => return None,
        };
        Some(Self { behind, has_summer_time })
    }

    /// The instant at which the clock on the wall shows a second of a day. A time that is skipped
    /// counts as the hour after it, one that comes twice as the first.
    #[inline]
    pub(crate) fn instant(self, day: Day, clocks: Clocks, second: i64) -> Instant {
        let is_summer = match clocks {
            Clocks::Standard => false,
            Clocks::Forward => second >= 3 * HOUR,
            Clocks::Summer => true,
            Clocks::Back => second < 2 * HOUR,
        };
        let ahead = i64::from(self.has_summer_time && is_summer) - self.behind;
        Instant::from_seconds(day.start().seconds() + second - ahead * HOUR)
    }

    /// What the clock on the wall shows at an instant, as if it were UTC.
    pub fn local(self, at: Instant) -> Instant {
        let standard = Instant::from_seconds(at.seconds() - self.behind * HOUR);
        if !self.has_summer_time {
            return standard;
        }
        let day = standard.day();
        let date = day.date();
        let (month, of_month) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        let second = at.seconds() - self.behind * HOUR - day.start().seconds();
        let is_summer = match Clocks::on(month, of_month, day.weekday()) {
            Clocks::Standard => false,
            Clocks::Forward => second >= 2 * HOUR,
            Clocks::Summer => true,
            Clocks::Back => second < HOUR,
        };
        Instant::from_seconds(standard.seconds() + i64::from(is_summer) * HOUR)
    }
}

/// The first second at which a day in the east is the same day in all zones.
pub(crate) const SAME_DAY_EVERYWHERE: u32 = 6 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    #[test]
    fn every_city_has_a_zone() {
        for city in tables::cities() {
            assert!(Zone::named(city.zone).is_some(), "{}: {}", city.name, city.zone);
        }
    }

    /// The tz database knows better; from 2007 on the two agree.
    #[test]
    fn clocks_are_those_of_the_tz_database() {
        let names: std::collections::BTreeSet<_> =
            tables::cities().iter().map(|city| city.zone).collect();
        for name in names {
            let (zone, known) =
                (Zone::named(name).unwrap(), jiff::tz::TimeZone::get(name).unwrap());
            let first = Day::parse("2024-01-01").unwrap().start().seconds();
            for half_hour in 0..3 * 366 * 48 {
                let at = first + half_hour * 1_800;
                let offset = known.to_offset(jiff::Timestamp::from_second(at).unwrap()).seconds();
                let local = zone.local(Instant::from_seconds(at));
                assert_eq!(local.seconds(), at + i64::from(offset), "{name} at {at}");
            }
        }
    }

    #[test]
    fn a_local_time_is_found_again_and_days_follow_each_other() {
        for name in ["America/New_York", "America/Phoenix", "America/Anchorage"] {
            let zone = Zone::named(name).unwrap();
            let clocks = |day: Day| {
                let date = day.date();
                let (month, of_month) = (date.month().unsigned_abs(), date.day().unsigned_abs());
                Clocks::on(month, of_month, day.weekday())
            };
            for number in 20_000..20_800 {
                let day = Day::from_number(number).unwrap();
                let next = day.plus(1).unwrap();
                let end = zone.instant(next, clocks(next), 0);
                for second in (0..24 * HOUR).step_by(1_700) {
                    let at = zone.instant(day, clocks(day), second);
                    assert!(at < end);
                    let skipped = clocks(day) == Clocks::Forward
                        && zone.has_summer_time
                        && (2 * HOUR..3 * HOUR).contains(&second);
                    let shown = second + i64::from(skipped) * HOUR;
                    assert_eq!(zone.local(at).seconds(), day.start().seconds() + shown);
                }
            }
        }
    }
}
