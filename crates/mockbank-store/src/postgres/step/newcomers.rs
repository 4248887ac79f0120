//! Accounts and cards that a step adds. They are written once, when they are saved, as their first
//! postings have left them: a row that is added and then changed costs more than twice as much.

use std::collections::BTreeMap;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{Account, AccountId, Card, CardId};

use super::customers::{self, NewAccount};
use crate::Result;

/// Those that were added last and are not written yet.
#[derive(Debug, Default)]
pub(super) struct Newcomers {
    accounts: BTreeMap<AccountId, Account>,
    cards: BTreeMap<CardId, Card>,
}

impl Newcomers {
    /// Adds accounts and cards, and writes those that were added before and have not moved since.
    pub(super) async fn add(
        &mut self,
        client: &ClientWrapper,
        accounts: &[Account],
        cards: &[Card],
    ) -> Result<()> {
        self.write(client).await?;
        customers::check_new(accounts, cards)?;
        self.accounts.extend(accounts.iter().map(|account| (account.id, account.clone())));
        self.cards.extend(cards.iter().map(|card| (card.id, card.clone())));
        Ok(())
    }

    /// An account that is saved now, if it is new.
    pub(super) fn take_account(&mut self, id: AccountId) -> Option<Account> {
        self.accounts.remove(&id)
    }

    /// A card that is saved now, if it is new.
    pub(super) fn take_card(&mut self, id: CardId) -> Option<Card> {
        self.cards.remove(&id)
    }

    /// Writes those that have not moved.
    pub(super) async fn write(&mut self, client: &ClientWrapper) -> Result<()> {
        let accounts = std::mem::take(&mut self.accounts).into_values().map(NewAccount::unmoved);
        let cards = std::mem::take(&mut self.cards).into_values();
        customers::insert_accounts(client, &accounts.collect::<Vec<_>>()).await?;
        customers::insert_cards(client, &cards.collect::<Vec<_>>()).await
    }
}
