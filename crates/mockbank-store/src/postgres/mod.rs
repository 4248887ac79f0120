//! A world in a schema of a `PostgreSQL` database.
//!
//! The schema `mockbank` holds the world. While one is made it is `mockbank_new`, so that a world
//! is there as a whole or not at all. The right to write is an advisory lock of the session that
//! has it.

mod address;
mod audit;
mod build;
mod catalog;
mod daily;
mod holds;
mod jobs;
mod lock;
mod rates;
mod read;
mod row;
mod schema;
mod seals;
mod session;
mod step;
mod teller;
mod totals;
mod writer;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Pool, PoolError};
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, DailyTotal, Day, Hold, HoldId, Money, TransactionId,
    User, UserId,
};
use tokio_postgres::error::SqlState;

use crate::{
    AccountFilter, AccountLine, AuditEntry, Credentials, DirectoryLine, DirectoryQuery, IfPresent,
    JobRecord, LedgerTotals, Listing, NewWorld, Page, Result, Snapshot, Store, StoreError,
    Transaction, TransactionFilter, WorldInfo,
};

pub use build::PostgresBuilding;
pub use rates::PostgresRates;
pub use teller::PostgresTeller;
pub use writer::PostgresWriter;

use address::Address;
use catalog::Texts;
use read::PostgresSnapshot;
use schema::SCHEMA;
use session::Session;

/// Connections that a store reads with: more do not make a server of some cores faster.
const CONNECTIONS: usize = 16;

/// How long a read waits for a connection before it fails.
const WAIT: Duration = Duration::from_secs(5);

/// What a session that reads for clients asks of the server: no statement may keep a connection
/// for ever.
const READ_OPTIONS: &str = "-c default_transaction_read_only=on -c statement_timeout=30s";

/// What a constraint of the schema refuses is the caller's fault, all else the database's.
impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        // The error's own text ends before what the server said.
        let refused = |code: &SqlState| {
            code.code().starts_with("23") || *code == SqlState::NUMERIC_VALUE_OUT_OF_RANGE
        };
        match error.as_db_error() {
            Some(said) if refused(said.code()) => Self::InvalidStep(said.message().to_owned()),
            Some(said) => Self::Database(said.to_string().into()),
            None => Self::Database(Box::new(error)),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => Self::Database(Box::new(other)),
        }
    }
}

/// The address of a database as it is shown: without user and password.
pub(crate) fn shown(url: &str) -> Result<PathBuf> {
    Ok(Address::parse(url)?.name().to_owned())
}

/// Reads a world. Cheap to clone: all clones share their connections.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    address: Address,
    pool: Pool,
    texts: Arc<Texts>,
}

impl PostgresStore {
    /// Opens the world at a URL for reading, also while another process writes to it.
    pub async fn open(url: &str) -> Result<Self> {
        let address = Address::parse(url)?;
        let pool = address.pool(SCHEMA, READ_OPTIONS, CONNECTIONS, WAIT)?;
        let client = pool.get().await?;
        schema::check_current(&client, &address).await?;
        let texts = Texts::read(&client).await?;
        drop(client);
        Ok(Self { address, pool, texts: Arc::new(texts) })
    }

    /// Opens the world at a URL for writing, which one process can do at a time, and brings a
    /// world of an earlier format up to date.
    pub async fn open_for_writing(url: &str) -> Result<PostgresWriter> {
        PostgresWriter::open(&Address::parse(url)?).await
    }

    /// Keeps a value of the program's own with the world unless there is one already, and gives
    /// back the one that is kept. Needs no right to write.
    pub async fn keep_setting(url: &str, key: &str, value: &str) -> Result<String> {
        let session = Self::open_session(url).await?;
        writer::keep_setting(&session, key, value).await
    }

    /// Keeps a value of the program's own with the world, in place of an earlier one. Needs no
    /// right to write.
    pub async fn put_setting(url: &str, key: &str, value: &str) -> Result<()> {
        let session = Self::open_session(url).await?;
        writer::put_setting(&session, key, value).await
    }

    /// A session that may write.
    async fn open_session(url: &str) -> Result<Session> {
        let address = Address::parse(url)?;
        let session = Session::open(address.manager(SCHEMA, "")).await?;
        schema::check_current(&session, &address).await?;
        Ok(session)
    }

    /// Starts a new world at a URL. Nothing is seen of the world until
    /// [`PostgresBuilding::finish`].
    pub async fn build(
        url: &str,
        world: &NewWorld,
        present: IfPresent,
    ) -> Result<PostgresBuilding> {
        PostgresBuilding::start(&Address::parse(url)?, world, present).await
    }

    /// A connection that nobody else has meanwhile.
    async fn client(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn world(&self) -> Result<WorldInfo> {
        let client = self.client().await?;
        read::world(&client).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        Ok(self.texts.catalog())
    }

    async fn setting(&self, key: &str) -> Result<Option<String>> {
        let client = self.client().await?;
        read::setting(&client, key).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        let client = self.client().await?;
        read::user(&client, id).await
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>> {
        let client = self.client().await?;
        read::credentials(&client, username).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        let client = self.client().await?;
        read::account(&client, id).await
    }

    async fn accounts_of(
        &self,
        user: UserId,
        filter: &AccountFilter,
        page: Page,
    ) -> Result<Listing<Account>> {
        let client = self.client().await?;
        read::accounts_of(&client, user, *filter, page).await
    }

    async fn accounts(&self, page: Page) -> Result<Listing<AccountLine>> {
        let client = self.client().await?;
        read::accounts(&client, page).await
    }

    async fn directory(&self, query: &DirectoryQuery) -> Result<Listing<DirectoryLine>> {
        let client = self.client().await?;
        read::directory(&client, query).await
    }

    async fn card(&self, id: CardId) -> Result<Option<Card>> {
        let client = self.client().await?;
        read::card(&client, id).await
    }

    async fn cards_of(&self, account: AccountId) -> Result<Vec<Card>> {
        let client = self.client().await?;
        read::cards_of(&client, account).await
    }

    async fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>> {
        let client = self.client().await?;
        read::transaction(&client, &self.texts, id).await
    }

    async fn transactions_of_account(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        let list = read::List::Account(account);
        let client = self.client().await?;
        read::transactions(&client, &self.texts, list, filter, page).await
    }

    async fn account_with_transactions(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Option<(Account, Listing<Transaction>)>> {
        let client = self.client().await?;
        read::account_with_transactions(&client, &self.texts, account, filter, page).await
    }

    async fn transactions_of_card(
        &self,
        card: CardId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        let list = read::List::Card(card);
        let client = self.client().await?;
        read::transactions(&client, &self.texts, list, filter, page).await
    }

    async fn ledger(&self) -> Result<LedgerTotals> {
        let client = self.client().await?;
        read::ledger(&client).await
    }

    async fn daily_totals(&self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        let client = self.client().await?;
        daily::totals(&client, &days).await
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>> {
        let client = self.client().await?;
        holds::hold(&client, id).await
    }

    async fn holds_of(&self, account: AccountId, page: Page) -> Result<Listing<Hold>> {
        let client = self.client().await?;
        holds::holds_of(&client, account, page).await
    }

    async fn held(&self, account: AccountId) -> Result<Option<Money>> {
        let client = self.client().await?;
        holds::held(&client, account).await
    }

    async fn held_of(&self, user: UserId) -> Result<Vec<(AccountId, Money)>> {
        let client = self.client().await?;
        holds::held_of(&client, user).await
    }

    async fn audit_log(&self, page: Page) -> Result<Listing<AuditEntry>> {
        let client = self.client().await?;
        audit::log(&client, page).await
    }

    async fn job(&self, number: i64) -> Result<Option<JobRecord>> {
        let client = self.client().await?;
        jobs::job(&client, number).await
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let options = "-c default_transaction_read_only=on";
        let session = Session::open(self.address.manager(SCHEMA, options)).await?;
        Ok(Box::new(PostgresSnapshot::begin(session, Arc::clone(&self.texts)).await?))
    }
}
