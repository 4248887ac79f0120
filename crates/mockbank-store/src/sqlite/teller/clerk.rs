//! What the teller's thread does.

use mockbank_bank::Instant;
use mockbank_bank::counter::Effects;
use rusqlite::Connection;

use super::keys::Answers;
use super::vault::{Memory, SqliteVault};
use super::write::Group;
use super::{Durability, TellerSettings};
use crate::Result;
use crate::sqlite::{SqliteWriter, audit};
use crate::teller::counter;
use crate::teller::judge::{Books, judge_all, tell};
use crate::teller::queue::stopped;
use crate::teller::ticket::{Judged, Ticket};
use crate::teller::{Audit, Idempotency, Reply};

/// Pages in the write-ahead log before they are moved into the database. A page that many groups
/// change is moved once for all of them, so more than the usual thousand; 32 MiB in all.
const CHECKPOINT_PAGES: i64 = 8192;

/// Owner of the writer and of the hot books.
pub(in crate::sqlite) struct Clerk {
    writer: SqliteWriter,
    settings: TellerSettings,
    /// `None` when it must be read again.
    memory: Option<Memory>,
}

impl Clerk {
    pub(super) fn new(writer: SqliteWriter, settings: TellerSettings) -> Result<Self> {
        let synchronous = match settings.durability {
            Durability::Full => "FULL",
            Durability::Process => "NORMAL",
        };
        let connection = writer.connection();
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        // A statement of many rows keeps the pages that it changes until it is done. On disk, as is
        // the default beyond 64 KiB, that is a third of all that a group writes.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        let memory = Memory::load(writer.connection(), &settings)?;
        Ok(Self { writer, settings, memory: Some(memory) })
    }

    /// The writer, for a step. What is in memory is forgotten, since a step changes the books.
    pub(super) fn writer(&mut self) -> &mut SqliteWriter {
        self.memory = None;
        &mut self.writer
    }

    /// The connection, between two groups.
    pub(in crate::sqlite) fn connection(&self) -> &Connection {
        self.writer.connection()
    }

    /// Writes an act that is no command into the audit log.
    pub(super) fn record(&mut self, audit: &Audit, act: &str) -> Result<()> {
        self.load()?;
        let now = self.memory.as_ref().map_or(Instant::default(), |memory| memory.clock);
        audit::append(self.writer.connection(), now, audit, act, None)
    }

    fn load(&mut self) -> Result<()> {
        if self.memory.is_none() {
            self.memory = Some(Memory::load(self.writer.connection(), &self.settings)?);
        }
        Ok(())
    }

    fn carry_out_group(&mut self, tickets: &[Ticket]) -> Result<Vec<Result<Judged>>> {
        self.load()?;
        let Self { writer, settings, memory: Some(memory) } = self else {
            return Err(stopped());
        };
        let connection = writer.connection();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let group = Group::begin(memory);
        let vault = SqliteVault { connection, memory };
        let kept = Answers::new(connection, settings.key_lifetime, tickets.len())?;
        let mut books = SqliteBooks { vault, group, kept };
        let judged = judge_all(&mut books, &settings.policy, tickets)?;
        let SqliteBooks { mut group, kept, .. } = books;
        group.finish(connection, memory)?;
        kept.write()?;
        connection.execute_batch("COMMIT")?;
        Ok(judged)
    }

    /// Undoes what a failed group has written, on disk and in memory.
    fn take_back(&mut self) {
        self.memory = None;
        let connection = self.writer.connection();
        if !connection.is_autocommit() {
            // Should it fail, so does the next group's begin, which tries it again.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
}

impl counter::Clerk for Clerk {
    fn serve(&mut self, tickets: Vec<Ticket>) {
        let group = self.carry_out_group(&tickets);
        if group.is_err() {
            self.take_back();
        }
        tell(tickets, group);
    }
}

/// The books within a group of commands, which is there for `'t`.
struct SqliteBooks<'a, 't> {
    vault: SqliteVault<'a>,
    group: Group,
    kept: Answers<'t>,
}

impl<'a, 't> Books<'t> for SqliteBooks<'a, 't> {
    type Vault = SqliteVault<'a>;

    fn vault(&mut self) -> &mut SqliteVault<'a> {
        &mut self.vault
    }

    fn now(&self) -> Instant {
        self.vault.memory.clock
    }

    fn answered(&mut self, key: &Idempotency) -> Result<Option<Reply>> {
        self.kept.find(key)
    }

    fn take(&mut self, effects: Effects) -> Result<()> {
        self.group.take(self.vault.connection, self.vault.memory, effects)
    }

    fn audit(&mut self, audit: &Audit, act: String, refusal: Option<&'static str>) -> Result<()> {
        audit::append(self.vault.connection, self.now(), audit, &act, refusal)
    }

    fn keep(&mut self, key: &'t Idempotency, reply: &Reply) -> Result<()> {
        self.kept.keep(key, reply.clone());
        Ok(())
    }
}
