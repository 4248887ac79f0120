//! Rates of clients, counted in the database for all processes that serve it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_postgres::Pool;

use super::address::Address;
use crate::Result;
use crate::rate::{Counted, Rate, RateCounter};

/// What the counts are kept in.
const TABLES: &str = include_str!("rates.sql");

/// Makes the tables one process at a time: `MkBkRate` in ASCII.
const KEY: i64 = 0x4d6b_426b_5261_7465;

/// Connections that count: a count takes some tens of microseconds.
const CONNECTIONS: usize = 4;

/// How long a request may be held up by its being counted.
const WAIT: Duration = Duration::from_millis(500);

/// How often clients that are quiet again are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Counts in a database.
#[derive(Debug)]
pub struct PostgresRates {
    pool: Pool,
    forgot: Mutex<Instant>,
}

impl PostgresRates {
    /// Makes what is needed for it in the database at a URL, if it is not there yet.
    pub async fn open(url: &str) -> Result<Self> {
        let address = Address::parse(url)?;
        let options = format!("-c statement_timeout={}", WAIT.as_millis());
        let pool = address.pool("mockbank_limits", &options, CONNECTIONS, WAIT)?;
        let client = pool.get().await?;
        let tables = format!("BEGIN; SELECT pg_advisory_xact_lock({KEY}); {TABLES}; COMMIT");
        client.batch_execute(&tables).await?;
        drop(client);
        Ok(Self { pool, forgot: Mutex::new(Instant::now()) })
    }

    /// Whether it is time to forget; says so to one caller.
    fn must_forget(&self) -> bool {
        let mut forgot = self.forgot.lock().unwrap_or_else(PoisonError::into_inner);
        let due = forgot.elapsed() >= FORGET_EVERY;
        if due {
            *forgot = Instant::now();
        }
        due
    }
}

#[async_trait]
impl RateCounter for PostgresRates {
    async fn count(&self, client: &str, rates: &[Rate]) -> Result<Counted> {
        let connection = self.pool.get().await?;
        if self.must_forget() {
            let sql = "DELETE FROM mockbank_limits.client_rate
                       WHERE free_at < extract(epoch FROM clock_timestamp()) * 1000000";
            connection.execute(sql, &[]).await?;
        }
        let sql = "SELECT refused, times FROM mockbank_limits.count_request($1, $2, $3, $4)";
        let statement = connection.prepare_cached(sql).await?;
        let names: Vec<&str> = rates.iter().map(|rate| rate.name).collect();
        let gaps: Vec<i64> = rates.iter().map(|rate| microseconds(rate.gap())).collect();
        let periods: Vec<i64> = rates.iter().map(|rate| microseconds(rate.period)).collect();
        let row = connection.query_one(&statement, &[&client, &names, &gaps, &periods]).await?;
        let refused: Option<i32> = row.try_get(0)?;
        let times: Vec<i64> = row.try_get(1)?;
        let mut times = times.into_iter().map(duration);
        Ok(match refused.map(|place| usize::try_from(place - 1).unwrap_or_default()) {
            Some(rate) => Counted::TooEarly { rate, wait: times.next().unwrap_or_default() },
            None => Counted::Within(times.collect()),
        })
    }
}

fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn duration(microseconds: i64) -> Duration {
    Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
}
