//! The counter: commands are judged and carried out against the bank's books.
//!
//! [`carry_out`] reads through a [`Vault`] and changes nothing there. What a command does comes out
//! as [`Effects`], for whoever keeps the books to write down; a refused command has none, so it
//! leaves the bank exactly as it was.

mod administration;
mod desk;
mod movements;
mod record;
#[cfg(test)]
mod tests;

use crate::command::{Command, Outcome, Refused};
use crate::customer::{AccountKind, User};
use crate::hold::Hold;
use crate::id::{AccountId, CardId, HoldId, UserId};
use crate::money::{Currency, Money};
use crate::rules::Refusal;
use crate::time::Instant;

use desk::{Desk, Stop};
pub use desk::{Effects, Numbers};
pub use record::AccountRecord;

/// Where the bank's records are found. Nothing is changed through it.
pub trait Vault {
    /// Why a record could not be read.
    type Error;

    /// A deposit account with its cards and its book.
    fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>, Self::Error>;

    /// The account that a card is billed to.
    fn account_of_card(&mut self, id: CardId) -> Result<Option<AccountId>, Self::Error>;

    /// A hold.
    fn hold(&mut self, id: HoldId) -> Result<Option<Hold>, Self::Error>;

    /// A customer.
    fn user(&mut self, id: UserId) -> Result<Option<User>, Self::Error>;

    /// Whether a customer has this login name.
    fn has_username(&mut self, username: &str) -> Result<bool, Self::Error>;

    /// The number of a description, if the text has one.
    fn description(&mut self, text: &str) -> Result<Option<u32>, Self::Error>;

    /// The next free numbers.
    fn numbers(&self) -> Numbers;

    /// The world's currency, in which the bank keeps its own accounts.
    fn currency(&self) -> Currency;
}

/// What the bank allows beside its rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    overdraft: [Money; AccountKind::ALL.len()],
}

impl Policy {
    /// The same policy, with accounts of a kind allowed to go as far as `overdraft` below zero
    /// through a transfer. The default is zero, not at all. It is an amount of the world's
    /// currency, so accounts in other ones have no overdraft.
    #[must_use]
    pub fn with_overdraft(mut self, kind: AccountKind, overdraft: Money) -> Self {
        self.overdraft[usize::from(kind.code())] = overdraft;
        self
    }

    /// How far below zero a transfer may take an account of this kind in the world's currency.
    pub fn overdraft(&self, kind: AccountKind) -> Money {
        self.overdraft[usize::from(kind.code())]
    }
}

/// A command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What the client is told.
    pub outcome: Outcome,
    /// What is to be written down.
    pub effects: Effects,
}

/// What came of a command: carried out whole, or refused whole.
pub type Judgement = Result<Carried, Refused>;

/// Judges a command at the bank's time `now`.
///
/// # Errors
/// That of the vault, where a record could not be read.
pub fn carry_out<V: Vault>(
    vault: &mut V,
    command: &Command,
    now: Instant,
    policy: &Policy,
) -> Result<Judgement, V::Error> {
    let mut desk = Desk::new(vault, now, policy);
    match dispatch(&mut desk, command) {
        Ok(outcome) => Ok(Ok(Carried { outcome, effects: desk.into_effects() })),
        Err(Stop::Refused(refused)) => Ok(Err(refused)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn dispatch<V: Vault>(
    desk: &mut Desk<'_, V>,
    command: &Command,
) -> Result<Outcome, Stop<V::Error>> {
    match command {
        Command::Transfer(order) => desk.transfer(order).map(Outcome::Transferred),
        Command::Batch { mode, orders } => desk.batch(*mode, orders),
        Command::Authorise { order, expires_in } => desk.authorise(order, *expires_in),
        Command::PostHold { hold, amount } => desk.post_hold(*hold, *amount),
        Command::VoidHold { hold } => desk.void_hold(*hold),
        Command::Manual { target, amount, description } => {
            desk.book_by_hand(*target, *amount, description.as_deref())
        }
        Command::RegisterUser(user) => desk.register(user),
        Command::OpenAccount { user, kind, currency } => desk.open_account(*user, *kind, *currency),
        Command::IssueCard(order) => desk.issue_card(order),
        Command::BlockCard { card, blocked } => desk.block_card(*card, *blocked),
        Command::SetCardLimit { card, limit } => desk.set_card_limit(*card, *limit),
        Command::FreezeAccount { account, frozen } => desk.freeze_account(*account, *frozen),
        Command::CloseAccount { account } => desk.close_account(*account),
        Command::SetPassword { user, password_hash } => desk.set_password(*user, password_hash),
        Command::SetSettings { user, settings } => desk.set_settings(*user, settings),
        Command::BeginJob { running: true, .. } => Err(Refusal::JobRunning.into()),
        Command::BeginJob { running: false, .. } => Ok(Outcome::Done),
    }
}
