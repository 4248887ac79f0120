//! The way of an order to the teller and of its answer back.
//!
//! | status | codes of refusals |
//! |---|---|
//! | 404 | what was named does not exist: `unknown_account`, `unknown_card`, `unknown_user`, `unknown_hold` |
//! | 409 | the request is as the document says, and what there is stands in its way: `insufficient_funds`, `limit_exceeded`, `account_frozen`, `account_closed`, `account_not_empty`, `card_blocked`, `card_expired`, `hold_resolved`, `hold_expired`, `username_taken`, `limit_below_spend`, `numbers_exhausted`, `out_of_order`, `same_account`, `currency_mismatch`, `more_than_held`, `expiry_not_ahead`, `amount_too_large` for a balance, `job_running`; and, of the edge's own, `key_reused`, `clock_end`, `unknown_profile`, `password_is_username` |
//! | 422 | the document forbids the body: `invalid_fields`, found at the edge before the bank is asked; the bank's own `amount_not_positive`, `amount_zero`, `username_empty` and `card_terms` say the same |

use std::sync::{Arc, OnceLock};

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mockbank_bank::Instant;
use mockbank_bank::command::{Command, Outcome, Refused};
use mockbank_bank::rules::Refusal;
use mockbank_store::{Answer, Audit, Idempotency, Render, Reply, Request};
use serde::Serialize;

use crate::answer::problem::{FieldError, Problem};
use crate::app::App;

/// Header of an answer that was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An order with who gave it.
pub(crate) struct Order {
    /// What is to be done.
    pub(crate) command: Command,
    /// The client's key, if it gave one.
    pub(crate) idempotency: Option<Idempotency>,
    /// Who gave it, for what is audited.
    pub(crate) audit: Option<Audit>,
}

/// Has an order carried out, and answers with what `render` makes of the outcome and the bank's
/// time.
///
/// `render` runs where all orders are carried out, so it must be quick and must not panic. It is
/// `None` where the outcome is not of the sort that the order has.
///
/// The order is handed over before the first wait: what waits does not hold it.
pub(crate) fn carry_out<R>(
    app: &App,
    order: Order,
    render: R,
) -> impl Future<Output = Result<Response, Problem>> + Send + use<'_, R>
where
    R: Fn(&Outcome, Instant) -> Option<Reply> + Send + 'static,
{
    // A refusal is answered as a problem by the outermost layer, which needs more than its bytes.
    let refused = Arc::new(OnceLock::new());
    let slot = Arc::clone(&refused);
    let render: Render = Box::new(move |verdict, now| match verdict {
        Ok(outcome) => render(outcome, now).unwrap_or_else(unwritten),
        Err(refusal) => {
            // A refusal is rendered once, by whoever waits for it.
            let _ = slot.set(*refusal);
            unwritten()
        }
    });
    let Order { command, idempotency, audit } = order;
    let request = Request { command, idempotency, audit, render };
    let answer = app.teller().map(|teller| teller.execute(request));
    async move {
        let answer = answer?.await?;
        match refused.get() {
            Some(refused) => Err(Problem::from(*refused)),
            None => respond(answer),
        }
    }
}

/// Stands for an answer that is not there.
fn unwritten() -> Reply {
    Reply { status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(), body: Vec::new() }
}

/// An answer of JSON.
pub(crate) fn reply(status: StatusCode, body: &impl Serialize) -> Option<Reply> {
    Some(Reply { status: status.as_u16(), body: serde_json::to_vec(body).ok()? })
}

fn respond(Answer { reply, replayed }: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!("an outcome could not be answered");
        return Err(Problem::internal());
    }
    let mut response = (status, reply.body).into_response();
    if status == StatusCode::NO_CONTENT {
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

impl From<Refused> for Problem {
    fn from(Refused { refusal, order }: Refused) -> Self {
        let problem = Self::new(status_of(&refusal), refusal.to_string()).with_code(refusal.code());
        match order {
            None => problem,
            Some(index) => problem.with_errors(vec![FieldError {
                field: format!("transfers[{index}]"),
                code: refusal.code(),
                message: refusal.to_string().into(),
            }]),
        }
    }
}

/// The status of a refusal, as in the table above.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownAccount(_)
        | Refusal::UnknownCard(_)
        | Refusal::UnknownUser(_)
        | Refusal::UnknownHold(_) => StatusCode::NOT_FOUND,
        Refusal::InsufficientFunds { .. }
        | Refusal::LimitExceeded { .. }
        | Refusal::AccountFrozen(_)
        | Refusal::AccountClosed(_)
        | Refusal::AccountNotEmpty(_)
        | Refusal::CardBlocked(_)
        | Refusal::CardExpired(_)
        | Refusal::HoldResolved(_)
        | Refusal::HoldExpired(_)
        | Refusal::UsernameTaken
        | Refusal::LimitBelowSpend { .. }
        | Refusal::NumbersExhausted
        | Refusal::OutOfOrder(_)
        | Refusal::SameAccount
        | Refusal::AmountTooLarge
        | Refusal::CurrencyMismatch { .. }
        | Refusal::ForeignAccount { .. }
        | Refusal::MoreThanHeld { .. }
        | Refusal::ExpiryNotAhead
        | Refusal::JobRunning => StatusCode::CONFLICT,
        Refusal::AmountNotPositive
        | Refusal::AmountZero
        | Refusal::UsernameEmpty
        | Refusal::CardTerms => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
