//! Why the bank will not do what was asked.

use thiserror::Error;

use crate::id::{AccountId, CardId, HoldId, UserId};
use crate::money::{Currency, Money};

/// A command that the bank refuses; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is no such account.
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    /// There is no such card.
    #[error("there is no card {0}")]
    UnknownCard(CardId),
    /// There is no such customer.
    #[error("there is no user {0}")]
    UnknownUser(UserId),
    /// There is no such hold.
    #[error("there is no hold {0}")]
    UnknownHold(HoldId),
    /// A transfer from an account to itself.
    #[error("a transfer needs two different accounts")]
    SameAccount,
    /// An amount of zero or less.
    #[error("the amount must be above zero")]
    AmountNotPositive,
    /// An amount of zero.
    #[error("the amount must not be zero")]
    AmountZero,
    /// More than one movement may carry, or than a balance can hold.
    #[error("the amount is larger than {} or than the balance can hold", Money::MAX_MOVEMENT)]
    AmountTooLarge,
    /// The account does not hold enough.
    #[error("insufficient funds: {available} available")]
    InsufficientFunds {
        /// What could be moved.
        available: Money,
    },
    /// The card's limit would be passed.
    #[error("declined: {available} left of the limit of {limit}")]
    LimitExceeded {
        /// The card's limit.
        limit: Money,
        /// What is left of it.
        available: Money,
    },
    /// The account is frozen.
    #[error("account {0} is frozen")]
    AccountFrozen(AccountId),
    /// The account is closed.
    #[error("account {0} is closed")]
    AccountClosed(AccountId),
    /// The card is blocked.
    #[error("card {0} is blocked")]
    CardBlocked(CardId),
    /// The card has expired.
    #[error("card {0} has expired")]
    CardExpired(CardId),
    /// The two accounts are kept in different currencies.
    #[error("the accounts are kept in different currencies, {from} and {to}")]
    CurrencyMismatch {
        /// Currency of the paying account.
        from: Currency,
        /// Currency of the receiving account.
        to: Currency,
    },
    /// The account is kept in another currency than the bank's own accounts.
    #[error(
        "{account} is kept in {currency} and the bank's own accounts in {bank}: only accounts in \
         {bank} can be booked on by hand"
    )]
    ForeignAccount {
        /// Which account.
        account: AccountId,
        /// What it is kept in.
        currency: Currency,
        /// What the bank's own accounts are kept in.
        bank: Currency,
    },
    /// The hold was posted or voided already.
    #[error("hold {0} is resolved already")]
    HoldResolved(HoldId),
    /// The hold's time is over.
    #[error("hold {0} has expired")]
    HoldExpired(HoldId),
    /// More was to be posted than is held.
    #[error("no more than the {held} of the hold can be posted")]
    MoreThanHeld {
        /// What is held.
        held: Money,
    },
    /// The login name is taken.
    #[error("the username is taken")]
    UsernameTaken,
    /// The account still holds money, holds or card debt.
    #[error(
        "account {0} is not empty: move its balance, pay its cards and resolve its holds first"
    )]
    AccountNotEmpty(AccountId),
    /// The limit lies below what is owed on the card.
    #[error("the limit cannot be below the {spend} that is owed")]
    LimitBelowSpend {
        /// What is owed.
        spend: Money,
    },
    /// A customer to be has no login name.
    #[error("the username must not be empty")]
    UsernameEmpty,
    /// A card cannot be issued on these terms.
    #[error(
        "a card has a billing day from 1 to 28, four last digits and 1 to 20 years of validity"
    )]
    CardTerms,
    /// A hold would expire at once, or past the end of the bank's time.
    #[error("a hold must expire later than now, within the bank's time")]
    ExpiryNotAhead,
    /// Another job of the kind is under way.
    #[error("such a job is at work already; wait for its end")]
    JobRunning,
    /// All numbers of that sort are given out.
    #[error("the bank has given out all numbers of that sort")]
    NumbersExhausted,
    /// The instant lies before the last posting of the book.
    #[error("the book of {0} has later postings")]
    OutOfOrder(AccountId),
}

impl Refusal {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount(_) => "unknown_account",
            Self::UnknownCard(_) => "unknown_card",
            Self::UnknownUser(_) => "unknown_user",
            Self::UnknownHold(_) => "unknown_hold",
            Self::SameAccount => "same_account",
            Self::AmountNotPositive => "amount_not_positive",
            Self::AmountZero => "amount_zero",
            Self::AmountTooLarge => "amount_too_large",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::AccountFrozen(_) => "account_frozen",
            Self::AccountClosed(_) => "account_closed",
            Self::CardBlocked(_) => "card_blocked",
            Self::CardExpired(_) => "card_expired",
            Self::CurrencyMismatch { .. } | Self::ForeignAccount { .. } => "currency_mismatch",
            Self::HoldResolved(_) => "hold_resolved",
            Self::HoldExpired(_) => "hold_expired",
            Self::MoreThanHeld { .. } => "more_than_held",
            Self::UsernameTaken => "username_taken",
            Self::AccountNotEmpty(_) => "account_not_empty",
            Self::LimitBelowSpend { .. } => "limit_below_spend",
            Self::UsernameEmpty => "username_empty",
            Self::CardTerms => "card_terms",
            Self::ExpiryNotAhead => "expiry_not_ahead",
            Self::JobRunning => "job_running",
            Self::NumbersExhausted => "numbers_exhausted",
            Self::OutOfOrder(_) => "out_of_order",
        }
    }
}
