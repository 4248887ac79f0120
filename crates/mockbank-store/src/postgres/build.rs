//! Making a world: beside the place where it will stand, until it is whole.

use deadpool_postgres::ClientWrapper;

use super::address::Address;
use super::lock::{TIME, WritingSession};
use super::schema::{self, KEYS, SCHEMA, UNFINISHED};
use super::session::wait;
use super::step::PostgresStep;
use super::{catalog, writer};
use crate::{IfPresent, NewWorld, Result, Step, StoreError, Writer};

/// What the session that loads asks of the server beside what every writer does: commits that do
/// not wait for the disk, since what is not finished is worth nothing after a crash, and memory
/// for the index.
const OPTIONS: &str = "-c synchronous_commit=off -c maintenance_work_mem=256MB";

/// A world that is being made. Dropped before [`Self::finish`], it leaves nothing, and an earlier
/// world as it was.
#[derive(Debug)]
pub struct PostgresBuilding {
    session: WritingSession,
    /// Whether a step was begun.
    begun: bool,
    finished: bool,
}

impl PostgresBuilding {
    pub(super) async fn start(
        address: &Address,
        world: &NewWorld,
        present: IfPresent,
    ) -> Result<Self> {
        let options = format!("{} {OPTIONS}", writer::OPTIONS);
        let session = WritingSession::open(address, UNFINISHED, &options).await?;
        let there = schema::version(&session, address).await?.is_some();
        if there && present == IfPresent::Refuse {
            return Err(StoreError::WorldExists(address.name().to_owned()));
        }
        schema::create(&session).await?;
        let building = Self { session, begun: false, finished: false };
        write_world(&building.session, world).await?;
        Ok(building)
    }

    /// Makes the world last and puts it into its place.
    pub fn finish(mut self) -> Result<()> {
        let session = &self.session;
        wait(async {
            session.batch_execute(KEYS).await?;
            // How large the tables are, and the columns that rows are found by. Queries of postings
            // have one index to choose from; the rest, and the clean-up of all tables, the server
            // does by itself in the minutes after.
            let analyze =
                "ANALYZE customer (number, username), account (number, customer, kind, status),
                 card (number, account)";
            session.batch_execute(analyze).await?;
            session
                .batch_execute(&format!(
                    "BEGIN; SET LOCAL synchronous_commit = on;
                     SELECT pg_advisory_xact_lock({TIME});
                     DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
                     ALTER SCHEMA {UNFINISHED} RENAME TO {SCHEMA}; COMMIT"
                ))
                .await
        })?;
        self.finished = true;
        Ok(())
    }
}

impl Writer for PostgresBuilding {
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>> {
        let begun = std::mem::replace(&mut self.begun, true);
        let begin = if begun { PostgresStep::begin } else { PostgresStep::begin_first };
        Ok(Box::new(begin(&self.session)?))
    }

    fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        wait(writer::put_setting(&self.session, key, value))
    }
}

impl Drop for PostgresBuilding {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is removed by the next build.
            let drop = format!("ROLLBACK; DROP SCHEMA IF EXISTS {UNFINISHED} CASCADE");
            let _ = wait(self.session.batch_execute(&drop));
        }
    }
}

async fn write_world(client: &ClientWrapper, world: &NewWorld) -> Result<()> {
    let sql =
        "INSERT INTO world (id, seed, model, preset, preset_text, currency, population, start,
                   clock, descriptions, default_password_hash)
               VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    client.batch_execute("BEGIN").await?;
    client
        .execute(
            sql,
            &[
                &world.seed.cast_signed(),
                &i64::from(world.model),
                &world.preset,
                &world.preset_text,
                &world.currency.code(),
                &i64::from(world.population),
                &i32::from(world.start.number()),
                &world.start.start().seconds(),
                &i64::try_from(world.catalog.descriptions.len()).unwrap_or(i64::MAX),
                &world.default_password_hash,
            ],
        )
        .await?;
    catalog::write(client, &world.catalog).await?;
    Ok(client.batch_execute("COMMIT").await?)
}
