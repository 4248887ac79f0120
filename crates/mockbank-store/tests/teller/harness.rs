//! A world on disk with its teller and its reader.

use std::future::Future;

use mockbank_bank::command::{Command, TransferOrder};
use mockbank_bank::{AccountId, Instant, Money};
use mockbank_store::sqlite::{SqliteStore, SqliteTeller};
use mockbank_store::{Answer, Result, Store, TellerSettings, Writer};
use tempfile::TempDir;

use crate::world::{self, request};

/// Random stories that are told to the bank and its model.
pub(crate) const STORIES: u32 = 32;

pub(crate) struct Bank {
    pub(crate) teller: SqliteTeller,
    pub(crate) store: SqliteStore,
    pub(crate) folder: TempDir,
}

impl Bank {
    pub(crate) fn new(users: i64, settings: TellerSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        world::build(folder.path(), users);
        Self::open(folder, settings)
    }

    /// Opens a world that is there.
    pub(crate) fn open(folder: TempDir, settings: TellerSettings) -> Self {
        let teller = SqliteTeller::open(folder.path(), settings).unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        Self { teller, store, folder }
    }

    /// Shuts everything and leaves the world.
    pub(crate) fn close(self) -> TempDir {
        self.folder
    }

    pub(crate) fn give(&self, command: Command, key: Option<&str>) -> Result<Answer> {
        self.teller.execute_blocking(request(command, key))
    }

    /// Lets time pass without a posting.
    pub(crate) fn pass(&self, seconds: i64) {
        wait(self.teller.step(move |writer| pass(writer, seconds))).unwrap();
    }

    pub(crate) fn balance(&self, account: i64) -> i64 {
        let account = wait(self.store.account(AccountId::new(account))).unwrap().unwrap();
        account.balance.minor()
    }

    /// Every row of the database, as text.
    pub(crate) fn dump(&self) -> Vec<String> {
        dump(&self.connection())
    }

    /// The one number that a query gives.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Lets the disk refuse rows that are inserted into a table or updated there.
    pub(crate) fn break_disk(&self, act: &str, table: &str) {
        let sql = format!(
            "CREATE TRIGGER no_{table} BEFORE {act} ON {table}
             BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END"
        );
        self.connection().execute_batch(&sql).unwrap();
    }

    /// Lets the disk take rows for a table again.
    pub(crate) fn mend_disk(&self, table: &str) {
        self.connection().execute_batch(&format!("DROP TRIGGER no_{table}")).unwrap();
    }

    /// Lets every commit fail that comes with a posting: it leaves a promise that must be kept by
    /// then.
    pub(crate) fn fail_commits(&self) {
        let sql = "CREATE TABLE promised (number INTEGER PRIMARY KEY);
                   CREATE TABLE promise (
                       number INTEGER REFERENCES promised DEFERRABLE INITIALLY DEFERRED);
                   CREATE TRIGGER promise_with_posting AFTER INSERT ON posting
                   BEGIN INSERT INTO promise VALUES (1); END";
        self.connection().execute_batch(sql).unwrap();
    }

    /// Undoes [`Self::fail_commits`].
    pub(crate) fn let_commits_be(&self) {
        let sql = "DROP TRIGGER promise_with_posting; DROP TABLE promise; DROP TABLE promised";
        self.connection().execute_batch(sql).unwrap();
    }

    /// A connection of the test's own, for looking and for making trouble.
    pub(crate) fn connection(&self) -> rusqlite::Connection {
        let connection =
            rusqlite::Connection::open(self.folder.path().join("mockbank.db")).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        connection
    }
}

/// Lets time pass without a posting.
pub(crate) fn pass(writer: &mut dyn Writer, seconds: i64) {
    let mut step = writer.begin().unwrap();
    let clock = step.world().unwrap().clock;
    step.commit(Instant::from_seconds(clock.seconds() + seconds)).unwrap();
}

/// Waits on the calling thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn transfer(from: i64, to: i64, amount: i64) -> Command {
    Command::Transfer(order(from, to, amount))
}

pub(crate) fn order(from: i64, to: i64, amount: i64) -> TransferOrder {
    TransferOrder {
        from: AccountId::new(from),
        to: AccountId::new(to),
        amount: Money::from_minor(amount),
        description: None,
    }
}

/// Every table of the database, row by row, as text.
pub(crate) fn dump(connection: &rusqlite::Connection) -> Vec<String> {
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<_> = (0..columns).map(|c| row.get_ref_unwrap(c)).collect();
            rows.push(format!("{table} {values:?}"));
        }
    }
    rows
}
