//! Writing to a world that is there.

use deadpool_postgres::ClientWrapper;

use super::address::Address;
use super::lock::WritingSession;
use super::schema::{self, SCHEMA};
use super::session::wait;
use super::step::PostgresStep;
use crate::{Result, Step, Writer};

/// What a session that writes asks of the server.
///
/// A step joins a batch of rows with a table by number. The tables grow within the step, so plans
/// that are made early must not be those of small tables. What is switched off counts as so dear
/// that the server would compile every statement that can not do without it: 20 to 80 ms each.
pub(super) const OPTIONS: &str =
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

/// The one session that writes to a world, with the lock that makes it the only one.
#[derive(Debug)]
pub struct PostgresWriter {
    session: WritingSession,
}

impl PostgresWriter {
    pub(super) async fn open(address: &Address) -> Result<Self> {
        let session = WritingSession::open(address, SCHEMA, OPTIONS).await?;
        schema::upgrade(&session, address).await?;
        Ok(Self { session })
    }
}

impl Writer for PostgresWriter {
    fn begin(&mut self) -> Result<Box<dyn Step + Send + '_>> {
        Ok(Box::new(PostgresStep::begin_among_tellers(&self.session)?))
    }

    fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        wait(put_setting(&self.session, key, value))
    }
}

pub(super) async fn put_setting(client: &ClientWrapper, key: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    client.execute(sql, &[&key, &value]).await?;
    Ok(())
}

/// Keeps a setting unless there is one, and gives back the one that is kept.
pub(super) async fn keep_setting(client: &ClientWrapper, key: &str, value: &str) -> Result<String> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    client.execute(sql, &[&key, &value]).await?;
    let kept = client.query_one("SELECT value FROM setting WHERE key = $1", &[&key]).await?;
    Ok(kept.try_get(0)?)
}
