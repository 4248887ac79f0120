//! What the teller's thread does.

use tokio::runtime::{Builder, Runtime};

use super::desk::Desk;
use crate::postgres::address::Address;
use crate::postgres::session::wait;
use crate::postgres::writer::PostgresWriter;
use crate::teller::counter;
use crate::teller::judge::tell;
use crate::teller::ticket::Ticket;
use crate::teller::{Act, Audit, TellerSettings};
use crate::{Result, StoreError};

/// Owner of the connection that carries commands out, and of the runtime that drives it: the thread
/// has nothing else to do while the server works, so it need not wake another one for each answer.
pub(super) struct Clerk {
    runtime: Runtime,
    desk: Desk,
    address: Address,
    /// The right to let time pass, while somebody has it reserved.
    writer: Option<PostgresWriter>,
}

impl Clerk {
    pub(super) fn new(address: Address, settings: TellerSettings) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Self { runtime, desk: Desk::new(address.clone(), settings), address, writer: None })
    }

    /// Connects, and brings a world of an earlier format up to date.
    pub(super) fn open(&mut self) -> Result<()> {
        match self.runtime.block_on(self.desk.open()) {
            Err(StoreError::OtherVersion { found, expected, .. }) if found < expected => {
                drop(self.open_writer()?);
                self.runtime.block_on(self.desk.open())
            }
            other => other,
        }
    }

    /// Writes an act that is no command into the audit log.
    pub(super) fn record(&mut self, audit: Audit, act: String) -> Result<()> {
        self.runtime.block_on(self.desk.record(audit, act))
    }

    /// Does something with the right to let time pass: the reserved one, or one for this act alone.
    pub(super) fn with_writer(&mut self, act: Act) -> Result<()> {
        self.desk.expect_others();
        match &mut self.writer {
            Some(writer) => act(writer),
            None => act(&mut self.open_writer()?),
        }
        Ok(())
    }

    pub(super) fn reserve_writer(&mut self) -> Result<()> {
        if self.writer.is_some() {
            let path = self.address.name().to_owned();
            return Err(StoreError::Busy { path, holder: Some("this process".to_owned()) });
        }
        self.writer = Some(self.open_writer()?);
        Ok(())
    }

    pub(super) fn release_writer(&mut self) {
        self.writer = None;
    }

    fn open_writer(&self) -> Result<PostgresWriter> {
        wait(PostgresWriter::open(&self.address))
    }
}

impl counter::Clerk for Clerk {
    /// A dozen messages and plans, and a transaction.
    const GATHERS: bool = true;

    fn serve(&mut self, tickets: Vec<Ticket>) {
        let group = self.runtime.block_on(self.desk.carry_out(&tickets));
        tell(tickets, group);
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.runtime.block_on(self.desk.close());
    }
}
