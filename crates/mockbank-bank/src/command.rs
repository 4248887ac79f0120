//! What clients ask the bank to do, and what the bank answers.
//!
//! A command is judged against the books at the bank's time. It is carried out whole or refused
//! whole; who may give it is the caller's business.

use std::fmt;

use crate::customer::{Account, AccountKind, Card, Settings, User};
use crate::hold::Hold;
use crate::id::{AccountId, CardId, HoldId, UserId};
use crate::money::{Currency, Money};
use crate::posting::Posting;
use crate::rules::Refusal;

/// Something that changes the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Moves money between two accounts.
    Transfer(TransferOrder),
    /// Moves money many times.
    Batch {
        /// Whether one refusal refuses all.
        mode: BatchMode,
        /// The transfers, carried out in this order.
        orders: Vec<TransferOrder>,
    },
    /// Sets money of one account aside for another.
    Authorise {
        /// Between whom, how much, what for.
        order: TransferOrder,
        /// Seconds of the bank's time until the hold expires, above zero.
        expires_in: i64,
    },
    /// Moves what a hold set aside.
    PostHold {
        /// Which hold.
        hold: HoldId,
        /// How much of it; `None` for all.
        amount: Option<Money>,
    },
    /// Gives a hold up.
    VoidHold {
        /// Which hold.
        hold: HoldId,
    },
    /// Books an amount by hand, on an account or a card, against the bank.
    Manual {
        /// Where.
        target: ManualTarget,
        /// How much, not zero; negative is a debit.
        amount: Money,
        /// What for.
        description: Option<String>,
    },
    /// Registers a customer.
    RegisterUser(NewUser),
    /// Opens a deposit account, empty.
    OpenAccount {
        /// For whom.
        user: UserId,
        /// What sort.
        kind: AccountKind,
        /// What it is kept in.
        currency: Currency,
    },
    /// Issues a card that is billed to an account.
    IssueCard(CardOrder),
    /// Blocks a card or takes it back into use.
    BlockCard {
        /// Which card.
        card: CardId,
        /// Whether it is to be blocked.
        blocked: bool,
    },
    /// Changes a card's limit.
    SetCardLimit {
        /// Which card.
        card: CardId,
        /// The most that may be owed from now on.
        limit: Money,
    },
    /// Freezes an account or takes it back into use.
    FreezeAccount {
        /// Which account.
        account: AccountId,
        /// Whether it is to be frozen.
        frozen: bool,
    },
    /// Closes an empty account for good.
    CloseAccount {
        /// Which account.
        account: AccountId,
    },
    /// Changes a customer's password.
    SetPassword {
        /// Whose.
        user: UserId,
        /// Its hash in the PHC string format.
        password_hash: String,
    },
    /// Changes a customer's settings.
    SetSettings {
        /// Whose.
        user: UserId,
        /// The new settings.
        settings: Settings,
    },
    /// Begins a job: something that takes longer than a command. The books stay as they are.
    BeginJob {
        /// What, as the audit log says it.
        act: String,
        /// Whether another job of the kind is under way, which refuses this one.
        running: bool,
    },
}

/// A transfer as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOrder {
    /// Who pays.
    pub from: AccountId,
    /// Who is paid.
    pub to: AccountId,
    /// How much, above zero.
    pub amount: Money,
    /// What for.
    pub description: Option<String>,
}

/// A card as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardOrder {
    /// Which account pays.
    pub account: AccountId,
    /// The most that may be owed, above zero.
    pub limit: Money,
    /// Day of the month on which the bill is paid, 1 to 28.
    pub billing_day: u8,
    /// Name of the spending profile in the preset.
    pub profile: String,
    /// Last four digits of its number.
    pub last_four: u16,
    /// Years until it expires, 1 to 20.
    pub valid_years: u8,
}

/// Whether the transfers of a batch stand and fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchMode {
    /// All of them are carried out, or none.
    Atomic,
    /// Each is carried out or refused for itself.
    Independent,
}

/// Where a manual transaction is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManualTarget {
    /// On a deposit account.
    Account(AccountId),
    /// On a card.
    Card(CardId),
}

/// A customer to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// Login name, not taken.
    pub username: String,
    /// Hash of the password in the PHC string format.
    pub password_hash: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Home city.
    pub city: String,
}

/// What a command that was carried out has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The two records of a transfer: the payer's, then the receiver's.
    Transferred([Posting; 2]),
    /// What became of each transfer of a batch, in order.
    Batch(Vec<Result<[Posting; 2], Refusal>>),
    /// The hold as it stands now, and the records of the transfer if it was posted.
    Held(Hold, Option<[Posting; 2]>),
    /// What was booked by hand.
    Booked(Posting),
    /// The customer as it stands now.
    User(User),
    /// The account as it stands now.
    Account(Account),
    /// The card as it stands now.
    Card(Card),
    /// Done, with nothing to show.
    Done,
}

/// A command that was refused whole; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Which transfer of an atomic batch was refused, from 0, so that none was carried out.
    pub order: Option<usize>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, order: None }
    }
}

/// The act in one line, as the audit log keeps it. Says nothing that is secret.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let either = |choice, yes, no| if choice { yes } else { no };
        match self {
            Self::Transfer(order) => write!(f, "transfer {order}"),
            Self::Batch { orders, .. } => write!(f, "{} transfers in a batch", orders.len()),
            Self::Authorise { order, expires_in } => write!(f, "hold {order} for {expires_in} s"),
            Self::PostHold { hold, amount: None } => write!(f, "post {hold}"),
            Self::PostHold { hold, amount: Some(amount) } => write!(f, "post {amount} of {hold}"),
            Self::VoidHold { hold } => write!(f, "void {hold}"),
            Self::Manual { target: ManualTarget::Account(account), amount, .. } => {
                write!(f, "book {amount} on {account}")
            }
            Self::Manual { target: ManualTarget::Card(card), amount, .. } => {
                write!(f, "book {amount} on {card}")
            }
            Self::RegisterUser(user) => write!(f, "register {}", user.username),
            Self::OpenAccount { user, kind, currency } => {
                write!(f, "open a {} account in {currency} for {user}", kind.name())
            }
            Self::IssueCard(order) => {
                write!(f, "issue a card with limit {} on {}", order.limit, order.account)
            }
            Self::BlockCard { card, blocked } => {
                write!(f, "{} {card}", either(*blocked, "block", "unblock"))
            }
            Self::SetCardLimit { card, limit } => write!(f, "set the limit of {card} to {limit}"),
            Self::FreezeAccount { account, frozen } => {
                write!(f, "{} {account}", either(*frozen, "freeze", "unfreeze"))
            }
            Self::CloseAccount { account } => write!(f, "close {account}"),
            Self::SetPassword { user, .. } => write!(f, "set the password of {user}"),
            Self::SetSettings { user, .. } => write!(f, "set the settings of {user}"),
            Self::BeginJob { act, .. } => f.write_str(act),
        }
    }
}

/// How much, from where to where.
impl fmt::Display for TransferOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} to {}", self.amount, self.from, self.to)
    }
}
