//! What those got who only read, for the teller that lets them go first.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use mockbank_store::{Readers, Served};
use tokio::runtime::Handle;

/// The readers of a server.
pub(crate) struct Reads {
    answered: AtomicU64,
    /// Whose threads serve; none where no server runs yet.
    runtime: Option<Handle>,
}

impl Reads {
    /// Nobody has read yet, on the threads of the runtime that is entered.
    pub(crate) fn new() -> Self {
        Self { answered: AtomicU64::new(0), runtime: Handle::try_current().ok() }
    }

    /// Notes that a request was answered.
    pub(crate) fn answered(&self, method: &Method) {
        if method.is_safe() {
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Readers for Reads {
    fn so_far(&self) -> Served {
        let busy = self.runtime.as_ref().map_or(Duration::ZERO, |runtime| {
            let metrics = runtime.metrics();
            let workers = metrics.num_workers();
            let busy: Duration =
                (0..workers).map(|worker| metrics.worker_total_busy_duration(worker)).sum();
            busy / u32::try_from(workers).unwrap_or(u32::MAX).max(1)
        });
        Served { reads: self.answered.load(Ordering::Relaxed), busy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_changes_something_is_no_read() {
        let reads = Reads::new();
        for method in [Method::GET, Method::POST, Method::HEAD, Method::PUT, Method::PATCH] {
            reads.answered(&method);
        }
        assert_eq!(reads.so_far().reads, 2);
    }
}
