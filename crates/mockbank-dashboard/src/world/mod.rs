//! The bank behind the dashboard: a world in a data folder of this machine, or in a database.

mod activity;
mod convert;
mod counter;
mod pen;
mod sample;
#[cfg(test)]
mod tests;
mod time;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::thread;

use mockbank_bank::UserId;
use mockbank_bank::command::Outcome;
use mockbank_bank::rules::Refusal;
use mockbank_sim::Preset;
use mockbank_store::{
    AccountFilter, DirectoryQuery, DirectorySort, IfPresent, Page, Place, Store, StoreError,
    TransactionFilter,
};
use mockbank_world::{Recipe, Workers};
use tokio::runtime::Runtime;

use crate::bank::{
    AccountDetail, Activity, Added, Bank, BankError, CustomerDetail, CustomerQuery, CustomerRows,
    Id, Order, Progress, Result, Status,
};
use pen::Pen;
use time::Relay;

/// Transactions of an account that the detail view reads.
const RECENT: u64 = 200;

/// Accounts of a customer that the detail view reads.
const ACCOUNTS: u64 = 50;

/// Makes the hash of the password that generated customers share.
pub type DefaultPasswordHash = Box<dyn Fn() -> Result<String, String> + Send + Sync>;

/// A world in a data folder or a database.
///
/// Whoever has the world open may write to it, one process at a time. Where another process
/// does, this one looks on, and takes the pen up when it is free.
pub struct LocalBank {
    place: Place,
    recipe: Recipe,
    password_hash: DefaultPasswordHash,
    workers: Arc<Workers>,
    runtime: Runtime,
    store: RwLock<Option<Arc<dyn Store>>>,
    pen: Mutex<Option<Pen>>,
}

impl LocalBank {
    /// The bank in a place, in which there may be no world yet. `recipe` is what initializing
    /// makes.
    pub fn open(
        place: Place,
        recipe: Recipe,
        workers: Workers,
        password_hash: DefaultPasswordHash,
    ) -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let bank = Self {
            place,
            recipe,
            password_hash,
            workers: Arc::new(workers),
            runtime: runtime.map_err(failed)?,
            store: RwLock::new(None),
            pen: Mutex::new(None),
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
            self.place
        )
    }

    /// What initializing has made, for the audit log.
    fn made(&self) -> String {
        let Recipe { users, days, seed, preset, .. } = &self.recipe;
        format!("{users} users, {days} days, preset '{}', seed {seed}", preset.name())
    }

    /// Opens the world that is in the folder now.
    fn reopen(&self) -> Result<()> {
        // The pen comes first, since it brings a world of an earlier format up to date.
        let mut pen = self.pen();
        *pen = None;
        match Pen::take(&self.place, &self.runtime) {
            Ok(taken) => *pen = Some(taken),
            Err(StoreError::NoWorld(_)) => return Ok(()),
            Err(StoreError::Busy { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        self.read_anew()
    }

    fn read_anew(&self) -> Result<()> {
        let store = self.wait(self.place.open())?;
        if let Place::Folder(_) = self.place {
            self.read_directory(&store);
        }
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Some(store);
        Ok(())
    }

    /// Makes a store read and sort its directory, so that the first key which sorts or filters the
    /// table finds that done.
    fn read_directory(&self, store: &Arc<dyn Store>) {
        let (store, runtime) = (Arc::clone(store), self.runtime.handle().clone());
        thread::spawn(move || {
            let sort = DirectorySort::Balance;
            let query = DirectoryQuery { sort, rows: 0..0, ..DirectoryQuery::default() };
            // Should it fail, so does the key that needs it, and tells why.
            drop(runtime.block_on(store.directory(&query)));
        });
    }

    /// The store, or what to say where there is no world.
    fn store(&self) -> Result<Arc<dyn Store>> {
        self.opened()
            .ok_or_else(|| BankError("there is no world yet: press 1 to make one".to_owned()))
    }

    fn opened(&self) -> Option<Arc<dyn Store>> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn pen(&self) -> MutexGuard<'_, Option<Pen>> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the world can only be looked at; tries to take the pen up first.
    fn read_only(&self) -> Option<String> {
        let mut pen = match self.pen.try_lock() {
            Ok(pen) => pen,
            // This process is writing just now.
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        if pen.is_some() {
            return None;
        }
        match Pen::take(&self.place, &self.runtime) {
            Ok(taken) => {
                *pen = Some(taken);
                // Whoever wrote may have put another world into the folder.
                self.read_anew().err().map(|error| error.to_string())
            }
            Err(StoreError::Busy { holder, .. }) => Some(read_only(holder.as_deref())),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Waits for a read of the store.
    fn wait<T>(&self, read: impl Future<Output = mockbank_store::Result<T>>) -> Result<T> {
        self.runtime.block_on(read).map_err(failed)
    }

    fn account_detail(
        &self,
        store: &dyn Store,
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
            if self.pen.try_lock().is_ok() {
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
            Some(store) => activity::read(&*store, &self.runtime).map_err(failed),
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
        let details =
            listing.items.into_iter().map(|account| self.account_detail(&*store, account));
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
            let mut pen = self.pen();
            // Whoever builds a world takes the right to write it himself.
            *pen = None;
            let new_world = self.recipe.new_world(hash);
            let mut building = self.wait(self.place.build(&new_world, IfPresent::Replace))?;
            let build = |relay: &Relay| {
                mockbank_world::create(&mut building, &self.recipe, &self.workers, relay)
            };
            time::watched(watch, time::Part::WHOLE, build).map_err(failed)?;
            building.finish().map_err(failed)?;
        }
        self.reopen()?;
        self.record(format!("make a new world: {}", self.made()))?;
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
        let pen = self.pen();
        let pen = pen.as_ref().ok_or_else(not_ours)?;
        let clock = self.wait(store.world())?.clock;
        let (workers, runtime) = (&self.workers, &self.runtime);
        let mut evolution = time::Evolution { pen, workers, runtime, clock, watch };
        let latest = |since| self.wait(sample::latest(&*store, since));
        evolution.run(seconds, &latest)
    }

    fn carry_out(&self, order: Order) -> Result<Result<Outcome, Refusal>> {
        let currency = self.wait(self.store()?.world())?.currency;
        let pen = self.pen();
        let pen = pen.as_ref().ok_or_else(not_ours)?;
        let hash = match order {
            Order::Register(_) => (self.password_hash)().map_err(BankError)?,
            _ => String::new(),
        };
        let command = counter::command(order, currency, hash);
        let verdict = pen.carry_out(&self.runtime, command).map_err(failed)?;
        Ok(verdict.map_err(|refused| refused.refusal))
    }

    fn record(&self, act: String) -> Result<()> {
        let pen = self.pen();
        pen.as_ref().ok_or_else(not_ours)?.record(&self.runtime, act).map_err(failed)
    }
}

/// What to do where another process writes to the world.
fn read_only(holder: Option<&str>) -> String {
    let holder = holder.unwrap_or("another process");
    format!(
        "Read only: {holder} writes to this world.\n\
         If that is a server, ask it to:\n\
         \x20 POST /admin/clock/advance        let time pass\n\
         \x20 POST /admin/transactions         book by hand\n\
         \x20 POST /transfers                  move money\n\
         \x20 POST /users                      register a user\n\
         \x20 POST /users/{{id}}/accounts        open an account\n\
         \x20 POST /accounts/{{id}}/cards        issue a card\n\
         Its page /apidocs/ has a form for each. Or stop it: then this dashboard takes over by \
         itself."
    )
}

fn failed(error: impl std::fmt::Display) -> BankError {
    BankError(error.to_string())
}

fn not_ours() -> BankError {
    BankError("another process writes to this world".to_owned())
}
