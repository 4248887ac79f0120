//! Counting how often clients do something, in a place that several processes share.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

use crate::Result;

/// So many times in so much time, by a generic cell rate algorithm: a client that was quiet for
/// the whole period may use all of it at once, and then gets it back evenly over the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What tells it from other rates.
    pub name: &'static str,
    /// How often within the period.
    pub requests: NonZeroU32,
    /// The time after which a quiet client has all of it back.
    pub period: Duration,
}

impl Rate {
    /// The time in which one request comes back.
    pub fn gap(&self) -> Duration {
        self.period / self.requests.get()
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It counts; for each rate, in their order, the time until the client has all of it back.
    Within(Vec<Duration>),
    /// It counts nowhere, since it is too early for one of the rates.
    TooEarly {
        /// Index of the rate.
        rate: usize,
        /// How long to wait.
        wait: Duration,
    },
}

/// Counts for all processes that share a database.
#[async_trait]
pub trait RateCounter: Send + Sync {
    /// Counts a request of `client` against all of `rates`, or against none of them. The time is
    /// that of the database, which is one for all processes.
    async fn count(&self, client: &str, rates: &[Rate]) -> Result<Counted>;
}
