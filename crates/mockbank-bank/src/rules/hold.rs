//! The two phases of a hold.

use super::book::{Book, Entry};
use super::refusal::Refusal;
use super::transfer::{Transfer, check_transfer, transfer};
use crate::hold::{Hold, HoldState};
use crate::id::GroupId;
use crate::money::Money;
use crate::posting::Posting;
use crate::time::Instant;

/// Sets `hold.amount` of `from` aside for `to`, under the same conditions as a transfer.
///
/// The ledger balance stays; what is available falls.
pub fn authorise(
    from: &mut Book,
    to: &Book,
    hold: &Hold,
    overdraft: Money,
    at: Instant,
) -> Result<(), Refusal> {
    check_transfer(from, to, Transfer { amount: hold.amount, overdraft }, at)?;
    from.held = from.held.checked_add(hold.amount).ok_or(Refusal::AmountTooLarge)?;
    Ok(())
}

/// Moves `amount` of a pending hold, all of it or a part, and frees the rest.
///
/// `debit` and `credit` describe the two sides as for [`transfer`] and carry `group`. Refused where
/// the hold is resolved or expired already, or where the amount is larger than what is held.
pub fn post_hold(
    from: &mut Book,
    to: &mut Book,
    hold: &mut Hold,
    amount: Money,
    group: GroupId,
    [debit, credit]: [&Entry; 2],
) -> Result<[Posting; 2], Refusal> {
    check_pending(hold, debit.at)?;
    if amount > hold.amount {
        return Err(Refusal::MoreThanHeld { held: hold.amount });
    }
    let held = from.held;
    from.held = held.checked_sub(hold.amount).ok_or(Refusal::AmountTooLarge)?;
    // What was set aside may be moved even if the account was overdrawn in between.
    let overdraft = shortfall(from, amount);
    let moved = transfer(from, to, Transfer { amount, overdraft }, debit, credit);
    match moved {
        Ok(_) => hold.state = HoldState::Posted { amount, group },
        Err(_) => from.held = held,
    }
    moved
}

/// Gives a pending hold up.
pub fn void_hold(from: &mut Book, hold: &mut Hold, at: Instant) -> Result<(), Refusal> {
    check_pending(hold, at)?;
    release(from, hold, HoldState::Voided)
}

/// Lets a hold expire whose time is over at `at`; `false` if it is not pending or has time left.
pub fn expire_hold(from: &mut Book, hold: &mut Hold, at: Instant) -> Result<bool, Refusal> {
    if hold.state != HoldState::Pending || at < hold.expires_at {
        return Ok(false);
    }
    release(from, hold, HoldState::Expired).map(|()| true)
}

fn release(from: &mut Book, hold: &mut Hold, state: HoldState) -> Result<(), Refusal> {
    from.held = from.held.checked_sub(hold.amount).ok_or(Refusal::AmountTooLarge)?;
    hold.state = state;
    Ok(())
}

fn check_pending(hold: &Hold, at: Instant) -> Result<(), Refusal> {
    match hold.state {
        HoldState::Pending if at < hold.expires_at => Ok(()),
        HoldState::Pending | HoldState::Expired => Err(Refusal::HoldExpired(hold.id)),
        HoldState::Posted { .. } | HoldState::Voided => Err(Refusal::HoldResolved(hold.id)),
    }
}

/// By how much `amount` is more than the book has available; zero if it is not.
fn shortfall(from: &Book, amount: Money) -> Money {
    amount
        .checked_sub(from.available())
        .filter(|missing| missing.is_positive())
        .unwrap_or(Money::ZERO)
}
