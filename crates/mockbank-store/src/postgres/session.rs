//! Connections of one's own for long work, used by blocking.

use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use deadpool_postgres::{ClientWrapper, Manager, Object, Pool};
use tokio::sync::oneshot;

use crate::{Result, StoreError};

/// A connection that a thread of its own drives.
///
/// Thus whoever holds it may block on it, with [`wait`], wherever he is: outside of any async
/// runtime, or within one whose threads then stand still.
pub(super) struct Session {
    // Dropped first: its end is what the thread waits for.
    client: Option<ClientWrapper>,
    end: Option<oneshot::Sender<()>>,
    driver: Option<JoinHandle<()>>,
}

impl Session {
    /// Connects.
    pub(super) async fn open(manager: Manager) -> Result<Self> {
        let failed = |error: std::io::Error| StoreError::Database(Box::new(error));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let (give_client, client) = oneshot::channel();
        let (end, ended) = oneshot::channel::<()>();
        let drive = move || {
            runtime.block_on(async {
                if give_client.send(connect(manager).await).is_ok() {
                    // An error means that the session was dropped, which is the end as well.
                    let _ = ended.await;
                }
            });
        };
        let driver = thread::Builder::new().name("postgres-session".to_owned()).spawn(drive);
        let driver = driver.map_err(failed)?;
        let client = client.await.map_err(|error| StoreError::Database(Box::new(error)))??;
        Ok(Self { client: Some(client), end: Some(end), driver: Some(driver) })
    }
}

impl Deref for Session {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.client.as_ref().expect("it is there until the drop")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.client.take());
        drop(self.end.take());
        if let Some(driver) = self.driver.take() {
            // It has nothing left to do, and what it panicked of was reported to the client.
            let _ = driver.join();
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// Connects on the runtime of whoever calls.
pub(super) async fn connect(manager: Manager) -> Result<ClientWrapper> {
    let pool = Pool::builder(manager).max_size(1).build();
    let pool = pool.map_err(|error| StoreError::Database(Box::new(error)))?;
    Ok(Object::take(pool.get().await?))
}

/// Blocks until a session's future is done.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
