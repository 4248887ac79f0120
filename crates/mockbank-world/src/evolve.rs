//! Letting time pass: every customer is simulated from the world's clock to a later instant.

use mockbank_bank::{Day, Instant};
use mockbank_sim::{Preset, World};
use mockbank_store::{Holder, Step, WorldInfo, Writer};

use crate::error::{Result, WorldError};
use crate::pipeline::{self, Stage};
use crate::watch::{Progress, Watch};
use crate::workers::{Simulated, Workers, simulate};

/// Customer-days in one step: a killed process loses one step at most, a second or two of work.
const CUSTOMER_DAYS_IN_STEP: u64 = 1 << 21;

/// Customer-days that are simulated at once: with them, not with the world, grows the memory.
const CUSTOMER_DAYS_AT_ONCE: u64 = 1 << 17;

/// What happened while time passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evolved {
    /// The bank's time before.
    pub from: Instant,
    /// The bank's time now.
    pub clock: Instant,
    /// Postings that were added.
    pub transactions: u64,
    /// Whether it was stopped before all the time had passed.
    pub interrupted: bool,
}

/// Lets `seconds` of the bank's time pass, in steps of whole days. What is kept is always a whole
/// number of steps, so the world is good wherever the work ends.
pub fn evolve(
    writer: &mut dyn Writer,
    seconds: i64,
    workers: &Workers,
    watch: &dyn Watch,
) -> Result<Evolved> {
    let mut step = writer.begin()?;
    let info = step.world()?;
    let mut world = world_of(&info)?;
    if world.has_transfers() {
        // Nobody can transfer to or from a frozen or closed account.
        world.leave_out(step.inactive_users()?);
    }
    drop(step);
    let (from, to) = (info.clock, info.clock.plus_seconds(seconds)?);
    let users = info.counts.users;
    let mut progress =
        Progress { done: 0, total: seconds.unsigned_abs().saturating_mul(users), rows: 0 };
    let mut clock = from;
    while clock < to {
        let until = step_end(clock, users).min(to);
        let days = (until.seconds() - clock.seconds()).unsigned_abs().div_ceil(86_400);
        let mut passing = Passing {
            step: writer.begin()?,
            watch,
            after: 0,
            at_once: usize::try_from((CUSTOMER_DAYS_AT_ONCE / days).clamp(1, 4096)).unwrap_or(1),
            seconds: (until.seconds() - clock.seconds()).unsigned_abs(),
            progress,
        };
        let simulated = pipeline::run(&mut passing, |holders| {
            resume(&world, &holders, (clock, until), workers)
        });
        match simulated {
            Err(WorldError::Interrupted) => break,
            other => other?,
        }
        let Passing { step, progress: after, .. } = passing;
        step.commit(until)?;
        progress = after;
        clock = until;
    }
    Ok(Evolved { from, clock, transactions: progress.rows, interrupted: clock < to })
}

/// The simulation behind a world.
pub(crate) fn world_of(info: &WorldInfo) -> Result<World> {
    let expected = Preset::model_version_of(&info.preset_text)?;
    if info.model != expected {
        return Err(WorldError::OtherModel { found: info.model, expected });
    }
    let preset = Preset::parse(&info.preset_text)?;
    Ok(World::new(preset, info.seed, info.start, info.population.into()))
}

/// The end of a step that begins at `clock`: the start of a later day.
fn step_end(clock: Instant, users: u64) -> Instant {
    let days = (CUSTOMER_DAYS_IN_STEP / users.max(1)).clamp(1, 366);
    let end = clock.day().plus(days.cast_signed());
    end.map_or(Instant::from_seconds(i64::MAX), Day::start)
}

/// Goes on with customers where their books stand.
fn resume(
    world: &World,
    holders: &[Holder],
    (from, to): (Instant, Instant),
    workers: &Workers,
) -> Result<Vec<Simulated>> {
    workers.in_pieces(holders.len(), |piece| {
        let customers = holders[piece].iter().map(|holder| {
            let Holder { user, accounts, memory } = holder;
            Ok(world.customer(user, accounts, memory)?)
        });
        simulate(world, customers, from, to)
    })
}

/// The store's side of a step.
struct Passing<'a> {
    step: Box<dyn Step + Send + 'a>,
    watch: &'a dyn Watch,
    after: i64,
    at_once: usize,
    seconds: u64,
    progress: Progress,
}

impl Stage for Passing<'_> {
    type Work = Vec<Holder>;
    type Product = Vec<Simulated>;
    type Error = WorldError;

    fn next(&mut self) -> Result<Option<Vec<Holder>>> {
        if self.watch.cancelled() {
            return Err(WorldError::Interrupted);
        }
        let holders = self.step.holders(self.after, self.at_once)?;
        let Some(last) = holders.last() else { return Ok(None) };
        self.after = last.user.id.number();
        Ok(Some(holders))
    }

    fn take(&mut self, pieces: Vec<Simulated>) -> Result<()> {
        for Simulated { postings, books } in pieces {
            self.step.append(&postings)?;
            self.step.save(&books)?;
            self.progress.rows += postings.len() as u64;
            self.progress.done += books.len() as u64 * self.seconds;
        }
        self.watch.progress(self.progress);
        Ok(())
    }
}
