//! A world in a database with its teller and its reader, as the tests of tellers take it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use mockbank_bank::command::{Command, TransferOrder};
use mockbank_bank::{AccountId, Instant, Money};
use mockbank_store::TellerSettings;
use mockbank_store::postgres::{PostgresStore, PostgresTeller};
use mockbank_store::{Answer, IfPresent, Result, Store, Teller, Writer};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::throwaway::Server;
use crate::world::{self, request};

/// Random stories that are told to the bank and its model: each has a database of its own.
pub(crate) const STORIES: u32 = 12;

/// Drives the connections of all tests.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// The server, for as long as a test holds it: what is static is never dropped.
static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// A server that tests share.
pub(crate) fn server() -> Arc<Server> {
    let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start());
        *shared = Arc::downgrade(&server);
        server
    })
}

pub(crate) struct Bank {
    pub(crate) teller: PostgresTeller,
    pub(crate) store: PostgresStore,
    client: Client,
    pub(crate) url: String,
}

impl Bank {
    pub(crate) fn new(users: i64, settings: TellerSettings) -> Self {
        let url = server().database();
        let world = world::new_world();
        let building = PostgresStore::build(&url, &world, IfPresent::Refuse);
        let mut building = wait(building).unwrap();
        world::fill(&mut building, users);
        building.finish().unwrap();
        Self::open(url, settings)
    }

    /// Opens a world that is there.
    pub(crate) fn open(url: String, settings: TellerSettings) -> Self {
        let teller = wait(PostgresTeller::open(&url, settings)).unwrap();
        let store = wait(PostgresStore::open(&url)).unwrap();
        let client = wait(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("SET search_path = mockbank").await.unwrap();
            client
        });
        Self { teller, store, client, url }
    }

    /// Shuts everything and leaves the world.
    pub(crate) fn close(self) -> String {
        self.url
    }

    pub(crate) fn give(&self, command: Command, key: Option<&str>) -> Result<Answer> {
        self.teller.execute_blocking(request(command, key))
    }

    /// Lets time pass without a posting.
    pub(crate) fn pass(&self, seconds: i64) {
        wait(self.teller.with_writer(Box::new(move |writer| pass(writer, seconds)))).unwrap();
    }

    pub(crate) fn balance(&self, account: i64) -> i64 {
        let account = wait(self.store.account(AccountId::new(account))).unwrap().unwrap();
        account.balance.minor()
    }

    /// Every row that a client can learn of, as text: not the teller's own marks, nor which numbers
    /// of transfers it has taken.
    pub(crate) fn dump(&self) -> Vec<String> {
        let sql = "SELECT table_name::text FROM information_schema.tables
                   WHERE table_schema = 'mockbank' AND table_name <> 'teller' ORDER BY 1";
        let tables = wait(self.client.query(sql, &[])).unwrap();
        let row_texts = tables.iter().map(|table| {
            let table: &str = table.get(0);
            format!(
                "SELECT '{table} ' || (to_jsonb(t) - 'last_group')::text FROM {table} t ORDER BY 1;"
            )
        });
        let row_texts: String = row_texts.collect();
        let messages = wait(self.client.simple_query(&row_texts)).unwrap();
        let texts = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        texts.collect()
    }

    /// The one number that a query gives.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        wait(self.client.query_one(sql, &[])).unwrap().get(0)
    }

    /// Has statements carried out.
    pub(crate) fn run(&self, sql: &str) {
        wait(self.client.batch_execute(sql)).unwrap();
    }

    /// Lets the disk refuse rows that are inserted into a table or updated there.
    pub(crate) fn break_disk(&self, act: &str, table: &str) {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'the disk is gone'; END $$;
             CREATE TRIGGER no_{table} BEFORE {act} ON {table} EXECUTE FUNCTION fail()"
        );
        wait(self.client.batch_execute(&sql)).unwrap();
    }

    /// Lets the disk take rows for a table again.
    pub(crate) fn mend_disk(&self, table: &str) {
        wait(self.client.batch_execute(&format!("DROP TRIGGER no_{table} ON {table}"))).unwrap();
    }

    /// Lets every commit fail that comes with a posting: its check waits until then.
    pub(crate) fn fail_commits(&self) {
        let sql = "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN RAISE EXCEPTION 'the disk is gone'; END $$;
                   CREATE CONSTRAINT TRIGGER fail_with_posting AFTER INSERT ON posting
                   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()";
        wait(self.client.batch_execute(sql)).unwrap();
    }

    /// Undoes [`Self::fail_commits`].
    pub(crate) fn let_commits_be(&self) {
        wait(self.client.batch_execute("DROP TRIGGER fail_with_posting ON posting")).unwrap();
    }
}

/// Lets time pass without a posting.
fn pass(writer: &mut dyn Writer, seconds: i64) {
    let mut step = writer.begin().unwrap();
    let clock = step.world().unwrap().clock;
    step.commit(Instant::from_seconds(clock.seconds() + seconds)).unwrap();
}

/// Waits on the calling thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
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
