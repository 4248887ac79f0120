//! What does not hold in a world.

use std::fmt;

use mockbank_bank::{
    AccountId, CardId, Currency, Day, Instant, LedgerAccount, Money, Posting, TransactionId,
};
use thiserror::Error;

/// A line of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose book.
    pub account: AccountId,
    /// Place in the book.
    pub sequence: u64,
    /// The transaction's identifier.
    pub transaction: TransactionId,
}

impl From<&Posting> for Row {
    fn from(posting: &Posting) -> Self {
        Self {
            account: posting.account,
            sequence: posting.sequence,
            transaction: posting.transaction_id(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {} of {})", self.transaction, self.sequence, self.account)
    }
}

/// The first thing in a world that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Finding {
    /// A line that holds no valid codes.
    #[error("line {sequence} of account {account} cannot be read")]
    Unreadable {
        /// Number of the account.
        account: i64,
        /// Place in the book.
        sequence: i64,
    },
    /// A posting in the book of an account that does not exist.
    #[error("{0}: there is no such account")]
    UnknownAccount(Row),
    /// A line is missing, or there twice.
    #[error("{row}: line {expected} should stand here")]
    Sequence {
        /// Where.
        row: Row,
        /// Which line should stand there.
        expected: u64,
    },
    /// A line is dated before the one in front of it.
    #[error("{0}: dated before the line in front of it")]
    TimeOrder(Row),
    /// A line is dated after the world's clock.
    #[error("{row}: dated after the world's clock, {clock}")]
    Future {
        /// Where.
        row: Row,
        /// The world's clock.
        clock: Instant,
    },
    /// A line moves a card that is not billed to the account.
    #[error("{row}: {card} is not a card of this account")]
    ForeignCard {
        /// Where.
        row: Row,
        /// Which card.
        card: CardId,
    },
    /// The balance behind a line is not what the lines before it make.
    #[error("{row}: the balance after it is {found}, its lines make {expected}")]
    Balance {
        /// Where.
        row: Row,
        /// What the opening balance and the lines make.
        expected: i128,
        /// What the line says.
        found: i128,
    },
    /// The card's balance behind a line is not what the lines before it make.
    #[error("{row}: the card's balance after it is {found}, its lines make {expected}")]
    CardBalance {
        /// Where.
        row: Row,
        /// What the card's lines make.
        expected: i128,
        /// What the line says.
        found: i128,
    },
    /// One side of a card payment or transfer, and no other side to it.
    #[error("{0}: the other side of the movement is missing")]
    OneSided(Row),
    /// A transfer's record that nothing links to the other one.
    #[error("{0}: a transfer without a group")]
    NoGroup(Row),
    /// An account's balance is not what its book ends with.
    #[error("{account}: the balance is {found}, its lines make {expected}")]
    AccountBalance {
        /// Whose.
        account: AccountId,
        /// What the lines make.
        expected: i128,
        /// What the account says.
        found: i128,
    },
    /// An account counts other lines than it has.
    #[error("{account}: counts {found} lines and has {expected}")]
    AccountLines {
        /// Whose.
        account: AccountId,
        /// How many there are.
        expected: u64,
        /// What the account says.
        found: u64,
    },
    /// Money in another currency than the bank's, where all sums are of one.
    #[error("{account}: kept in {currency}, and money moved on it in a world kept in {world}")]
    Currency {
        /// Whose.
        account: AccountId,
        /// What the account is kept in.
        currency: Currency,
        /// What the world is kept in.
        world: Currency,
    },
    /// What is owed on a card is not what its lines make.
    #[error("{card}: {found} owed, its lines make {expected}")]
    CardSpend {
        /// Which card.
        card: CardId,
        /// What the lines make.
        expected: i128,
        /// What the card says.
        found: i128,
    },
    /// A card counts other lines than it has.
    #[error("{card}: counts {found} lines and has {expected}")]
    CardLines {
        /// Which card.
        card: CardId,
        /// How many there are.
        expected: u64,
        /// What the card says.
        found: u64,
    },
    /// An account has other money set aside than its pending holds ask for.
    #[error("{account}: {found} set aside, its pending holds make {expected}")]
    Held {
        /// Whose.
        account: AccountId,
        /// What the pending holds make.
        expected: i128,
        /// What the account says.
        found: i128,
    },
    /// The total of one of the bank's or a counterparty's accounts is not what postings make.
    #[error("{account}: the total is {found}, the postings against it make {expected}")]
    Total {
        /// Which ledger account.
        account: LedgerAccount,
        /// What the postings make.
        expected: i128,
        /// What is kept.
        found: i128,
    },
    /// The sum over the customers' accounts or cards is not what those make.
    #[error("{what}: {found} in all, the customers' make {expected}")]
    Sum {
        /// Of what.
        what: &'static str,
        /// What the customers' accounts or cards make.
        expected: i128,
        /// What is kept.
        found: i128,
    },
    /// The totals that are kept of a day are not what its postings make.
    #[error("the totals of {0} are not what its postings make")]
    Day(Day),
    /// The sum over all ledger accounts is not zero.
    #[error("the ledger does not balance: its accounts sum to {0}")]
    NotZero(i128),
    /// A seal does not fit what it stands for, or the seal before it.
    #[error("{}seal {number} was made for something else", row.map(|row| format!("{row}: ")).unwrap_or_default())]
    Seal {
        /// Place in the chain.
        number: i64,
        /// The first posting that it stands for, if it is a command's.
        row: Option<Row>,
    },
    /// The postings of a time are not those that were sealed.
    #[error("the postings from {since} to {until} are not those that were sealed")]
    SealedTime {
        /// First instant.
        since: Instant,
        /// The first instant after it.
        until: Instant,
    },
    /// The postings of commands are not those that were sealed.
    #[error("the postings of commands are not those that were sealed")]
    SealedCommands,
    /// A posting of the simulation at a time for which nothing was sealed.
    #[error("{0}: dated at a time for which no seal stands")]
    Unsealed(Row),
    /// The world counts other things than it has.
    #[error("the world counts {found} {what} and has {expected}")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many there are.
        expected: u64,
        /// What the world says.
        found: u64,
    },
}

/// An amount as the ledger's checks keep it, for messages: sums may pass the range of an amount.
pub(crate) fn minor(amount: Money) -> i128 {
    i128::from(amount.minor())
}
