//! Letting time pass in pieces of whole days, so that the screen sees it and can stop it.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant as Moment};

use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{Day, Instant};
use mockbank_world::{Evolved, Watch, Workers};
use tokio::runtime::Runtime;

use super::failed;
use super::pen::Pen;
use crate::bank::{Added, Line, Progress, Result};

/// How long a piece should take: often enough for the feed, seldom enough not to be slowed down
/// by it.
const PIECE: Duration = Duration::from_millis(400);

/// Days in the largest piece.
const MOST_DAYS: i64 = 64;

/// Time that passes.
pub(super) struct Evolution<'a> {
    pub(super) pen: &'a Pen,
    pub(super) workers: &'a Arc<Workers>,
    pub(super) runtime: &'a Runtime,
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
            let piece = Part { from: part(self.clock), to: part(end), before: transactions };
            let evolved = self.piece(end.seconds() - self.clock.seconds(), piece)?;
            transactions += evolved.transactions;
            let before = std::mem::replace(&mut self.clock, evolved.clock);
            let progress = Progress {
                fraction: part(self.clock),
                clock: Some(self.clock),
                transactions,
                lines: latest(before)?,
            };
            if (self.watch)(progress).is_break() || evolved.interrupted {
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

impl Evolution<'_> {
    /// One piece.
    fn piece(&mut self, seconds: i64, part: Part) -> Result<Evolved> {
        let Self { pen, workers, runtime, watch, .. } = self;
        let pass = |relay: &Relay| {
            let (relay, workers) = (relay.clone(), Arc::clone(workers));
            pen.write(runtime, move |writer| {
                mockbank_world::evolve(writer, seconds, &workers, &relay)
            })
        };
        watched(*watch, part, pass).map_err(failed)?.map_err(failed)
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

/// Which part of the whole a piece of work is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    from: f64,
    to: f64,
    /// Postings that were made ahead of it.
    before: u64,
}

impl Part {
    /// All of it.
    pub(super) const WHOLE: Self = Self { from: 0.0, to: 1.0, before: 0 };

    fn report(self, progress: mockbank_world::Progress) -> Progress {
        let done = i64::try_from(progress.done).unwrap_or(i64::MAX);
        let total = i64::try_from(progress.total).unwrap_or(i64::MAX);
        Progress {
            fraction: self.from + (self.to - self.from) * share(done, total),
            clock: None,
            transactions: self.before + progress.rows,
            lines: Vec::new(),
        }
    }
}

/// Does work on a thread of its own, while its progress is watched on this one.
pub(super) fn watched<T: Send>(
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    part: Part,
    work: impl FnOnce(&Relay) -> T + Send,
) -> T {
    let (relay, reports) = Relay::new();
    let stop = Arc::clone(&relay.stop);
    thread::scope(|scope| {
        let worker = scope.spawn(move || work(&relay));
        for progress in reports {
            if watch(part.report(progress)).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        worker.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Carries progress from the thread that works to the one that watches, and the wish to stop
/// back.
#[derive(Clone)]
pub(super) struct Relay {
    reports: Sender<mockbank_world::Progress>,
    stop: Arc<AtomicBool>,
}

impl Relay {
    fn new() -> (Self, Receiver<mockbank_world::Progress>) {
        let (reports, receiver) = channel();
        (Self { reports, stop: Arc::default() }, receiver)
    }
}

impl Watch for Relay {
    fn progress(&self, progress: mockbank_world::Progress) {
        // Whoever watches stays until the work is over.
        let _ = self.reports.send(progress);
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
