//! One command's working place: what it has changed so far, over what the vault holds.

use std::collections::BTreeMap;

use super::{AccountRecord, Policy, Vault};
use crate::command::Refused;
use crate::customer::User;
use crate::hold::Hold;
use crate::id::{AccountId, CardId, HoldId, UserId};
use crate::money::Money;
use crate::posting::Posting;
use crate::rules::Refusal;
use crate::time::Instant;

/// What a command changes, for whoever keeps the books. What has a number from the vault's next
/// free ones on is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// New postings in their order; the two of a transfer stand beside each other.
    pub postings: Vec<Posting>,
    /// New and changed accounts as they stand now.
    pub accounts: BTreeMap<AccountId, AccountRecord>,
    /// New and changed holds as they stand now.
    pub holds: BTreeMap<HoldId, Hold>,
    /// New and changed customers as they stand now.
    pub users: BTreeMap<UserId, User>,
    /// New hashes of passwords in the PHC string format.
    pub passwords: BTreeMap<UserId, String>,
    /// New descriptions with their numbers.
    pub descriptions: Vec<(u32, String)>,
    /// The next free numbers.
    pub numbers: Numbers,
}

/// The next free number of everything that is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Of a customer.
    pub user: i64,
    /// Of a deposit account.
    pub account: i64,
    /// Of a card.
    pub card: i64,
    /// Of a transfer's group.
    pub group: i64,
    /// Of a hold.
    pub hold: i64,
    /// Of a description.
    pub description: u32,
}

/// Gives a number out, up to `last`.
pub(super) fn take(next: &mut i64, last: i64) -> Result<i64, Refusal> {
    let number = *next;
    if number > last {
        return Err(Refusal::NumbersExhausted);
    }
    *next += 1;
    Ok(number)
}

/// Why a command ends early.
pub(super) enum Stop<E> {
    Refused(Refused),
    Failed(E),
}

impl<E> From<Refusal> for Stop<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

pub(super) struct Desk<'v, V> {
    vault: &'v mut V,
    pub(super) now: Instant,
    policy: &'v Policy,
    pub(super) effects: Effects,
}

impl<'v, V: Vault> Desk<'v, V> {
    pub(super) fn new(vault: &'v mut V, now: Instant, policy: &'v Policy) -> Self {
        let effects = Effects {
            postings: Vec::new(),
            accounts: BTreeMap::new(),
            holds: BTreeMap::new(),
            users: BTreeMap::new(),
            passwords: BTreeMap::new(),
            descriptions: Vec::new(),
            numbers: vault.numbers(),
        };
        Self { vault, now, policy, effects }
    }

    pub(super) fn into_effects(self) -> Effects {
        self.effects
    }

    /// A copy of an account's record, to work on.
    pub(super) fn account(&mut self, id: AccountId) -> Result<AccountRecord, Stop<V::Error>> {
        if let Some(record) = self.effects.accounts.get(&id) {
            return Ok(record.clone());
        }
        let record = self.vault.account(id).map_err(Stop::Failed)?;
        Ok(record.ok_or(Refusal::UnknownAccount(id))?)
    }

    /// A copy of the record of a card's account, and the card's index in it.
    pub(super) fn card(&mut self, id: CardId) -> Result<(AccountRecord, usize), Stop<V::Error>> {
        let account = self.vault.account_of_card(id).map_err(Stop::Failed)?;
        let record = self.account(account.ok_or(Refusal::UnknownCard(id))?)?;
        let index = record.position(id).ok_or(Refusal::UnknownCard(id))?;
        Ok((record, index))
    }

    /// How far below zero a transfer may take an account.
    pub(super) fn overdraft(&self, record: &AccountRecord) -> Money {
        if record.book.currency == self.vault.currency() {
            self.policy.overdraft(record.account.kind)
        } else {
            Money::ZERO
        }
    }

    /// Refuses where the bank's own accounts cannot be an account's other side.
    pub(super) fn check_currency(&self, record: &AccountRecord) -> Result<(), Refusal> {
        record.book.check_currency(self.vault.currency())
    }

    /// A copy of a hold, to work on.
    pub(super) fn hold(&mut self, id: HoldId) -> Result<Hold, Stop<V::Error>> {
        let hold = self.vault.hold(id).map_err(Stop::Failed)?;
        Ok(hold.ok_or(Refusal::UnknownHold(id))?)
    }

    /// A copy of a customer, to work on.
    pub(super) fn user(&mut self, id: UserId) -> Result<User, Stop<V::Error>> {
        let user = self.vault.user(id).map_err(Stop::Failed)?;
        Ok(user.ok_or(Refusal::UnknownUser(id))?)
    }

    pub(super) fn has_username(&mut self, username: &str) -> Result<bool, Stop<V::Error>> {
        self.vault.has_username(username).map_err(Stop::Failed)
    }

    /// The number of a description: one it has, or the next free one. It is given out by
    /// [`Self::keep_description`], when the command is known to be good.
    pub(super) fn describe(
        &mut self,
        text: Option<&str>,
        otherwise: u32,
    ) -> Result<u32, Stop<V::Error>> {
        let Some(text) = text else { return Ok(otherwise) };
        if let Some((number, _)) = self.effects.descriptions.iter().find(|(_, own)| own == text) {
            return Ok(*number);
        }
        let number = self.vault.description(text).map_err(Stop::Failed)?;
        Ok(number.unwrap_or(self.effects.numbers.description))
    }

    /// Keeps the text behind a number that [`Self::describe`] gave.
    pub(super) fn keep_description(
        &mut self,
        text: Option<&str>,
        number: u32,
    ) -> Result<(), Refusal> {
        let Some(text) = text.filter(|_| number == self.effects.numbers.description) else {
            return Ok(());
        };
        self.effects.numbers.description =
            number.checked_add(1).ok_or(Refusal::NumbersExhausted)?;
        self.effects.descriptions.push((number, text.to_owned()));
        Ok(())
    }

    /// Keeps an account as it stands now.
    pub(super) fn keep(&mut self, record: AccountRecord) {
        self.effects.accounts.insert(record.book.account, record);
    }
}
