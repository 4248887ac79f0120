//! Pages of accounts and cards.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{Account, AccountId, AccountKind, Card, Currency, UserId};

use super::{Params, all, bounds, one};
use crate::postgres::row::{self, ACCOUNT_COLUMNS, account_columns, card_columns, long};
use crate::{AccountFilter, AccountLine, Listing, Page, Result};

pub(in crate::postgres) async fn accounts_of(
    client: &ClientWrapper,
    user: UserId,
    filter: AccountFilter,
    page: Page,
) -> Result<Listing<Account>> {
    /// Which accounts: by holder, kind and currency, either of which may be `NULL` for all.
    macro_rules! condition {
        () => {
            " FROM account a WHERE a.customer = $1 AND ($2::smallint IS NULL OR a.kind = $2)
              AND ($3::text IS NULL OR a.currency = $3) "
        };
    }
    let kind = filter.kind.map(AccountKind::code).map(i16::from);
    let currency = filter.currency.map(Currency::code);
    let holder = user.number();
    let (limit, offset) = bounds(page);
    let sql = concat!(
        "SELECT ",
        account_columns!(),
        condition!(),
        "ORDER BY a.number LIMIT $4 OFFSET $5"
    );
    let count = concat!("SELECT count(*)", condition!());
    let params: Params = &[&holder, &kind, &currency, &limit, &offset];
    let items = all(client, sql, params, row::account);
    let total = one(client, count, &params[..3], |row| long(row, 0));
    let (items, total) = tokio::try_join!(items, total)?;
    Ok(Listing { total: total.unwrap_or(0), items })
}

pub(in crate::postgres) async fn accounts(
    client: &ClientWrapper,
    page: Page,
) -> Result<Listing<AccountLine>> {
    let (limit, offset) = bounds(page);
    let sql = concat!(
        "SELECT ",
        account_columns!(),
        ", u.username, u.first_name, u.last_name
         FROM account a JOIN customer u ON u.number = a.customer
         ORDER BY a.number LIMIT $1 OFFSET $2"
    );
    let bounds: Params = &[&limit, &offset];
    let items = all(client, sql, bounds, |row| {
        Ok(AccountLine {
            account: row::account(row)?,
            username: row.try_get(ACCOUNT_COLUMNS)?,
            first_name: row.try_get(ACCOUNT_COLUMNS + 1)?,
            last_name: row.try_get(ACCOUNT_COLUMNS + 2)?,
        })
    });
    let total = one(client, "SELECT accounts FROM counts", &[], |row| long(row, 0));
    let (items, total) = tokio::try_join!(items, total)?;
    Ok(Listing { total: total.unwrap_or(0), items })
}

pub(in crate::postgres) async fn cards_of(
    client: &ClientWrapper,
    account: AccountId,
) -> Result<Vec<Card>> {
    let sql =
        concat!("SELECT ", card_columns!(), " FROM card c WHERE c.account = $1 ORDER BY c.number");
    all(client, sql, &[&account.number()], row::card).await
}
