//! A world in one `SQLite` database in a data folder.
//!
//! The folder holds `mockbank.db`, the companions that `SQLite` gives it, and `mockbank.lock`, which
//! whoever writes has locked. While a world is made it is `mockbank.db.new`, so that a world is
//! there as a whole or not at all.

mod audit;
mod backup;
mod build;
mod catalog;
mod daily;
mod holds;
mod jobs;
mod lock;
mod place;
mod pool;
mod read;
mod row;
mod schema;
mod seals;
mod step;
mod teller;
mod totals;
mod writer;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, DailyTotal, Day, Hold, HoldId, Money, TransactionId,
    User, UserId,
};
use rusqlite::Connection;

use crate::{
    AccountFilter, AccountLine, AuditEntry, Credentials, DirectoryLine, DirectoryQuery, JobRecord,
    LedgerTotals, Listing, Page, Result, Snapshot, Store, StoreError, Transaction,
    TransactionFilter, WorldInfo,
};

pub use crate::IfPresent;
pub use build::Building;
pub use teller::SqliteTeller;
pub use writer::SqliteWriter;

use catalog::Texts;
use pool::Pool;
use read::Directory;

/// The database within the data folder.
const DATABASE: &str = "mockbank.db";

/// The database of a world that is not whole yet.
const UNFINISHED: &str = "mockbank.db.new";

/// Accounts of the largest world whose directory is kept in memory, which takes some 150 MB then.
const DIRECTORY_IN_MEMORY: u64 = 1 << 20;

/// What a constraint of the schema refuses is the caller's fault, all else the database's.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::InvalidStep(error.to_string()),
            Some(rusqlite::ErrorCode::CannotOpen) => Self::CannotOpen(error.to_string()),
            _ => Self::Database(Box::new(error)),
        }
    }
}

/// Reads a world. Cheap to clone: all clones share their connections.
///
/// Reads take some ten microseconds and run on the calling thread, so that an async caller gets
/// its answer without a hop to another thread.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: Arc<Pool>,
    texts: Arc<Texts>,
    directory: Arc<Directory>,
}

impl SqliteStore {
    /// Opens the world in a folder for reading, also while another process writes to it.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = database(folder)?;
        let pool = Pool::new(path.clone());
        let connection = pool.get()?;
        schema::check_current(&connection, &path)?;
        let texts = Texts::read(&connection)?;
        drop(connection);
        Ok(Self {
            pool: Arc::new(pool),
            texts: Arc::new(texts),
            directory: Arc::new(Directory::new(DIRECTORY_IN_MEMORY)),
        })
    }

    /// Keeps the directory in memory for worlds of up to so many accounts, from the first call of
    /// [`Store::directory`] on: some 150 bytes for each account. In larger worlds every call looks
    /// at all of them.
    #[must_use]
    pub fn with_directory_in_memory(self, most_accounts: u64) -> Self {
        Self { directory: Arc::new(Directory::new(most_accounts)), ..self }
    }

    /// Opens the world in a folder for writing, which one process can do at a time, and brings a
    /// world of an earlier format up to date.
    pub fn open_for_writing(folder: &Path) -> Result<SqliteWriter> {
        SqliteWriter::open(folder)
    }

    /// Starts a new world in a folder, which is made where it is missing. Nothing is seen of the
    /// world until [`Building::finish`].
    pub fn build(folder: &Path, world: &crate::NewWorld, present: IfPresent) -> Result<Building> {
        Building::start(folder, world, present)
    }

    /// Writes the world as it stands now into a new file, while others read and write it. The file
    /// is a database of its own, without companions.
    pub fn backup(&self, file: &Path) -> Result<()> {
        self.read(|connection| backup::backup(connection, file))
    }

    /// Puts the world of a backup into a folder, which is made where it is missing. The folder gets
    /// all of it or stays as it was.
    pub fn restore(file: &Path, folder: &Path, present: IfPresent) -> Result<()> {
        backup::restore(file, folder, present)
    }

    /// Reads on the calling thread, with a connection that nobody else has meanwhile.
    fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = self.pool.get()?;
        act(&connection)
    }
}

/// The path of the database in a folder that has one.
fn database(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(DATABASE);
    match path.try_exists() {
        Ok(true) => Ok(path),
        Ok(false) => Err(StoreError::NoWorld(folder.to_owned())),
        Err(_) if folder.is_file() => Err(StoreError::NotAFolder(folder.to_owned())),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn world(&self) -> Result<WorldInfo> {
        self.read(read::world)
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        Ok(self.texts.catalog())
    }

    async fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|connection| read::setting(connection, key))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.read(|connection| read::user(connection, id))
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>> {
        self.read(|connection| read::credentials(connection, username))
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        self.read(|connection| read::account(connection, id))
    }

    async fn accounts_of(
        &self,
        user: UserId,
        filter: &AccountFilter,
        page: Page,
    ) -> Result<Listing<Account>> {
        self.read(|connection| read::accounts_of(connection, user, *filter, page))
    }

    async fn accounts(&self, page: Page) -> Result<Listing<AccountLine>> {
        self.read(|connection| read::accounts(connection, page))
    }

    async fn directory(&self, query: &DirectoryQuery) -> Result<Listing<DirectoryLine>> {
        self.read(|connection| self.directory.read(connection, query))
    }

    async fn card(&self, id: CardId) -> Result<Option<Card>> {
        self.read(|connection| read::card(connection, id))
    }

    async fn cards_of(&self, account: AccountId) -> Result<Vec<Card>> {
        self.read(|connection| read::cards_of(connection, account))
    }

    async fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>> {
        self.read(|connection| read::transaction(connection, &self.texts, id))
    }

    async fn transactions_of_account(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        let list = read::List::Account(account);
        self.read(|connection| read::transactions(connection, &self.texts, list, filter, page))
    }

    async fn account_with_transactions(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Option<(Account, Listing<Transaction>)>> {
        let read = read::account_with_transactions;
        self.read(|connection| read(connection, &self.texts, account, filter, page))
    }

    async fn transactions_of_card(
        &self,
        card: CardId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        let list = read::List::Card(card);
        self.read(|connection| read::transactions(connection, &self.texts, list, filter, page))
    }

    async fn ledger(&self) -> Result<LedgerTotals> {
        self.read(read::ledger)
    }

    async fn daily_totals(&self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        self.read(|connection| daily::totals(connection, &days))
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>> {
        self.read(|connection| holds::hold(connection, id))
    }

    async fn holds_of(&self, account: AccountId, page: Page) -> Result<Listing<Hold>> {
        self.read(|connection| holds::holds_of(connection, account, page))
    }

    async fn held(&self, account: AccountId) -> Result<Option<Money>> {
        self.read(|connection| holds::held(connection, account))
    }

    async fn held_of(&self, user: UserId) -> Result<Vec<(AccountId, Money)>> {
        self.read(|connection| holds::held_of(connection, user))
    }

    async fn audit_log(&self, page: Page) -> Result<Listing<AuditEntry>> {
        self.read(|connection| audit::log(connection, page))
    }

    async fn job(&self, number: i64) -> Result<Option<JobRecord>> {
        self.read(|connection| jobs::job(connection, number))
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(read::SqliteSnapshot::begin(Arc::clone(&self.pool), Arc::clone(&self.texts))?))
    }
}
