//! The right to change a world, which one process has at a time, and what is done with it.

use std::sync::mpsc::channel;
use std::time::{SystemTime, UNIX_EPOCH};

use mockbank_bank::command::Command;
use mockbank_store::sqlite::{SqliteTeller, TellerSettings};
use mockbank_store::{Audit, Place, Reply, Request, Result, StoreError, Teller, Verdict, Writer};
use tokio::runtime::Runtime;

/// The name under which the dashboard stands in the audit log.
const ACTOR: &str = "dashboard";

/// Who changes the world.
pub(super) enum Pen {
    /// Carries out commands, lets time pass, and keeps the audit log.
    Teller(Box<dyn Teller>),
    /// Lets time pass, where the place of the world has no teller.
    Writer(Box<dyn Writer>),
}

impl Pen {
    /// Takes the right to change the world; brings a world of an earlier format up to date.
    pub(super) fn take(place: &Place, runtime: &Runtime) -> Result<Self> {
        Ok(match place {
            Place::Folder(folder) => {
                Self::Teller(Box::new(SqliteTeller::open(folder, TellerSettings::default())?))
            }
            Place::Database(_) => Self::Writer(runtime.block_on(place.open_for_writing())?),
        })
    }

    /// Does something with the world's writer and waits for it.
    pub(super) fn write<T: Send + 'static>(
        &mut self,
        runtime: &Runtime,
        act: impl FnOnce(&mut dyn Writer) -> T + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Writer(writer) => Ok(act(&mut **writer)),
            Self::Teller(teller) => {
                let (tell, told) = channel();
                let act = Box::new(move |writer: &mut dyn Writer| {
                    // Whoever asked waits for the answer below.
                    let _ = tell.send(act(writer));
                });
                runtime.block_on(teller.with_writer(act))?;
                told.try_recv().map_err(|_| no_answer())
            }
        }
    }

    /// Carries a command out and waits until that is durable.
    pub(super) fn carry_out(&self, runtime: &Runtime, command: Command) -> Result<Verdict> {
        let Self::Teller(teller) = self else {
            return Err(StoreError::Database(
                "money is not yet moved by hand in a database; the charts, the tables and the \
                 keys for time work"
                    .into(),
            ));
        };
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
        runtime.block_on(teller.execute(request))?;
        told.try_recv().map_err(|_| no_answer())
    }

    /// Writes an act into the audit log, where there is one.
    pub(super) fn record(&self, runtime: &Runtime, act: String) -> Result<()> {
        match self {
            Self::Teller(teller) => runtime.block_on(teller.record(audit(), act)),
            Self::Writer(_) => Ok(()),
        }
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
