//! The counter: where clients' commands are carried out, one after the other, each exactly once.

pub(crate) mod counter;
pub(crate) mod job;
pub(crate) mod judge;
pub(crate) mod pace;
pub(crate) mod queue;
mod settings;
pub(crate) mod ticket;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mockbank_bank::Instant;
use mockbank_bank::command::{Command, Outcome, Refused};

pub use settings::{Durability, TellerSettings};

use crate::{Result, Writer};

pub use job::{JobEntry, JobRecord, JobState, RenderJob};
pub use pace::{Readers, Served};

/// What came of a command.
pub type Verdict = Result<Outcome, Refused>;

/// Makes the answer to a command from what came of it and the bank's time.
///
/// For a command with an idempotency key the store calls it before it commits, so that the answer
/// is kept in the same transaction as the effect. A command that met another process's is judged
/// again, and then it is called again. It must not panic: it runs where all commands are carried
/// out.
pub type Render = Box<dyn Fn(&Verdict, Instant) -> Reply + Send>;

/// Something that is done with a world's writer.
pub type Act = Box<dyn FnOnce(&mut dyn Writer) + Send>;

/// A command with what is needed to answer it.
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Given by clients that may ask again.
    pub idempotency: Option<Idempotency>,
    /// Who asks, for the audit log; `None` for what is not audited.
    pub audit: Option<Audit>,
    /// Makes the answer.
    pub render: Render,
}

/// What makes a repeated request known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Whose key it is: keys of different clients never meet.
    pub owner: String,
    /// The client's key.
    pub key: String,
    /// Hash of the request, so that the key is not taken for another one.
    pub fingerprint: [u8; 32],
    /// Seconds of the machine's time since 1970, from which the key's lifetime counts.
    pub received_at: i64,
}

/// Who did something that is audited, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Who.
    pub actor: String,
    /// Seconds of the machine's time since 1970.
    pub received_at: i64,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Place in the log, from 1.
    pub number: i64,
    /// The bank's time.
    pub at: Instant,
    /// Who did it, and when by the machine's time.
    pub audit: Audit,
    /// What was done, in one line.
    pub act: String,
    /// Code of the refusal; `None` for what was done.
    pub refusal: Option<String>,
}

/// An answer as the edge made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The edge's status code.
    pub status: u16,
    /// The edge's bytes.
    pub body: Vec<u8>,
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer.
    pub reply: Reply,
    /// Whether it was kept from an earlier request with the same key.
    pub replayed: bool,
}

/// The right to write that a teller keeps for one work, until this is dropped.
#[must_use = "it ends when it is dropped"]
pub struct Reservation {
    end: Option<Box<dyn FnOnce() + Send>>,
}

impl Reservation {
    /// A reservation that comes to its end by `end`.
    pub(crate) fn until(end: impl FnOnce() + Send + 'static) -> Self {
        Self { end: Some(Box::new(end)) }
    }

    /// A reservation of what its teller has for good.
    pub(crate) fn always() -> Self {
        Self { end: None }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").finish_non_exhaustive()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

/// Carries out commands.
///
/// An answer is given when the effect is durable, never before. A refusal leaves no trace but in
/// the audit log, so a refused command may be sent again with the same key.
///
/// # Errors
/// [`StoreError::Overloaded`](crate::StoreError::Overloaded) when too many commands wait,
/// [`StoreError::KeyReused`](crate::StoreError::KeyReused) when a key comes with another request,
/// and a database's failure, after which nothing of the command is there. When a machine fails
/// just then, the command may yet be found carried out; a repetition with the same key tells.
#[async_trait]
pub trait Teller: Send + Sync {
    /// Carries a command out and answers it.
    async fn execute(&self, request: Request) -> Result<Answer>;

    /// Writes an act into the audit log that is no command, such as moving the clock.
    async fn record(&self, audit: Audit, act: String) -> Result<()>;

    /// Does something with the world's writer between two groups of commands, and waits for it. No
    /// command is carried out meanwhile: work that takes long is better cut in pieces.
    ///
    /// # Errors
    /// [`StoreError::Busy`](crate::StoreError::Busy) if another process has it.
    async fn with_writer(&self, act: Act) -> Result<()>;

    /// Keeps the world's writer for a work of many acts: until the end of the reservation, no other
    /// process gets it. A teller that nobody works beside has it anyhow.
    ///
    /// # Errors
    /// [`StoreError::Busy`](crate::StoreError::Busy) if another process has it.
    async fn reserve_writer(&self) -> Result<Reservation> {
        Ok(Reservation::always())
    }

    /// Begins a job that all processes which share the world can ask about: `body` makes what they
    /// are told at first.
    async fn begin_job(&self, body: RenderJob) -> Result<Box<dyn JobEntry>>;

    /// Has these readers go first where the cores do not suffice for them and the commands. Only
    /// the first readers that a teller is told of count; one whose database works elsewhere needs
    /// none.
    fn let_go_first(&self, _readers: Arc<dyn Readers>) {}
}
