//! The threads that simulate.

use std::ops::Range;

use mockbank_bank::{Instant, PostingBatch};
use mockbank_sim::{Customer, World};
use mockbank_store::Books;
use rayon::prelude::*;

use crate::error::Result;

/// Customers that one thread simulates into one batch.
const PIECE: usize = 64;

/// Threads that simulate customers side by side. The result does not depend on their number.
#[derive(Debug)]
pub struct Workers(rayon::ThreadPool);

/// What the simulation made of some customers.
#[derive(Debug, Default)]
pub(crate) struct Simulated {
    pub(crate) postings: PostingBatch,
    pub(crate) books: Vec<Books>,
}

impl Workers {
    /// Starts `threads` threads, one for each core if 0.
    pub fn new(threads: usize) -> Result<Self> {
        let name = |number| format!("simulate-{number}");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(name);
        Ok(Self(pool.build()?))
    }

    /// Runs `work` on every thread at the same time.
    pub(crate) fn on_every_thread<T: Send>(&self, work: impl Fn() -> T + Sync) -> Vec<T> {
        self.0.broadcast(|_| work())
    }

    /// Applies `work` to pieces of `0..count`; the answers are in the order of the pieces.
    pub(crate) fn in_pieces<T: Send>(
        &self,
        count: usize,
        work: impl Fn(Range<usize>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let piece = |number: usize| number * PIECE..count.min((number + 1) * PIECE);
        self.0.install(|| {
            (0..count.div_ceil(PIECE)).into_par_iter().map(|number| work(piece(number))).collect()
        })
    }
}

/// Simulates customers one after the other over `[from, to)`.
pub(crate) fn simulate(
    world: &World,
    customers: impl Iterator<Item = Result<Customer>>,
    from: Instant,
    to: Instant,
) -> Result<Simulated> {
    let mut simulated = Simulated::default();
    for customer in customers {
        let mut customer = customer?;
        world.simulate(&mut customer, from, to, &mut simulated.postings)?;
        simulated.books.push(Books {
            user: customer.user(),
            books: customer.books().to_vec(),
            memory: customer.memory(),
        });
    }
    Ok(simulated)
}
