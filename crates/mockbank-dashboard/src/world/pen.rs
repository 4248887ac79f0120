//! The right to change a world, which one process has at a time in a folder, and what is done with
//! it.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{SystemTime, UNIX_EPOCH};

use mockbank_bank::command::Command;
use mockbank_store::{
    Audit, Place, Reply, Request, Result, StoreError, Teller, TellerSettings, Verdict, Writer,
};
use tokio::runtime::Runtime;

/// The name under which the dashboard stands in the audit log.
const ACTOR: &str = "dashboard";

/// Carries out commands, lets time pass, and keeps the audit log.
pub(super) struct Pen(Arc<dyn Teller>);

impl Pen {
    /// Takes the right to change the world; brings a world of an earlier format up to date.
    pub(super) fn take(place: &Place, runtime: &Runtime) -> Result<Self> {
        runtime.block_on(place.open_teller(TellerSettings::default())).map(Self)
    }

    /// Does something with the world's writer and waits for it.
    pub(super) fn write<T: Send + 'static>(
        &self,
        runtime: &Runtime,
        act: impl FnOnce(&mut dyn Writer) -> T + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = channel();
        let act = Box::new(move |writer: &mut dyn Writer| {
            // Whoever asked waits for the answer below.
            let _ = tell.send(act(writer));
        });
        runtime.block_on(self.0.with_writer(act))?;
        told.try_recv().map_err(|_| no_answer())
    }

    /// Carries a command out and waits until that is durable.
    pub(super) fn carry_out(&self, runtime: &Runtime, command: Command) -> Result<Verdict> {
        let (tell, told) = channel();
        let request = Request {
            command,
            idempotency: None,
            audit: Some(audit()),
            render: Box::new(move |verdict, _| {
                // Whoever asked waits for the answer below.
                let _ = tell.send(verdict.clone());
                Reply { status: 0, body: Vec::new() }
            }),
        };
        runtime.block_on(self.0.execute(request))?;
        told.try_recv().map_err(|_| no_answer())
    }

    /// Writes an act into the audit log.
    pub(super) fn record(&self, runtime: &Runtime, act: String) -> Result<()> {
        runtime.block_on(self.0.record(audit(), act))
    }
}

fn audit() -> Audit {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let received_at = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Audit { actor: ACTOR.to_owned(), received_at }
}

fn no_answer() -> StoreError {
    StoreError::Database("the teller gave no answer".into())
}
