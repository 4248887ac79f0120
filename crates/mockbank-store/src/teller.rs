//! The counter: where clients' commands are carried out, one after the other, each exactly once.

use async_trait::async_trait;
use mockbank_bank::Instant;
use mockbank_bank::command::{Command, Outcome};
use mockbank_bank::rules::Refusal;

use crate::Result;

/// Makes the answer to a command from what came of it and the bank's time.
///
/// The store calls it before it commits, so that the answer of a command with an idempotency key
/// is kept in the same transaction as its effect.
pub type Render = Box<dyn FnOnce(&Result<Outcome, Refusal>, Instant) -> Reply + Send>;

/// A command with what is needed to answer it.
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Given by clients that may ask again.
    pub idempotency: Option<Idempotency>,
    /// Who asks, for the audit log; `None` for what is not audited.
    pub audit: Option<String>,
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

/// Carries out commands.
///
/// An answer is given when the effect is durable, never before. A refusal leaves no trace, so a
/// refused command may be sent again with the same key.
///
/// # Errors
/// [`StoreError::Overloaded`](crate::StoreError::Overloaded) when too many commands wait,
/// [`StoreError::KeyReused`](crate::StoreError::KeyReused) when a key comes with another request,
/// and a database's failure, after which nothing of the command has happened.
#[async_trait]
pub trait Teller: Send + Sync {
    /// Carries a command out and answers it.
    async fn execute(&self, request: Request) -> Result<Answer>;
}
