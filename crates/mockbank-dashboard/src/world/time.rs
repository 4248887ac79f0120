//! Letting time pass in pieces of whole days, so that the screen sees it and can stop it.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::time::{Duration, Instant as Moment};

use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{Day, Instant};
use mockbank_store::Writer;
use mockbank_world::{Watch, Workers};

use super::failed;
use crate::bank::{Added, Line, Progress, Result};

/// How long a piece should take: often enough for the feed, seldom enough not to be slowed down
/// by it.
const PIECE: Duration = Duration::from_millis(400);

/// Days in the largest piece.
const MOST_DAYS: i64 = 64;

/// Time that passes.
pub(super) struct Evolution<'a> {
    pub(super) writer: &'a mut dyn Writer,
    pub(super) workers: &'a Workers,
    /// Where the world stands.
    pub(super) clock: Instant,
    pub(super) watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl Evolution<'_> {
    /// Lets `seconds` pass. `latest` reads some of the transactions since an instant.
    pub(super) fn run(
        &mut self,
        seconds: i64,
        latest: &dyn Fn(Instant) -> Result<Vec<Line>>,
    ) -> Result<Added> {
        let from = self.clock;
        let to = from.plus_seconds(seconds).map_err(failed)?;
        let part = |clock: Instant| share(clock.seconds() - from.seconds(), seconds);
        let mut transactions = 0;
        let mut days = 1;
        while self.clock < to {
            let end = piece_end(self.clock, days).min(to);
            let began = Moment::now();
            let relay = Relay::new(self.watch, part(self.clock), part(end), transactions);
            let span = end.seconds() - self.clock.seconds();
            let evolved =
                mockbank_world::evolve(self.writer, span, self.workers, &relay).map_err(failed)?;
            let cancelled = relay.cancelled();
            transactions += evolved.transactions;
            let before = std::mem::replace(&mut self.clock, evolved.clock);
            let progress = Progress {
                fraction: part(self.clock),
                clock: Some(self.clock),
                transactions,
                lines: latest(before)?,
            };
            if (self.watch)(progress).is_break() || cancelled {
                break;
            }
            days = match began.elapsed() {
                taken if taken > PIECE => (days / 2).max(1),
                taken if taken < PIECE / 4 => (days * 2).min(MOST_DAYS),
                _ => days,
            };
        }
        Ok(Added { users: 0, accounts: 0, cards: 0, transactions, clock: self.clock })
    }
}

/// The start of the day that is `days` after that of `clock`; past the end of the bank's time,
/// its last instant.
fn piece_end(clock: Instant, days: i64) -> Instant {
    let last = Instant::from_seconds(Day::MAX.start().seconds() + SECONDS_PER_DAY);
    clock.day().plus(days).map_or(last, Day::start)
}

#[expect(clippy::cast_precision_loss, reason = "a bar on the screen has some hundred steps")]
fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Passes the progress of one piece on, as a part of the whole.
pub(super) struct Relay<'a> {
    watch: RefCell<&'a mut dyn FnMut(Progress) -> ControlFlow<()>>,
    from: f64,
    to: f64,
    before: u64,
    cancelled: Cell<bool>,
}

impl<'a> Relay<'a> {
    /// The piece takes the whole's fraction from `from` to `to`, and `before` postings were made
    /// ahead of it.
    pub(super) fn new(
        watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
        from: f64,
        to: f64,
        before: u64,
    ) -> Self {
        Self { watch: RefCell::new(watch), from, to, before, cancelled: Cell::new(false) }
    }
}

impl Watch for Relay<'_> {
    fn progress(&self, progress: mockbank_world::Progress) {
        let done = i64::try_from(progress.done).unwrap_or(i64::MAX);
        let total = i64::try_from(progress.total).unwrap_or(i64::MAX);
        let report = Progress {
            fraction: self.from + (self.to - self.from) * share(done, total),
            clock: None,
            transactions: self.before + progress.rows,
            lines: Vec::new(),
        };
        if (self.watch.borrow_mut())(report).is_break() {
            self.cancelled.set(true);
        }
    }

    fn cancelled(&self) -> bool {
        self.cancelled.get()
    }
}
