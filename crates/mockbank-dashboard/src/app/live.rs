//! Live mode: the world's time runs with the clock on the wall.

use std::time::Duration;

use mockbank_bank::time::SECONDS_PER_DAY;

/// How long after the one before it a piece begins at the latest, where the speed is held: a
/// second's worth of time in little more than a second.
const LATE: Duration = Duration::from_millis(1250);

/// How fast the world's time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// An hour a second.
    Hour,
    /// A day a second.
    Day,
    /// A week a second.
    Week,
}

impl Speed {
    /// The world's seconds in a second.
    pub const fn factor(self) -> i64 {
        match self {
            Self::Hour => 3600,
            Self::Day => SECONDS_PER_DAY,
            Self::Week => 7 * SECONDS_PER_DAY,
        }
    }

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1 hour/s",
            Self::Day => "1 day/s",
            Self::Week => "1 week/s",
        }
    }
}

/// Live mode: off, or running at a speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// The speed; `None` while it is off.
    pub speed: Option<Speed>,
    /// Whether it stands still.
    pub paused: bool,
    /// Whether a piece of time is being simulated.
    pub under_way: bool,
    /// When the last piece began, since the dashboard's start.
    began: Duration,
    /// The world's seconds that the piece under way lets pass, or the last one did.
    piece: i64,
    /// The world's seconds that passed in a second lately, where that is less than asked.
    reached: Option<i64>,
}

impl Live {
    /// To the next speed, and off after the last.
    pub fn next_speed(&mut self, now: Duration) {
        self.paused = false;
        self.restart(now);
        self.speed = match self.speed {
            None => Some(Speed::Hour),
            Some(Speed::Hour) => Some(Speed::Day),
            Some(Speed::Day) => Some(Speed::Week),
            Some(Speed::Week) => None,
        };
    }

    /// Switches it off.
    pub fn stop(&mut self) {
        self.speed = None;
    }

    /// Stands still, or runs on.
    pub fn pause(&mut self, now: Duration) {
        self.paused = !self.paused;
        self.restart(now);
    }

    /// The world's seconds that pass in a second, where that is less than asked.
    pub const fn reached(&self) -> Option<i64> {
        self.reached
    }

    /// What was measured belongs to another speed.
    const fn restart(&mut self, now: Duration) {
        self.began = now;
        self.piece = 0;
        self.reached = None;
    }

    /// The world's seconds that are due, if a piece is: a second's worth at most, so a world that
    /// is too big for the speed runs slower rather than ever further behind.
    pub fn due(&mut self, now: Duration) -> Option<i64> {
        let speed = self.speed.filter(|_| !self.paused && !self.under_way)?;
        let since = now.saturating_sub(self.began);
        let passed = since.min(Duration::from_secs(1));
        let seconds = i64::try_from(passed.as_millis()).ok()? * speed.factor() / 1000;
        if seconds == 0 || passed < Duration::from_millis(200) {
            return None;
        }
        self.reached = (self.piece > 0 && since > LATE).then(|| {
            let milliseconds = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
            self.piece.saturating_mul(1000) / milliseconds
        });
        self.piece = seconds;
        self.began = now;
        self.under_way = true;
        Some(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_due_by_the_speed_and_never_more_than_a_seconds_worth() {
        let at = Duration::from_millis;
        let mut live = Live::default();
        assert_eq!(live.due(at(5000)), None);
        live.next_speed(at(5000));
        assert_eq!(live.due(at(5100)), None);
        assert_eq!(live.due(at(5250)), Some(900));
        assert_eq!(live.due(at(6000)), None, "one piece at a time");
        live.under_way = false;
        assert_eq!(live.due(at(60_000)), Some(3600));
        live.under_way = false;
        live.pause(at(60_000));
        assert_eq!(live.due(at(70_000)), None);
        live.pause(at(70_000));
        live.next_speed(at(70_000));
        assert_eq!(live.due(at(70_500)), Some(SECONDS_PER_DAY / 2));
    }

    #[test]
    fn a_speed_that_is_not_reached_is_told() {
        let at = Duration::from_millis;
        let mut live = Live::default();
        for _ in 0..3 {
            live.next_speed(at(0));
        }
        assert_eq!(live.due(at(1000)), Some(7 * SECONDS_PER_DAY));
        live.under_way = false;
        assert_eq!((live.reached(), live.due(at(2100)).is_some()), (None, true));
        assert_eq!(live.reached(), None, "a tenth of a second later than it should be");
        live.under_way = false;
        live.due(at(6100));
        assert_eq!(live.reached(), Some(7 * SECONDS_PER_DAY / 4));
        live.under_way = false;
        live.pause(at(7000));
        assert_eq!(live.reached(), None);
    }

    #[test]
    fn the_key_goes_through_the_speeds_and_off() {
        let mut live = Live::default();
        let mut speeds = Vec::new();
        for _ in 0..4 {
            live.next_speed(Duration::ZERO);
            speeds.push(live.speed);
        }
        assert_eq!(speeds, [Some(Speed::Hour), Some(Speed::Day), Some(Speed::Week), None]);
    }
}
