//! Single movements: purchases, card bills, and postings against the bank's own accounts.

use super::book::{Book, Entry};
use super::refusal::Refusal;
use crate::customer::CardStatus;
use crate::ledger::LedgerAccount;
use crate::money::Money;
use crate::posting::Posting;
use crate::time::Instant;

/// A purchase of `amount` (above zero) with the book's card number `card` (an index).
///
/// Refused where the card is blocked or expired, or where its limit would be passed. The deposit
/// account does not move: it pays when the bill is due.
///
/// # Panics
/// If the book has no card of that index.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the simulation's inner loop")]
pub fn purchase(
    book: &mut Book,
    card: usize,
    amount: Money,
    entry: &Entry,
) -> Result<Posting, Refusal> {
    check_amount(amount)?;
    let debit = amount.checked_neg().ok_or(Refusal::AmountTooLarge)?;
    post_to_card(book, card, debit, entry)
}

/// Posts `amount` to a card, against the bank or a counterparty: a debit (negative) must fit in
/// the limit, a credit pays back.
///
/// # Panics
/// If the book has no card of that index.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the simulation's inner loop")]
pub fn post_to_card(
    book: &mut Book,
    card: usize,
    amount: Money,
    entry: &Entry,
) -> Result<Posting, Refusal> {
    book.check_open(entry.at)?;
    check_moves(amount)?;
    check_card(book, card, entry.at)?;
    let state = &book.cards[card];
    let spend = state.spend.checked_sub(amount).ok_or(Refusal::AmountTooLarge)?;
    if amount.is_negative() && spend > state.limit {
        return Err(Refusal::LimitExceeded {
            limit: state.limit,
            available: state.limit.checked_sub(state.spend).unwrap_or(Money::ZERO),
        });
    }
    book.post_card(card, amount, entry)
}

/// Posts `amount` to the deposit account, against the bank or a counterparty: wages, fees, manual
/// transactions. The balance may go below zero, as the bank's own bookings may overdraw.
#[inline]
pub fn post_to_deposit(book: &mut Book, amount: Money, entry: &Entry) -> Result<Posting, Refusal> {
    book.check_open(entry.at)?;
    check_moves(amount)?;
    book.post(amount, entry)
}

/// Pays all that is owed on a card from the deposit account: a debit there and a credit on the
/// card, each the other's contra. Nothing owed gives no postings, and the day counts as billed.
///
/// `debit` describes the account's side and `credit` the card's; their `contra` is set here.
///
/// # Panics
/// If the book has no card of that index.
#[inline]
pub fn pay_card(
    book: &mut Book,
    card: usize,
    debit: &Entry,
    credit: &Entry,
) -> Result<Option<[Posting; 2]>, Refusal> {
    book.check_open(debit.at)?;
    let owed = book.cards[card].spend;
    if !owed.is_positive() {
        book.cards[card].last_bill = Some(debit.at.day());
        return Ok(None);
    }
    pay_off(book, card, owed, debit, credit).map(Some)
}

/// Pays a part of what is owed on a card from the deposit account, or all of it: postings as with
/// [`pay_card`]. Refused beyond what is owed, and where the amount is not above zero.
///
/// # Panics
/// If the book has no card of that index.
#[inline]
pub fn pay_card_part(
    book: &mut Book,
    card: usize,
    amount: Money,
    debit: &Entry,
    credit: &Entry,
) -> Result<[Posting; 2], Refusal> {
    book.check_open(debit.at)?;
    check_amount(amount)?;
    if amount > book.cards[card].spend {
        return Err(Refusal::AmountTooLarge);
    }
    pay_off(book, card, amount, debit, credit)
}

#[inline]
fn pay_off(
    book: &mut Book,
    card: usize,
    paid: Money,
    debit: &Entry,
    credit: &Entry,
) -> Result<[Posting; 2], Refusal> {
    // Both sums are known to fit before either side moves.
    let amount = paid.checked_neg().ok_or(Refusal::AmountTooLarge)?;
    book.balance.checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
    let debit = Entry { contra: LedgerAccount::Card(book.cards[card].card), ..*debit };
    let credit = Entry { contra: LedgerAccount::Deposit(book.account), ..*credit };
    let sent = book.post(amount, &debit)?;
    let received = book.post_card(card, paid, &credit)?;
    book.cards[card].last_bill = Some(debit.at.day());
    Ok([sent, received])
}

/// Refuses amounts of zero or less and those beyond [`Money::MAX_MOVEMENT`].
#[inline]
pub(super) fn check_amount(amount: Money) -> Result<(), Refusal> {
    if !amount.is_positive() {
        return Err(Refusal::AmountNotPositive);
    }
    if amount > Money::MAX_MOVEMENT {
        return Err(Refusal::AmountTooLarge);
    }
    Ok(())
}

#[inline]
fn check_moves(amount: Money) -> Result<(), Refusal> {
    if amount.is_zero() {
        return Err(Refusal::AmountZero);
    }
    match amount.checked_abs() {
        Some(size) if size <= Money::MAX_MOVEMENT => Ok(()),
        _ => Err(Refusal::AmountTooLarge),
    }
}

#[inline]
fn check_card(book: &Book, card: usize, at: Instant) -> Result<(), Refusal> {
    let state = &book.cards[card];
    match state.status {
        CardStatus::Active if at < state.expires.start() => Ok(()),
        CardStatus::Active if at.day() <= state.expires => Ok(()),
        CardStatus::Blocked => Err(Refusal::CardBlocked(state.card)),
        CardStatus::Active | CardStatus::Expired => Err(Refusal::CardExpired(state.card)),
    }
}
