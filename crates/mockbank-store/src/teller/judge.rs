//! What becomes of one command of a group, whatever database keeps it.

use mockbank_bank::Instant;
use mockbank_bank::counter::{Effects, Policy, Vault, carry_out};

use super::ticket::{Done, Judged, Ticket};
use super::{Answer, Audit, Idempotency, Reply, Request};
use crate::{Result, StoreError};

/// The books that a group of commands is judged by, as the commands before have left them; `'t`
/// is how long the group is there.
pub(crate) trait Books<'t> {
    /// Where the bank's records are found.
    type Vault: Vault<Error = StoreError>;

    /// Where the bank's records are found.
    fn vault(&mut self) -> &mut Self::Vault;

    /// The bank's time.
    fn now(&self) -> Instant;

    /// The answer that was given to a key before.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] if it was given to another request.
    fn answered(&mut self, key: &Idempotency) -> Result<Option<Reply>>;

    /// Takes in what a command did.
    fn take(&mut self, effects: Effects) -> Result<()>;

    /// Writes an act into the audit log, with the code of its refusal.
    fn audit(&mut self, audit: &Audit, act: String, refusal: Option<&'static str>) -> Result<()>;

    /// Keeps the answer to a key.
    fn keep(&mut self, key: &'t Idempotency, reply: &Reply) -> Result<()>;
}

/// Judges a command, and takes what it did into the books.
///
/// # Errors
/// [`StoreError::KeyReused`] concerns this command alone, any other the whole group.
pub(crate) fn judge<'t, B: Books<'t>>(
    books: &mut B,
    policy: &Policy,
    request: &'t Request,
) -> Result<Judged> {
    let Request { command, idempotency, audit, render } = request;
    if let Some(key) = idempotency
        && let Some(reply) = books.answered(key)?
    {
        return Ok(Judged::Answered(Answer { reply, replayed: true }));
    }
    let now = books.now();
    let verdict = match carry_out(books.vault(), command, now, policy)? {
        Ok(carried) => {
            books.take(carried.effects)?;
            Ok(carried.outcome)
        }
        Err(refused) => Err(refused),
    };
    if let Some(audit) = audit {
        let refusal = verdict.as_ref().err().map(|refused| refused.refusal.code());
        books.audit(audit, command.to_string(), refusal)?;
    }
    match idempotency {
        Some(key) if verdict.is_ok() => {
            let reply = render(&verdict, now);
            books.keep(key, &reply)?;
            Ok(Judged::Answered(Answer { reply, replayed: false }))
        }
        _ => Ok(Judged::Unanswered { verdict, now }),
    }
}

/// Judges a group. A key that was used with another request is its command's own failure.
pub(crate) fn judge_all<'t, B: Books<'t>>(
    books: &mut B,
    policy: &Policy,
    tickets: &'t [Ticket],
) -> Result<Vec<Result<Judged>>> {
    let judged = tickets.iter().map(|ticket| match judge(books, policy, &ticket.request) {
        Err(StoreError::KeyReused) => Ok(Err(StoreError::KeyReused)),
        other => Ok(Ok(other?)),
    });
    judged.collect()
}

/// Tells everybody in a group what came of it.
pub(crate) fn tell(tickets: Vec<Ticket>, group: Result<Vec<Result<Judged>>>) {
    match group {
        Ok(judged) => {
            for (ticket, judged) in tickets.into_iter().zip(judged) {
                let render = ticket.request.render;
                // Whoever asked may have gone; the command is carried out all the same.
                let _ = ticket.answer_to.send(judged.map(|judged| Done { judged, render }));
            }
        }
        Err(error) => {
            tracing::error!(%error, commands = tickets.len(), "a group of commands failed");
            for ticket in tickets {
                let _ = ticket.answer_to.send(Err(again(&error)));
            }
        }
    }
}

/// The same error once more, since each command of a failed group is told.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Overloaded { retry_after } => {
            StoreError::Overloaded { retry_after: *retry_after }
        }
        StoreError::Damaged(what) => StoreError::Damaged(what.clone()),
        other => StoreError::Database(other.to_string().into()),
    }
}
