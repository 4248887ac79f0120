//! What stands on the bank's own and the counterparties' accounts.

use std::collections::HashMap;

use deadpool_postgres::ClientWrapper;

use super::read::all;
use crate::tally::Moved;
use crate::{Result, StoreError};

/// Moves each of the accounts by so many minor units.
pub(super) async fn add(
    client: &ClientWrapper,
    moved: impl Iterator<Item = Moved> + Send,
) -> Result<()> {
    let sql = "SELECT account, balance FROM ledger_total";
    let before = all(client, sql, &[], |row| Ok((row.try_get(0)?, row.try_get(1)?))).await?;
    let before: HashMap<i64, i64> = before.into_iter().collect();
    let (mut accounts, mut balances) = (Vec::new(), Vec::new());
    for (account, moved) in moved {
        let code = account.code();
        let before = before.get(&code).copied().unwrap_or(0);
        let after = i64::try_from(i128::from(before) + moved).map_err(|_| {
            StoreError::InvalidStep(format!("the balance of {account} grows too large"))
        })?;
        accounts.push(code);
        balances.push(after);
    }
    let sql = "INSERT INTO ledger_total (account, balance)
               SELECT * FROM unnest($1::bigint[], $2::bigint[])
               ON CONFLICT (account) DO UPDATE SET balance = excluded.balance";
    let statement = client.prepare_cached(sql).await?;
    client.execute(&statement, &[&accounts, &balances]).await?;
    Ok(())
}
