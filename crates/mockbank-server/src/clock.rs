//! Time: the machine's, which tokens and limits go by, and the bank's, which customers see.

use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use axum::http::HeaderValue;
use mockbank_bank::Instant;
use mockbank_store::{Store, StoreError};

/// The machine's time.
pub trait Clock: Send + Sync {
    /// Time since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// How long a reading of the bank's time is used before the store is asked again.
const FRESH: Duration = Duration::from_secs(1);

/// The bank's time as last read from the store.
#[derive(Default)]
pub(crate) struct BankClock {
    latest: RwLock<Option<Reading>>,
    reading: AtomicBool,
}

/// The bank's time, and when it was read.
#[derive(Clone)]
struct Reading {
    read_at: Duration,
    time: BankTime,
}

/// An instant of the bank's time, and the same as a header.
#[derive(Clone)]
pub(crate) struct BankTime {
    pub(crate) instant: Instant,
    pub(crate) header: HeaderValue,
}

impl BankClock {
    /// The bank's time, at most a second old, unless the store fails: then the latest known.
    pub(crate) async fn now(
        &self,
        store: &dyn Store,
        machine: Duration,
    ) -> Result<BankTime, StoreError> {
        let latest = self.latest();
        match latest {
            Some(Reading { read_at, time }) if machine.saturating_sub(read_at) < FRESH => Ok(time),
            Some(Reading { time, .. }) if self.reading.swap(true, Ordering::Acquire) => Ok(time),
            Some(Reading { time, .. }) => {
                let read = self.read(store, machine).await;
                self.reading.store(false, Ordering::Release);
                Ok(read.unwrap_or(time))
            }
            None => self.read(store, machine).await,
        }
    }

    fn latest(&self) -> Option<Reading> {
        self.latest.read().ok()?.clone()
    }

    async fn read(&self, store: &dyn Store, machine: Duration) -> Result<BankTime, StoreError> {
        let instant = store.world().await?.clock;
        Ok(self.keep(instant, machine))
    }

    /// Keeps the bank's time as it is known to be at `machine`.
    pub(crate) fn keep(&self, instant: Instant, machine: Duration) -> BankTime {
        let header = HeaderValue::try_from(instant.to_string())
            .unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        let time = BankTime { instant, header };
        if let Ok(mut latest) = self.latest.write() {
            *latest = Some(Reading { read_at: machine, time: time.clone() });
        }
        time
    }
}
