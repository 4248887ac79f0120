//! The bank's records that a group works on, in memory.

use std::collections::{HashMap, HashSet};

use mockbank_bank::counter::{AccountRecord, Effects, Numbers, Vault};
use mockbank_bank::{AccountId, CardId, Currency, Hold, HoldId, Instant, User, UserId};

use crate::StoreError;

/// A number above all that can be given out.
const NONE_LEFT: i64 = i64::MAX;

/// What was read and locked for a group, as the commands before have left it. What is not in it
/// does not exist.
#[derive(Debug)]
pub(super) struct Records {
    /// The bank's time.
    pub(super) clock: Instant,
    /// The world's currency.
    pub(super) currency: Currency,
    pub(super) numbers: Numbers,
    pub(super) accounts: HashMap<AccountId, AccountRecord>,
    /// The accounts that were read with their cards. Nothing moves the cards of the others.
    pub(super) with_cards: HashSet<AccountId>,
    pub(super) card_accounts: HashMap<CardId, AccountId>,
    pub(super) holds: HashMap<HoldId, Hold>,
    pub(super) users: HashMap<UserId, User>,
    pub(super) usernames: HashSet<String>,
    pub(super) texts: HashMap<String, u32>,
}

impl Records {
    /// Nothing, at the time and in the currency of a world. Nothing that counts without gaps may be
    /// created until it is known where to go on.
    pub(super) fn new(clock: Instant, currency: Currency) -> Self {
        let numbers = Numbers {
            user: NONE_LEFT,
            account: NONE_LEFT,
            card: NONE_LEFT,
            group: NONE_LEFT,
            hold: NONE_LEFT,
            description: u32::MAX,
        };
        Self {
            clock,
            currency,
            numbers,
            accounts: HashMap::new(),
            with_cards: HashSet::new(),
            card_accounts: HashMap::new(),
            holds: HashMap::new(),
            users: HashMap::new(),
            usernames: HashSet::new(),
            texts: HashMap::new(),
        }
    }

    /// Takes in what a command did.
    pub(super) fn take(&mut self, effects: Effects) {
        self.numbers = effects.numbers;
        for (id, record) in effects.accounts {
            self.card_accounts.extend(record.book.cards.iter().map(|card| (card.card, id)));
            self.accounts.insert(id, record);
        }
        self.holds.extend(effects.holds);
        self.texts.extend(effects.descriptions.into_iter().map(|(number, text)| (text, number)));
        for (id, user) in effects.users {
            self.usernames.insert(user.username.clone());
            self.users.insert(id, user);
        }
    }
}

impl Vault for Records {
    type Error = StoreError;

    fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>, StoreError> {
        Ok(self.accounts.get(&id).cloned())
    }

    fn account_of_card(&mut self, id: CardId) -> Result<Option<AccountId>, StoreError> {
        Ok(self.card_accounts.get(&id).copied())
    }

    fn hold(&mut self, id: HoldId) -> Result<Option<Hold>, StoreError> {
        Ok(self.holds.get(&id).cloned())
    }

    fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.users.get(&id).cloned())
    }

    fn has_username(&mut self, username: &str) -> Result<bool, StoreError> {
        Ok(self.usernames.contains(username))
    }

    fn description(&mut self, text: &str) -> Result<Option<u32>, StoreError> {
        Ok(self.texts.get(text).copied())
    }

    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn currency(&self) -> Currency {
        self.currency
    }
}
