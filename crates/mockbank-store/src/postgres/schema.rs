//! The format of the database: what tells it from others', its version, its migrations.

use deadpool_postgres::ClientWrapper;

use super::address::Address;
use crate::{Result, StoreError};

/// The schema that a world has to itself within the database.
pub(super) const SCHEMA: &str = "mockbank";

/// The schema of a world that is not whole yet.
pub(super) const UNFINISHED: &str = "mockbank_new";

/// The version that this program reads and writes.
const CURRENT: i32 = 4;

/// The steps from an empty schema to the current format, each of which leads to the version after
/// that of its index.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_daily_totals.sql"),
    include_str!("migrations/0003_teller.sql"),
    include_str!("migrations/0004_jobs.sql"),
];

const _: () = assert!(MIGRATIONS.len() == CURRENT.unsigned_abs() as usize);

/// Leaves out of an unfinished world what would be looked up for every row, and lets its postings be
/// emptied once more: see [`super::step::PostgresStep::begin_first`].
const LEAVE_OUT: &str = "ALTER TABLE posting DISABLE TRIGGER posting_is_never_emptied;
    ALTER TABLE account DROP CONSTRAINT account_customer_fkey,
        DROP CONSTRAINT account_employer_fkey;
    ALTER TABLE card DROP CONSTRAINT card_account_fkey;
    ALTER TABLE memory DROP CONSTRAINT memory_customer_fkey;
    ALTER TABLE card_mark DROP CONSTRAINT card_mark_pkey";

/// Adds it once the first postings are in, and their key: an index grows faster at once than row by
/// row, and so is checked what rows refer to.
pub(super) const KEYS: &str = "ALTER TABLE posting ENABLE TRIGGER posting_is_never_emptied,
        ADD CONSTRAINT posting_pkey PRIMARY KEY (account, sequence);
    ALTER TABLE card_mark ADD CONSTRAINT card_mark_pkey PRIMARY KEY (card, postings);
    ALTER TABLE account
        ADD CONSTRAINT account_customer_fkey FOREIGN KEY (customer) REFERENCES customer,
        ADD CONSTRAINT account_employer_fkey FOREIGN KEY (employer) REFERENCES hub;
    ALTER TABLE card ADD CONSTRAINT card_account_fkey FOREIGN KEY (account) REFERENCES account;
    ALTER TABLE memory
        ADD CONSTRAINT memory_customer_fkey FOREIGN KEY (customer) REFERENCES customer";

/// Makes the schema of an unfinished world, in place of one that another process left behind.
pub(super) async fn create(client: &ClientWrapper) -> Result<()> {
    client
        .batch_execute(&format!(
            "BEGIN; DROP SCHEMA IF EXISTS {UNFINISHED} CASCADE; CREATE SCHEMA {UNFINISHED}"
        ))
        .await?;
    migrate(client, 0).await?;
    client.batch_execute(LEAVE_OUT).await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// Refuses a database without a world, and one that is not in the current format.
pub(super) async fn check_current(client: &ClientWrapper, address: &Address) -> Result<()> {
    match version(client, address).await? {
        None => Err(StoreError::NoWorld(address.name().to_owned())),
        Some(CURRENT) => Ok(()),
        Some(found) => Err(StoreError::OtherVersion {
            path: address.name().to_owned(),
            found: found.into(),
            expected: CURRENT.into(),
            mend: if found > CURRENT {
                "use the newer Mock-Bank"
            } else {
                "a command that writes, as 'mockbank evolve', brings it up to date"
            },
        }),
    }
}

/// Brings a world to the current format. The caller holds the right to write.
pub(super) async fn upgrade(client: &ClientWrapper, address: &Address) -> Result<()> {
    if let Some(found) = version(client, address).await?
        && (1..CURRENT).contains(&found)
    {
        client.batch_execute("BEGIN").await?;
        migrate(client, found).await?;
        client.batch_execute("COMMIT").await?;
    }
    check_current(client, address).await
}

/// The format of the world; `None` if there is no world. A schema of that name that another
/// program made is refused.
pub(super) async fn version(client: &ClientWrapper, address: &Address) -> Result<Option<i32>> {
    let sql = "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($1 || '.format') IS NOT NULL";
    let there = client.query_one(sql, &[&SCHEMA]).await?;
    match (there.try_get(0)?, there.try_get(1)?) {
        (false, _) => Ok(None),
        (true, false) => Err(StoreError::NotOurs(address.name().to_owned())),
        (true, true) => {
            let version =
                client.query_one(&format!("SELECT max(version) FROM {SCHEMA}.format"), &[]).await?;
            Ok(version.try_get(0)?)
        }
    }
}

async fn migrate(client: &ClientWrapper, from: i32) -> Result<()> {
    for (version, migration) in (1_i32..).zip(MIGRATIONS) {
        if version > from {
            client.batch_execute(migration).await?;
            client.execute("DELETE FROM format", &[]).await?;
            client.execute("INSERT INTO format (version) VALUES ($1)", &[&version]).await?;
        }
    }
    Ok(())
}
