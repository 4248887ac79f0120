//! Making a world: its first customers and their first days, in one step.

use std::ops::Range;

use mockbank_bank::{Account, Card, Day, Instant, User};
use mockbank_sim::{Customer, Preset, World};
use mockbank_store::{Counts, NewWorld, Step, Writer};

use crate::error::{Result, WorldError};
use crate::pipeline::{self, Stage};
use crate::watch::{Progress, Watch};
use crate::workers::{Simulated, Workers, simulate};

/// Postings that a piece of work is cut for: with them, not with the world, grows the memory.
const ROWS_AT_ONCE: u64 = 1 << 17;

/// What a world is made from.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Its rules.
    pub preset: Preset,
    /// Seed of all chance.
    pub seed: u64,
    /// First day.
    pub start: Day,
    /// Customers to begin with.
    pub users: u32,
    /// Days to simulate at once.
    pub days: u16,
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// The bank's time now.
    pub clock: Instant,
    /// How much there is.
    pub counts: Counts,
}

impl Recipe {
    /// What the store is to begin the world with. `default_password_hash` is the hash of the
    /// password that generated customers share, in the PHC string format.
    pub fn new_world(&self, default_password_hash: String) -> NewWorld {
        NewWorld {
            seed: self.seed,
            model: self.preset.model_version(),
            preset: self.preset.name().to_owned(),
            preset_text: self.preset.text().to_owned(),
            currency: self.preset.currency(),
            population: self.users,
            start: self.start,
            catalog: self.world().catalog().clone(),
            default_password_hash,
        }
    }

    /// When the simulated time ends.
    ///
    /// # Errors
    /// If that lies outside the bank's time.
    pub fn end(&self) -> Result<Instant> {
        Ok(self.start.plus(self.days.into())?.start())
    }

    /// The world to simulate.
    pub fn world(&self) -> World {
        World::new(self.preset.clone(), self.seed, self.start, self.users.into())
    }
}

/// A fingerprint of a preset's text, as 32 hexadecimal digits: presets of one's own may share a
/// name.
pub fn preset_fingerprint(text: &str) -> String {
    let mut half = [0; 16];
    blake3::Hasher::new().update(text.as_bytes()).finalize_xof().fill(&mut half);
    format!("{:032x}", u128::from_be_bytes(half))
}

/// Fills an empty world as the recipe says, in one step: all of it is kept, or none.
pub fn create(
    writer: &mut dyn Writer,
    recipe: &Recipe,
    workers: &Workers,
    watch: &dyn Watch,
) -> Result<Created> {
    let world = recipe.world();
    let from = recipe.start.start();
    let to = recipe.end()?;
    let at_once = ROWS_AT_ONCE / (u64::from(recipe.days) + 1);
    let mut creation = Creation {
        step: writer.begin()?,
        watch,
        next: 0,
        users: u64::from(recipe.users),
        at_once: at_once.clamp(1, 4096),
        seconds: (to.seconds() - from.seconds()).unsigned_abs(),
        counts: Counts::default(),
    };
    pipeline::run(&mut creation, |numbers| newcomers(&world, numbers, (from, to), workers))?;
    let Creation { step, counts, .. } = creation;
    step.commit(to)?;
    Ok(Created { clock: to, counts })
}

/// New customers and what they did at first.
#[derive(Debug, Default)]
struct Newcomers {
    users: Vec<User>,
    accounts: Vec<Account>,
    cards: Vec<Card>,
    simulated: Simulated,
}

/// The customers with these numbers, from 0, simulated over the time given.
fn newcomers(
    world: &World,
    numbers: Range<u64>,
    (from, to): (Instant, Instant),
    workers: &Workers,
) -> Result<Vec<Newcomers>> {
    let count = usize::try_from(numbers.end - numbers.start).unwrap_or(usize::MAX);
    workers.in_pieces(count, |piece| {
        let mut made = Newcomers::default();
        let mut customers = Vec::with_capacity(piece.len());
        for place in piece {
            let number = numbers.start.cast_signed() + place.cast_signed() as i64 + 1;
            let newcomer = world.newcomer(number);
            customers.push(Customer::from_newcomer(world, &newcomer)?);
            made.users.push(newcomer.user);
            made.accounts.extend(newcomer.accounts);
            made.cards.extend(newcomer.cards);
        }
        made.simulated = simulate(world, customers.into_iter().map(Ok), from, to)?;
        Ok(made)
    })
}

/// The store's side of the creation.
struct Creation<'a> {
    step: Box<dyn Step + Send + 'a>,
    watch: &'a dyn Watch,
    next: u64,
    users: u64,
    at_once: u64,
    seconds: u64,
    counts: Counts,
}

impl Stage for Creation<'_> {
    type Work = Range<u64>;
    type Product = Vec<Newcomers>;
    type Error = WorldError;

    fn next(&mut self) -> Result<Option<Range<u64>>> {
        if self.watch.cancelled() {
            return Err(WorldError::Interrupted);
        }
        let begin = self.next;
        self.next = self.users.min(begin + self.at_once);
        Ok((begin < self.next).then_some(begin..self.next))
    }

    fn take(&mut self, pieces: Vec<Newcomers>) -> Result<()> {
        for Newcomers { users, accounts, cards, simulated } in pieces {
            self.step.add_customers(&users, &accounts, &cards)?;
            self.step.append(&simulated.postings)?;
            self.step.save(&simulated.books)?;
            self.counts.users += users.len() as u64;
            self.counts.accounts += accounts.len() as u64;
            self.counts.cards += cards.len() as u64;
            self.counts.transactions += simulated.postings.len() as u64;
        }
        self.watch.progress(Progress {
            done: self.counts.users * self.seconds,
            total: self.users * self.seconds,
            rows: self.counts.transactions,
        });
        Ok(())
    }
}
