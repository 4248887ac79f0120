//! Transfers between two deposit accounts.

use super::book::{Book, Entry};
use super::purchase::check_amount;
use super::refusal::Refusal;
use crate::ledger::LedgerAccount;
use crate::money::Money;
use crate::posting::Posting;
use crate::time::Instant;

/// What a transfer is judged by beside the two books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What moves, above zero.
    pub amount: Money,
    /// How far below zero the paying account may go; zero for not at all.
    pub overdraft: Money,
}

/// Moves money from one account to another: one debit and one credit, each the other's contra.
///
/// `debit` describes the payer's side and `credit` the receiver's; their `contra` is set here.
/// Refused where an account is closed or frozen, the currencies differ, the amount is not above
/// zero, or the payer does not have enough. Either both postings come back or neither book moves.
#[inline]
pub fn transfer(
    from: &mut Book,
    to: &mut Book,
    transfer: Transfer,
    debit: &Entry,
    credit: &Entry,
) -> Result<[Posting; 2], Refusal> {
    check_transfer(from, to, transfer, debit.at)?;
    let amount = transfer.amount;
    let negated = amount.checked_neg().ok_or(Refusal::AmountTooLarge)?;
    from.balance.checked_add(negated).ok_or(Refusal::AmountTooLarge)?;
    let debit = Entry { contra: LedgerAccount::Deposit(to.account), ..*debit };
    let credit = Entry { contra: LedgerAccount::Deposit(from.account), ..*credit };
    Ok([from.post(negated, &debit)?, to.post(amount, &credit)?])
}

/// Refuses what [`transfer`] would refuse.
#[inline]
pub(super) fn check_transfer(
    from: &Book,
    to: &Book,
    transfer: Transfer,
    at: Instant,
) -> Result<(), Refusal> {
    let Transfer { amount, overdraft } = transfer;
    if from.account == to.account {
        return Err(Refusal::SameAccount);
    }
    check_amount(amount)?;
    from.check_open(at)?;
    to.check_open(at)?;
    if from.currency != to.currency {
        return Err(Refusal::CurrencyMismatch { from: from.currency, to: to.currency });
    }
    let available = from.available().checked_add(overdraft).ok_or(Refusal::AmountTooLarge)?;
    if amount > available {
        return Err(Refusal::InsufficientFunds { available });
    }
    to.balance.checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
    Ok(())
}
