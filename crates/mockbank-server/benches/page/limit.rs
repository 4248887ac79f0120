//! The limit: axum, a token, two queries, JSON written by hand. No limits, no log, no metrics, no
//! problem details, no number of the request.

use std::cell::RefCell;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Path as PathParameter, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use mockbank_bank::id::TransactionId;
use mockbank_bank::{AccountId, Instant, Money, PostingRef};
use mockbank_server::Tokens;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::SECRET;

struct Limit {
    tokens: Tokens,
    database: PathBuf,
    categories: Vec<String>,
    places: Vec<String>,
    descriptions: Vec<String>,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

#[derive(Deserialize)]
struct Parameters {
    page: i64,
    limit: i64,
}

pub(crate) async fn serve(listener: TcpListener, folder: &Path) {
    let database = folder.join("mockbank.db");
    let connection = connect(&database);
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a text")).collect()
    };
    let limit = Limit {
        tokens: Tokens::new(SECRET.as_bytes(), Duration::from_hours(1)).expect("a key"),
        categories: texts("SELECT name FROM category ORDER BY number"),
        places: texts("SELECT name FROM place ORDER BY number"),
        descriptions: texts("SELECT text FROM description ORDER BY number"),
        database,
    };
    let route = get(page);
    let router = Router::new()
        .route("/accounts/{account_id}/transactions", route)
        .with_state(Arc::new(limit));
    axum::serve(listener, router).await.expect("serves");
}

fn connect(database: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags).expect("the database");
    connection.pragma_update(None, "mmap_size", 1_i64 << 36).expect("a setting");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).expect("a setting");
    connection
}

async fn page(
    State(limit): State<Arc<Limit>>,
    PathParameter(id): PathParameter<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, StatusCode> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let user = headers
        .get(header::AUTHORIZATION)
        .and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|token| limit.tokens.check(token, now))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let account: AccountId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let body = CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| connect(&limit.database));
        limit.read(connection, account, user.number(), &parameters)
    });
    let body = body.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::FORBIDDEN)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}

impl Limit {
    fn read(
        &self,
        connection: &Connection,
        account: AccountId,
        user: i64,
        parameters: &Parameters,
    ) -> rusqlite::Result<Option<String>> {
        let Parameters { page, limit } = *parameters;
        let mut of_account =
            connection.prepare_cached("SELECT user, postings FROM account WHERE number = ?")?;
        let (owner, total): (i64, i64) =
            of_account.query_row([account.number()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if owner != user {
            return Ok(None);
        }
        let pages = (total + limit - 1) / limit;
        let mut json = String::with_capacity(8192);
        let (next, previous) = (page < pages, page > 1);
        write!(
            json,
            "{{\"account_id\":\"{account}\",\"meta\":{{\"page\":{page},\"limit\":{limit},\
             \"total_items\":{total},\"total_pages\":{pages},\"has_next\":{next},\
             \"has_prev\":{previous}}},\"transactions\":["
        )
        .map_err(|_| rusqlite::Error::InvalidQuery)?;
        let last = total - (page - 1) * limit;
        let mut statement = connection.prepare_cached(
            "SELECT at, category, amount, card, description, place, reference FROM posting
             WHERE account = ? AND sequence BETWEEN ? AND ? ORDER BY sequence DESC",
        )?;
        let mut rows = statement.query([account.number(), last - limit + 1, last])?;
        while let Some(row) = rows.next()? {
            if !json.ends_with('[') {
                json.push(',');
            }
            self.write(&mut json, account, row)?;
        }
        json.push_str("]}");
        Ok(Some(json))
    }

    fn write(
        &self,
        json: &mut String,
        account: AccountId,
        row: &rusqlite::Row,
    ) -> rusqlite::Result<()> {
        let at = Instant::from_seconds(row.get(0)?);
        let amount = Money::from_minor(row.get(2)?);
        let reference = PostingRef::from_code(row.get(6)?).ok_or(rusqlite::Error::InvalidQuery)?;
        let id = TransactionId { account, day: at.day(), reference };
        let kind = if amount.is_negative() { "DEBIT" } else { "CREDIT" };
        let category = &self.categories[usize::from(row.get::<_, u16>(1)?)];
        let description = &self.descriptions[usize::from(row.get::<_, u16>(4)?)];
        let place = &self.places[usize::from(row.get::<_, u16>(5)?)];
        let card = match row.get::<_, Option<i64>>(3)? {
            Some(card) => format!("\"card_{card}\""),
            None => "null".to_owned(),
        };
        write!(
            json,
            "{{\"transaction_id\":\"{id}\",\"account_id\":\"{account}\",\"card_id\":{card},\
             \"amount\":{amount},\"date\":\"{at}\",\"description\":\"{description}\",\
             \"category\":\"{category}\",\"location\":\"{place}\",\"type\":\"{kind}\"}}"
        )
        .map_err(|_| rusqlite::Error::InvalidQuery)
    }
}
