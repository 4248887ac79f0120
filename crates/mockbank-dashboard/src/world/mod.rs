//! The bank behind the dashboard: a world in a data folder of this machine.

mod activity;
mod convert;
mod counter;
#[cfg(test)]
mod tests;
mod time;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use mockbank_bank::UserId;
use mockbank_bank::command::Outcome;
use mockbank_bank::rules::Refusal;
use mockbank_sim::Preset;
use mockbank_store::sqlite::{IfPresent, SqliteStore, SqliteWriter};
use mockbank_store::{AccountFilter, Page, Store, StoreError, TransactionFilter, Writer};
use mockbank_world::{Recipe, Workers};
use tokio::runtime::Runtime;

use crate::bank::{
    AccountDetail, Activity, Added, Bank, BankError, CustomerDetail, CustomerQuery, CustomerRows,
    Id, Order, Progress, Result, Status,
};
use time::Relay;

/// Transactions of an account that the detail view reads.
const RECENT: u64 = 200;

/// Accounts of a customer that the detail view reads.
const ACCOUNTS: u64 = 50;

/// Makes the hash of the password that generated customers share.
pub type DefaultPasswordHash = Box<dyn Fn() -> Result<String, String> + Send + Sync>;

/// A world in a data folder.
///
/// Whoever has the world open may write to it, one process at a time. Where another process
/// does, this one looks on, and takes the pen up when it is free.
pub struct LocalBank {
    folder: PathBuf,
    recipe: Recipe,
    password_hash: DefaultPasswordHash,
    workers: Workers,
    runtime: Runtime,
    store: RwLock<Option<SqliteStore>>,
    writer: Mutex<Option<SqliteWriter>>,
}

impl LocalBank {
    /// The bank in a folder, in which there may be no world yet. `recipe` is what initializing
    /// makes.
    pub fn open(
        folder: PathBuf,
        recipe: Recipe,
        workers: Workers,
        password_hash: DefaultPasswordHash,
    ) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let bank = Self {
            folder,
            recipe,
            password_hash,
            workers,
            runtime: runtime.map_err(failed)?,
            store: RwLock::new(None),
            writer: Mutex::new(None),
        };
        bank.reopen()?;
        Ok(bank)
    }

    /// What initializing makes, in words.
    pub fn plan(&self) -> String {
        let Recipe { users, days, start, seed, preset } = &self.recipe;
        format!(
            "It creates {users} users, each with a checking account and a credit card, on {start} \
             and simulates {days} days, with the preset '{}' and seed {seed}, in {}.",
            preset.name(),
            self.folder.display()
        )
    }

    /// Opens the world that is in the folder now.
    fn reopen(&self) -> Result<()> {
        // The writer comes first, since it brings a world of an earlier format up to date.
        let mut writer = self.writer();
        *writer = None;
        match SqliteStore::open_for_writing(&self.folder) {
            Ok(opened) => *writer = Some(opened),
            Err(StoreError::NoWorld(_)) => return Ok(()),
            Err(StoreError::Busy { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        self.read_anew()
    }

    fn read_anew(&self) -> Result<()> {
        let store = SqliteStore::open(&self.folder).map_err(failed)?;
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Some(store);
        Ok(())
    }

    /// The store, or what to say where there is no world.
    fn store(&self) -> Result<SqliteStore> {
        self.opened()
            .ok_or_else(|| BankError("there is no world yet: press 1 to make one".to_owned()))
    }

    fn opened(&self) -> Option<SqliteStore> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn writer(&self) -> MutexGuard<'_, Option<SqliteWriter>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the world can only be looked at; tries to take the pen up first.
    fn read_only(&self) -> Option<String> {
        let mut writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            // This process is writing just now.
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        if writer.is_some() {
            return None;
        }
        match SqliteStore::open_for_writing(&self.folder) {
            Ok(opened) => {
                *writer = Some(opened);
                // Whoever wrote may have put another world into the folder.
                self.read_anew().err().map(|error| error.to_string())
            }
            Err(StoreError::Busy { holder, .. }) => Some(format!(
                "read only: {} writes to this world; stop it to change the world from here",
                holder.as_deref().unwrap_or("another process")
            )),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Waits for a read of the store.
    fn wait<T>(&self, read: impl Future<Output = mockbank_store::Result<T>>) -> Result<T> {
        self.runtime.block_on(read).map_err(failed)
    }

    fn account_detail(
        &self,
        store: &SqliteStore,
        account: mockbank_bank::Account,
    ) -> Result<AccountDetail> {
        let page = Page { number: 1, size: RECENT };
        let filter = TransactionFilter::default();
        let recent = self.wait(store.transactions_of_account(account.id, &filter, page))?;
        Ok(AccountDetail {
            cards: self.wait(store.cards_of(account.id))?,
            recent: recent.items.iter().map(convert::line).collect(),
            account,
        })
    }
}

impl Bank for LocalBank {
    fn status(&self) -> Result<Option<Status>> {
        let Some(store) = self.opened() else {
            // Another process may have made a world meanwhile; this one may be making it.
            if self.writer.try_lock().is_ok() {
                self.reopen()?;
            }
            return self.opened().map(|_| self.status()).transpose().map(Option::flatten);
        };
        let world = self.wait(store.world())?;
        let ledger = self.wait(store.ledger())?;
        let preset = Preset::parse(&world.preset_text).map_err(failed)?;
        Ok(Some(Status {
            clock: world.clock,
            preset: world.preset,
            seed: world.seed,
            currency: world.currency,
            users: world.counts.users,
            accounts: world.counts.accounts,
            cards: world.counts.cards,
            transactions: world.counts.transactions,
            deposits: ledger.deposits,
            card_debt: ledger.card_debt,
            ledger_sum: ledger.sum(),
            profiles: preset.profiles().map(str::to_owned).collect(),
            read_only: self.read_only(),
        }))
    }

    fn activity(&self) -> Result<Activity> {
        match self.opened() {
            Some(store) => self.runtime.block_on(activity::read(&store)).map_err(failed),
            None => Ok(Activity::default()),
        }
    }

    fn customers(&self, query: &CustomerQuery) -> Result<CustomerRows> {
        let store = self.store()?;
        let listing = self.wait(store.directory(&convert::directory(query)))?;
        let rows = listing.items.into_iter().map(convert::row).collect();
        Ok(CustomerRows { total: listing.total, rows })
    }

    fn customer(&self, user: UserId) -> Result<Option<CustomerDetail>> {
        let store = self.store()?;
        let Some(user) = self.wait(store.user(user))? else { return Ok(None) };
        let page = Page { number: 1, size: ACCOUNTS };
        let listing = self.wait(store.accounts_of(user.id, &AccountFilter::default(), page))?;
        let details = listing.items.into_iter().map(|account| self.account_detail(&store, account));
        let accounts = details.collect::<Result<_>>()?;
        Ok(Some(CustomerDetail { user, accounts }))
    }

    fn look_up(&self, id: Id) -> Result<Option<String>> {
        let store = self.store()?;
        let name = |user: UserId| -> Result<String> {
            let user = self.wait(store.user(user))?;
            Ok(user
                .map_or_else(String::new, |user| format!("{} {}", user.first_name, user.last_name)))
        };
        let holder = |id| -> Result<_> {
            let account = self.wait(store.account(id))?;
            account.map(|account| Ok((name(account.user)?, account))).transpose()
        };
        Ok(match id {
            Id::User(user) => Some(name(user)?).filter(|name| !name.is_empty()),
            Id::Account(account) => holder(account)?
                .map(|(name, account)| format!("{name}, {} {}", account.balance, account.currency)),
            Id::Card(card) => match self.wait(store.card(card))? {
                None => None,
                Some(card) => holder(card.account)?
                    .map(|(name, _)| format!("{name}, {} owed of {}", card.spend, card.limit)),
            },
        })
    }

    fn initialize(&self, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Added> {
        let hash = (self.password_hash)().map_err(BankError)?;
        {
            let mut writer = self.writer();
            // The new world is written under the lock of the old one.
            *writer = None;
            let new_world = self.recipe.new_world(hash);
            let mut building =
                SqliteStore::build(&self.folder, &new_world, IfPresent::Replace).map_err(failed)?;
            let relay = Relay::new(watch, 0.0, 1.0, 0);
            mockbank_world::create(&mut building, &self.recipe, &self.workers, &relay)
                .map_err(failed)?;
            building.finish().map_err(failed)?;
        }
        self.reopen()?;
        let world = self.wait(self.store()?.world())?;
        Ok(Added {
            users: world.counts.users,
            accounts: world.counts.accounts,
            cards: world.counts.cards,
            transactions: world.counts.transactions,
            clock: world.clock,
        })
    }

    fn evolve(
        &self,
        seconds: i64,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Added> {
        let store = self.store()?;
        let mut writer = self.writer();
        let writer: &mut dyn Writer = writer.as_mut().ok_or_else(not_ours)?;
        let clock = self.wait(store.world())?.clock;
        let mut evolution = time::Evolution { writer, workers: &self.workers, clock, watch };
        let latest = |since| self.runtime.block_on(activity::latest(&store, since)).map_err(failed);
        evolution.run(seconds, &latest)
    }

    fn carry_out(&self, order: Order) -> Result<Result<Outcome, Refusal>> {
        let store = self.store()?;
        let mut writer = self.writer();
        let writer: &mut dyn Writer = writer.as_mut().ok_or_else(not_ours)?;
        self.runtime.block_on(counter::carry_out(&store, writer, order)).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> BankError {
    BankError(error.to_string())
}

fn not_ours() -> BankError {
    BankError("another process writes to this world".to_owned())
}
