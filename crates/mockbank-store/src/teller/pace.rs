//! How fast orders are carried out while those who read want the cores.
//!
//! Where a flood of orders and many readers meet, each order takes as much of the cores as some
//! reads do, and a server that carries out whatever comes leaves readers half of what they had.
//! So the teller rests behind a group of commands until a number of reads was answered for each
//! of them. Meanwhile the next group gathers, so less is lost to the orders than their wait: a
//! larger group costs less for each. What counts are reads and not seconds, so the parts of both
//! stay the same when other programs take the cores away.
//!
//! It does so only while the threads that serve are busy and many reads come. Nobody rests for few
//! readers, nor on a machine that has time for all.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Fewer reads than one in this time need no room made for them.
const FEW: Duration = Duration::from_millis(1);

/// After so long a rest it is judged anew whether anybody still wants it.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a teller rests before it looks again whether it may go on.
const MOMENT: Duration = Duration::from_millis(1);

/// The longest rest: orders go on, if slowly, whatever readers do.
const LONGEST: Duration = Duration::from_millis(500);

/// Those who read, as a teller sees them that lets them go first.
pub trait Readers: Send + Sync {
    /// What they got so far.
    fn so_far(&self) -> Served;
}

/// What readers got since the server began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Answers to requests that only read.
    pub reads: u64,
    /// How long the threads that serve were busy, the mean of all of them.
    pub busy: Duration,
}

impl Served {
    /// Whether readers want the cores: many reads came since then, when they had got this and
    /// from when so much time has passed, and the threads that serve were busy for more than half
    /// of it.
    pub fn wants_cores(self, then: Self, passed: Duration) -> bool {
        let reads = self.reads.saturating_sub(then.reads);
        let reads = u32::try_from(reads).unwrap_or(u32::MAX);
        let busy = self.busy.saturating_sub(then.busy);
        FEW.saturating_mul(reads) >= passed && busy.saturating_mul(2) >= passed
    }
}

/// What readers had got at some time, counted from any beginning.
#[derive(Clone, Copy, Debug, Default)]
struct Sight {
    at: Duration,
    served: Served,
}

/// The pace of a teller.
#[derive(Debug)]
struct Pace {
    /// Reads for each order, when there are many; 0 for a teller that never rests.
    reads_per_order: u64,
    /// The end of the last group.
    since: Sight,
    /// Reads to wait for since then.
    owed: u64,
}

impl Pace {
    /// The pace of a teller that waits for so many reads behind each order.
    fn new(reads_per_order: u32) -> Self {
        Self { reads_per_order: reads_per_order.into(), since: Sight::default(), owed: 0 }
    }

    /// Notes that a group of so many orders came to its end, with so many transfers and the like
    /// in them. Another transfer of the same batch takes the time of some one read.
    fn carried_out(&mut self, sight: Sight, orders: u64, transfers: u64) {
        self.owed = match self.reads_per_order {
            reads if reads > 0 && self.are_wanted(sight) => {
                orders.saturating_mul(reads).saturating_add(transfers.saturating_sub(orders))
            }
            _ => 0,
        };
        self.since = sight;
    }

    /// Whether the next group has to wait still.
    fn rests(&self, sight: Sight) -> bool {
        let rest = sight.at.saturating_sub(self.since.at);
        let served = sight.served.reads.saturating_sub(self.since.served.reads);
        served < self.owed && rest < LONGEST && (rest < GLANCE || self.are_wanted(sight))
    }

    /// Whether readers want the cores since the last group.
    fn are_wanted(&self, sight: Sight) -> bool {
        let passed = sight.at.saturating_sub(self.since.at);
        sight.served.wants_cores(self.since.served, passed)
    }
}

/// A teller's rests behind its groups.
pub(crate) struct Rest {
    pace: Pace,
    /// Who goes first, once somebody does.
    readers: Arc<OnceLock<Arc<dyn Readers>>>,
    start: Instant,
}

impl Rest {
    /// The rests of a teller that waits for so many reads behind each order.
    pub(crate) fn new(reads_per_order: u32, readers: Arc<OnceLock<Arc<dyn Readers>>>) -> Self {
        Self { pace: Pace::new(reads_per_order), readers, start: Instant::now() }
    }

    /// Rests behind a group of so many orders, with so many transfers and the like in them. `pause`
    /// lets a moment pass and says whether there is time for another.
    pub(crate) fn behind(&mut self, orders: u64, transfers: u64, pause: impl Fn(Duration) -> bool) {
        let Some(readers) = self.readers.get() else { return };
        let sight = || Sight { at: self.start.elapsed(), served: readers.so_far() };
        self.pace.carried_out(sight(), orders, transfers);
        while self.pace.rests(sight()) {
            if !pause(MOMENT) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What readers had got when so many milliseconds had passed, of which so many were busy.
    fn sight(at: u64, busy: u64, reads: u64) -> Sight {
        let served = Served { reads, busy: Duration::from_millis(busy) };
        Sight { at: Duration::from_millis(at), served }
    }

    #[test]
    fn behind_each_order_reads_go_first() {
        let mut pace = Pace::new(12);
        pace.carried_out(sight(100, 90, 1000), 30, 30);
        assert!(pace.rests(sight(101, 91, 1000)));
        assert!(pace.rests(sight(120, 110, 1000 + 359)));
        assert!(!pace.rests(sight(120, 110, 1000 + 360)));
        // A batch counts as an order, and each further transfer in it as a read.
        pace.carried_out(sight(130, 120, 2000), 2, 100);
        assert!(pace.rests(sight(131, 121, 2000 + 121)));
        assert!(!pace.rests(sight(131, 121, 2000 + 122)));
    }

    #[test]
    fn nobody_rests_for_few_readers_nor_beside_idle_cores() {
        for quiet in [sight(100, 90, 99), sight(100, 49, 5000), sight(100, 90, 0)] {
            let mut pace = Pace::new(12);
            pace.carried_out(quiet, 1000, 1000);
            assert!(!pace.rests(quiet), "{quiet:?}");
        }
        let mut pace = Pace::new(0);
        pace.carried_out(sight(100, 90, 1000), 30, 30);
        assert!(!pace.rests(sight(100, 90, 1000)));
    }

    #[test]
    fn a_rest_ends_when_the_readers_go_and_at_the_latest_after_half_a_second() {
        let mut pace = Pace::new(12);
        pace.carried_out(sight(100, 90, 1000), 1000, 1000);
        assert!(pace.rests(sight(149, 90, 1000)));
        assert!(!pace.rests(sight(150, 90, 1000)));
        assert!(pace.rests(sight(150, 140, 1050)));
        assert!(pace.rests(sight(599, 589, 3000)));
        assert!(!pace.rests(sight(600, 590, 3000)));
    }
}
