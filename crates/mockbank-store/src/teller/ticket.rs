//! A command that waits for the teller, and what came of it.

use mockbank_bank::Instant;
use mockbank_bank::command::Command;
use tokio::sync::oneshot;

use super::{Answer, Render, Request, Verdict};
use crate::Result;

/// A command that waits, and who waits for it.
pub(crate) struct Ticket {
    pub(crate) request: Request,
    pub(crate) answer_to: oneshot::Sender<Result<Done>>,
}

impl Ticket {
    /// What the command counts for: a batch as its transfers.
    pub(super) fn weight(&self) -> usize {
        match &self.request.command {
            Command::Batch { orders, .. } => orders.len().max(1),
            _ => 1,
        }
    }
}

/// What came of a command in a group that is not committed yet.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one")]
pub(crate) enum Judged {
    /// The answer was made, and kept if the command has a key.
    Answered(Answer),
    /// The answer is made by whoever waits, so that the teller's thread does not.
    Unanswered { verdict: Verdict, now: Instant },
}

/// What came of a command, once that is durable.
pub(crate) struct Done {
    pub(super) judged: Judged,
    pub(super) render: Render,
}

impl Done {
    pub(crate) fn answer(self) -> Answer {
        match self.judged {
            Judged::Answered(answer) => answer,
            Judged::Unanswered { verdict, now } => {
                Answer { reply: (self.render)(&verdict, now), replayed: false }
            }
        }
    }
}
