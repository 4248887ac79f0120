//! Idempotency keys: which requests were answered already, and how.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use crate::sqlite::read;
use crate::sqlite::row::{damaged, narrow};
use crate::sqlite::step::insert::Rows;
use crate::teller::{Idempotency, Reply};
use crate::{Result, StoreError};

/// Old answers that are looked at for each new one: more than one, so that they grow fewer.
const PRUNED_FOR_EACH: usize = 2;

/// The answers of a group of commands, which are written together at its end.
pub(super) struct Answers<'a> {
    connection: &'a Connection,
    find: CachedStatement<'a>,
    /// Seconds for which an answer is kept for its key.
    lifetime: i64,
    kept: Vec<(&'a Idempotency, Reply)>,
    /// Where the latest answer to a key stands, whoever owns it.
    places: HashMap<&'a str, usize>,
    /// Numbers of written answers that are older than `lifetime`, to keys that came again.
    forgotten: Vec<i64>,
    /// When the latest of the requests was received.
    latest: i64,
}

/// An answer that is written.
struct Written {
    number: i64,
    fingerprint: [u8; 32],
    reply: Reply,
    received_at: i64,
}

impl<'a> Answers<'a> {
    /// Those of a group of so many commands.
    pub(super) fn new(connection: &'a Connection, lifetime: i64, commands: usize) -> Result<Self> {
        let find = connection.prepare_cached(
            "SELECT number, fingerprint, status, body, received_at FROM idempotency
             WHERE owner = ? AND key = ?",
        )?;
        Ok(Self {
            connection,
            find,
            lifetime,
            kept: Vec::with_capacity(commands),
            places: HashMap::with_capacity(commands),
            forgotten: Vec::new(),
            latest: 0,
        })
    }

    /// Looks a key up among the group's own and those that are written. One that is older than the
    /// lifetime is forgotten.
    pub(super) fn find(&mut self, key: &Idempotency) -> Result<Option<Reply>> {
        let same = |(earlier, _): &&(&Idempotency, Reply)| {
            (&earlier.owner, &earlier.key) == (&key.owner, &key.key)
        };
        // Those before it are of other keys, or in the way of two clients who chose the same.
        let known = self.places.get(&*key.key);
        let known = known.and_then(|latest| self.kept[..=*latest].iter().rev().find(same));
        let (fingerprint, reply) = match known {
            Some((earlier, reply)) => (earlier.fingerprint, reply.clone()),
            None => match self.written(key)? {
                Some(written) => (written.fingerprint, written.reply),
                None => return Ok(None),
            },
        };
        if fingerprint == key.fingerprint { Ok(Some(reply)) } else { Err(StoreError::KeyReused) }
    }

    fn written(&mut self, key: &Idempotency) -> Result<Option<Written>> {
        let read = |row: &rusqlite::Row| -> Result<Written> {
            let fingerprint =
                row.get(1).map_err(|_| damaged("a kept answer has no valid fingerprint"))?;
            Ok(Written {
                number: row.get(0)?,
                fingerprint,
                reply: Reply { status: narrow(row, 2)?, body: row.get(3)? },
                received_at: row.get(4)?,
            })
        };
        let found = self.find.query_row((&key.owner, &key.key), |row| Ok(read(row)));
        let Some(written) = found.optional()?.transpose()? else { return Ok(None) };
        if written.received_at > key.received_at.saturating_sub(self.lifetime) {
            return Ok(Some(written));
        }
        self.forgotten.push(written.number);
        Ok(None)
    }

    /// Keeps the answer to a request whose key was not found.
    pub(super) fn keep(&mut self, key: &'a Idempotency, reply: Reply) {
        self.latest = self.latest.max(key.received_at);
        self.places.insert(&key.key, self.kept.len());
        self.kept.push((key, reply));
    }

    /// Writes the answers, in place of forgotten ones with the same keys, and deletes some of those
    /// that are older than the lifetime.
    pub(super) fn write(self) -> Result<()> {
        let Self { connection, kept, .. } = self;
        if kept.is_empty() {
            return Ok(());
        }
        for number in self.forgotten {
            connection
                .prepare_cached("DELETE FROM idempotency WHERE number = ?")?
                .execute([number])?;
        }
        ANSWERS.insert(connection, kept.len(), |statement, before, row| {
            let (key, reply) = &kept[row];
            statement.raw_bind_parameter(before + 1, &key.owner)?;
            statement.raw_bind_parameter(before + 2, &key.key)?;
            statement.raw_bind_parameter(before + 3, key.fingerprint)?;
            statement.raw_bind_parameter(before + 4, reply.status)?;
            statement.raw_bind_parameter(before + 5, &reply.body)?;
            statement.raw_bind_parameter(before + COLUMNS, key.received_at)
        })?;
        prune(connection, self.latest.saturating_sub(self.lifetime), kept.len())
    }
}

const COLUMNS: usize = 6;

static ANSWERS: LazyLock<Rows> = LazyLock::new(|| {
    let into = "idempotency (owner, key, fingerprint, status, body, received_at)";
    Rows::one_by_one(into, COLUMNS)
});

/// Deletes answers that were received before `before`: the oldest, and in all no more than a few
/// for each of the `kept` new ones, so that no command waits long for it.
fn prune(connection: &Connection, before: i64, kept: usize) -> Result<()> {
    let oldest = "SELECT received_at FROM idempotency ORDER BY number LIMIT 1";
    let oldest: Option<i64> = read::one(connection, oldest, [], |row| Ok(row.get(0)?))?;
    if oldest.is_none_or(|oldest| oldest > before) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "DELETE FROM idempotency WHERE number IN (
                 SELECT number FROM (
                     SELECT number, received_at FROM idempotency ORDER BY number LIMIT ?)
                 WHERE received_at <= ?)",
        )?
        .execute((i64::try_from(kept * PRUNED_FOR_EACH).unwrap_or(i64::MAX), before))?;
    Ok(())
}
