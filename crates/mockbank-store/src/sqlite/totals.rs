//! What stands on the bank's own and the counterparties' accounts.

use mockbank_bank::LedgerAccount;
use rusqlite::{Connection, OptionalExtension};

use crate::{Result, StoreError};

/// Moves each of the accounts by so many minor units.
pub(super) fn add(
    connection: &Connection,
    moved: impl Iterator<Item = (LedgerAccount, i128)>,
) -> Result<()> {
    let mut read =
        connection.prepare_cached("SELECT balance FROM ledger_total WHERE account = ?")?;
    let mut write = connection.prepare_cached(
        "INSERT INTO ledger_total (account, balance) VALUES (?, ?)
         ON CONFLICT (account) DO UPDATE SET balance = excluded.balance",
    )?;
    for (account, moved) in moved {
        let code = account.code();
        let before: Option<i64> = read.query_row([code], |row| row.get(0)).optional()?;
        let after = i64::try_from(i128::from(before.unwrap_or(0)) + moved).map_err(|_| {
            StoreError::InvalidStep(format!("the balance of {account} grows too large"))
        })?;
        write.execute([code, after])?;
    }
    Ok(())
}
