//! What the teller's thread does.

use mockbank_bank::Instant;
use mockbank_bank::counter::carry_out;
use tokio::sync::oneshot;

use super::keys::{Answers, Known};
use super::queue::{Queue, Work};
use super::vault::{Memory, SqliteVault};
use super::write::Group;
use super::{Durability, Exclusive, TellerSettings};
use crate::sqlite::{SqliteWriter, audit};
use crate::teller::{Answer, Audit, Render, Reply, Request, Verdict};
use crate::{Result, StoreError};

/// A command that waits, and who waits for it.
pub(super) struct Ticket {
    pub(super) request: Request,
    pub(super) answer_to: oneshot::Sender<Result<Done>>,
}

/// What came of a command, once that is durable.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one")]
pub(super) enum Done {
    /// The answer was made, and kept if the command has a key.
    Answered(Answer),
    /// The answer is made by whoever waits, so that the thread does not.
    Judged { verdict: Verdict, now: Instant, render: Render },
}

impl Done {
    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Answered(answer) => answer,
            Self::Judged { verdict, now, render } => {
                Answer { reply: render(&verdict, now), replayed: false }
            }
        }
    }
}

/// Pages in the write-ahead log before they are moved into the database. A page that many groups
/// change is moved once for all of them, so more than the usual thousand; 32 MiB in all.
const CHECKPOINT_PAGES: i64 = 8192;

/// Owner of the writer and of the hot books.
pub(super) struct Clerk {
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
        let memory = Memory::load(writer.connection(), &settings)?;
        Ok(Self { writer, settings, memory: Some(memory) })
    }

    /// Works until the line is closed and empty.
    pub(super) fn work(&mut self, line: &Queue<Ticket, Exclusive>) {
        while let Some(work) = line.next() {
            match work {
                Work::Group(tickets) => self.serve(tickets),
                Work::Exclusive(act) => act(self),
            }
        }
    }

    /// The writer, for a step. What is in memory is forgotten, since a step changes the books.
    pub(super) fn writer(&mut self) -> &mut SqliteWriter {
        self.memory = None;
        &mut self.writer
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

    /// Carries a group out and answers it.
    fn serve(&mut self, tickets: Vec<Ticket>) {
        let (requests, waiting): (Vec<_>, Vec<_>) =
            tickets.into_iter().map(|ticket| (ticket.request, ticket.answer_to)).unzip();
        match self.carry_out_group(requests) {
            Ok(answers) => {
                for (answer_to, answer) in waiting.into_iter().zip(answers) {
                    // Whoever asked may have gone; the command is carried out all the same.
                    let _ = answer_to.send(answer);
                }
            }
            Err(error) => {
                tracing::error!(%error, commands = waiting.len(), "a group of commands failed");
                self.take_back();
                for answer_to in waiting {
                    let _ = answer_to.send(Err(again(&error)));
                }
            }
        }
    }

    fn carry_out_group(&mut self, requests: Vec<Request>) -> Result<Vec<Result<Done>>> {
        self.load()?;
        let Self { writer, settings, memory: Some(memory) } = self else {
            return Err(super::stopped());
        };
        let connection = writer.connection();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut group = Group::begin(memory);
        let mut kept = Answers::default();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let mut vault = SqliteVault { connection, memory };
            let answer = serve_one(&mut vault, settings, &mut group, &mut kept, request);
            answers.push(match answer {
                Err(StoreError::KeyReused) => Err(StoreError::KeyReused),
                other => Ok(other?),
            });
        }
        group.finish(connection, memory)?;
        kept.write(connection, settings.key_lifetime)?;
        connection.execute_batch("COMMIT")?;
        Ok(answers)
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

fn serve_one(
    vault: &mut SqliteVault<'_>,
    settings: &TellerSettings,
    group: &mut Group,
    kept: &mut Answers,
    request: Request,
) -> Result<Done> {
    let Request { command, idempotency, audit, render } = request;
    let connection = vault.connection;
    if let Some(key) = &idempotency
        && let Known::Answered(reply) = kept.find(connection, key, settings.key_lifetime)?
    {
        return Ok(Done::Answered(Answer { reply, replayed: true }));
    }
    let now = vault.memory.clock;
    let judgement = carry_out(vault, &command, now, &settings.policy)?;
    let verdict = match judgement {
        Ok(carried) => {
            group.take(connection, vault.memory, carried.effects)?;
            Ok(carried.outcome)
        }
        Err(refused) => Err(refused),
    };
    if let Some(audit) = audit {
        let refusal = verdict.as_ref().err().map(|refused| refused.refusal.code());
        audit::append(connection, now, &audit, &command.to_string(), refusal)?;
    }
    match idempotency {
        Some(key) if verdict.is_ok() => {
            let reply: Reply = render(&verdict, now);
            kept.keep(key, reply.clone());
            Ok(Done::Answered(Answer { reply, replayed: false }))
        }
        _ => Ok(Done::Judged { verdict, now, render }),
    }
}

/// The same error once more, since each command of a failed group is told.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Database(source) => StoreError::Database(source.to_string().into()),
        StoreError::Damaged(what) => StoreError::Damaged(what.clone()),
        other => StoreError::Database(other.to_string().into()),
    }
}
