//! What a group of commands will look at, so that it is read and locked at once.

use std::collections::BTreeSet;

use mockbank_bank::AccountId;
use mockbank_bank::command::{Command, ManualTarget, TransferOrder};

use crate::teller::ticket::Ticket;

/// Numbers, names and texts in the order in which rows are locked, so that two groups that meet
/// wait for each other and not both for the other.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) accounts: BTreeSet<i64>,
    /// Those of the accounts whose cards are looked at or move.
    pub(super) with_cards: BTreeSet<i64>,
    pub(super) cards: BTreeSet<i64>,
    pub(super) holds: BTreeSet<i64>,
    pub(super) users: BTreeSet<i64>,
    pub(super) usernames: BTreeSet<String>,
    pub(super) texts: BTreeSet<String>,
    /// Owners and keys of idempotency.
    pub(super) keys: BTreeSet<(String, String)>,
    /// Whether something may be created that is numbered without gaps.
    pub(super) numbers: bool,
    /// Transfers that there can be at most.
    pub(super) transfers: i64,
}

impl Needs {
    /// What a group needs.
    pub(super) fn of(tickets: &[Ticket]) -> Self {
        let mut needs = Self::default();
        for ticket in tickets {
            needs.command(&ticket.request.command);
            if let Some(key) = &ticket.request.idempotency {
                needs.keys.insert((key.owner.clone(), key.key.clone()));
            }
        }
        needs
    }

    /// Whether accounts are named through their cards or holds.
    pub(super) fn has_detours(&self) -> bool {
        !self.cards.is_empty() || !self.holds.is_empty()
    }

    fn command(&mut self, command: &Command) {
        match command {
            // It asks for nothing of the books.
            Command::BeginJob { .. } => {}
            Command::Transfer(order) => self.order(order),
            Command::Batch { orders, .. } => orders.iter().for_each(|order| self.order(order)),
            Command::Authorise { order, .. } => {
                self.order(order);
                self.numbers = true;
            }
            Command::PostHold { hold, .. } => {
                self.holds.insert(hold.number());
                self.transfers += 1;
            }
            Command::VoidHold { hold } => drop(self.holds.insert(hold.number())),
            Command::Manual { target, description, .. } => {
                match target {
                    ManualTarget::Account(account) => self.accounts.insert(account.number()),
                    ManualTarget::Card(card) => self.cards.insert(card.number()),
                };
                self.texts.extend(description.clone());
            }
            Command::RegisterUser(user) => {
                self.usernames.insert(user.username.clone());
                self.numbers = true;
            }
            Command::OpenAccount { user, .. } => {
                self.users.insert(user.number());
                self.numbers = true;
            }
            Command::IssueCard(order) => {
                self.account_with_cards(order.account);
                self.numbers = true;
            }
            Command::BlockCard { card, .. } | Command::SetCardLimit { card, .. } => {
                self.cards.insert(card.number());
            }
            Command::FreezeAccount { account, .. } => drop(self.accounts.insert(account.number())),
            Command::CloseAccount { account } => self.account_with_cards(*account),
            Command::SetPassword { user, .. } | Command::SetSettings { user, .. } => {
                self.users.insert(user.number());
            }
        }
    }

    /// Adds an account whose cards are looked at or move.
    pub(super) fn account_with_cards(&mut self, account: AccountId) {
        self.accounts.insert(account.number());
        self.with_cards.insert(account.number());
    }

    fn order(&mut self, order: &TransferOrder) {
        self.accounts.extend([order.from.number(), order.to.number()]);
        self.texts.extend(order.description.clone());
        self.transfers += 1;
    }
}
