//! How close the store comes to the bare database under it, in the same run.
//!
//! `load` is a world of customers' first year, account by account: through a step with all that
//! it checks, totals and saves, beside the same rows in multi-row inserts and nothing else.
//! `page` is a page of 20 of an account's transactions, beside the bare prepared query.

#[path = "../tests/conformance/sample.rs"]
mod sample;

use std::path::Path;
use std::sync::LazyLock;

use mockbank_bank::PostingBatch;
use mockbank_store::Writer;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use rusqlite::Connection;
use sample::Sample;
use tempfile::TempDir;

fn main() {
    divan::main();
}

const CUSTOMERS: i64 = 2_000;
const DAYS: u16 = 365;
const PAGE: i64 = 20;

struct Year {
    before: Sample,
    after: Sample,
    postings: PostingBatch,
}

static YEAR: LazyLock<Year> = LazyLock::new(|| {
    let mut after = Sample::new(CUSTOMERS);
    let postings = after.live(DAYS);
    Year { before: Sample::new(CUSTOMERS), after, postings }
});

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn load(folder: &Path) {
    let Year { before, after, postings } = &*YEAR;
    let mut building = SqliteStore::build(folder, &before.world, IfPresent::Refuse).unwrap();
    let mut step = building.begin().unwrap();
    step.add_customers(&before.users, &before.accounts, &before.cards).unwrap();
    step.append(postings).unwrap();
    step.save(&after.saved()).unwrap();
    step.commit(after.clock).unwrap();
    building.finish().unwrap();
}

mod loading {
    use std::sync::LazyLock;

    use divan::Bencher;
    use divan::counter::ItemsCount;

    use super::{YEAR, bare_load, folder, load};

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn store(bencher: Bencher) {
        LazyLock::force(&YEAR);
        bencher
            .counter(ItemsCount::new(YEAR.postings.len()))
            .with_inputs(folder)
            .bench_refs(|folder| load(folder.path()));
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn bare(bencher: Bencher) {
        LazyLock::force(&YEAR);
        bencher
            .counter(ItemsCount::new(YEAR.postings.len()))
            .with_inputs(folder)
            .bench_refs(|folder| bare_load(&folder.path().join("bare.db"), &YEAR.postings));
    }
}

/// The same rows in the same order, clustered for pages in the same way, without constraints,
/// triggers, totals, customers or a second index.
fn bare_load(path: &Path, batch: &PostingBatch) {
    const ROWS: usize = 64;
    const COLUMNS: usize = 14;
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;
             PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
             CREATE TABLE posting (a, b, c, d, e, f, g, h, i, j, k, l, m, n, PRIMARY KEY (a, b))
                 WITHOUT ROWID;
             BEGIN",
        )
        .unwrap();
    let row = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    let sql = format!("INSERT INTO posting VALUES {}", vec![row; ROWS].join(","));
    let mut statement = connection.prepare(&sql).unwrap();
    for start in (0..batch.len() / ROWS * ROWS).step_by(ROWS) {
        for row in 0..ROWS {
            let at = start + row;
            let values: [i64; COLUMNS] = [
                batch.account[at],
                batch.sequence[at],
                batch.at[at],
                batch.kind[at].into(),
                batch.category[at].into(),
                batch.amount[at],
                batch.card[at],
                batch.contra[at],
                batch.balance[at],
                batch.card_balance[at],
                batch.description[at].into(),
                batch.place[at].into(),
                batch.reference[at],
                batch.group[at],
            ];
            for (column, value) in values.into_iter().enumerate() {
                statement.raw_bind_parameter(row * COLUMNS + column + 1, value).unwrap();
            }
        }
        statement.raw_execute().unwrap();
    }
    drop(statement);
    connection.execute_batch("COMMIT").unwrap();
    connection.close().unwrap();
    std::fs::File::open(path).unwrap().sync_all().unwrap();
}

mod page {
    use std::sync::LazyLock;

    use divan::Bencher;
    use mockbank_bank::AccountId;
    use mockbank_store::sqlite::SqliteStore;
    use mockbank_store::{Page, Store, TransactionFilter};
    use rusqlite::Connection;
    use rusqlite::config::DbConfig;
    use tempfile::TempDir;

    use super::{CUSTOMERS, PAGE, folder, load};

    static WORLD: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = folder();
        load(folder.path());
        folder
    });

    #[divan::bench(sample_size = 500)]
    fn store(bencher: Bencher) {
        let store = SqliteStore::open(WORLD.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let filter = TransactionFilter::default();
        let mut account = 0;
        bencher.bench_local(|| {
            account = account % CUSTOMERS + 1;
            let page = Page { number: 2, size: PAGE.unsigned_abs() };
            let id = AccountId::new(account);
            runtime.block_on(store.transactions_of_account(id, &filter, page)).unwrap()
        });
    }

    #[divan::bench(sample_size = 500)]
    fn bare(bencher: Bencher) {
        let connection = Connection::open(WORLD.path().join("mockbank.db")).unwrap();
        connection.pragma_update(None, "mmap_size", 1_i64 << 36).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT sequence, at, kind, category, amount, card, contra, balance, card_balance,
                     description, place, reference, transfer_group FROM posting
                 WHERE account = ? AND sequence BETWEEN ? AND ? ORDER BY sequence DESC",
            )
            .unwrap();
        let mut account = 0;
        bencher.bench_local(|| {
            account = account % CUSTOMERS + 1;
            let mut rows = statement.query([account, 101, 100 + PAGE]).unwrap();
            let mut sum = 0;
            while let Some(row) = rows.next().unwrap() {
                for column in 0..13 {
                    sum += row.get::<_, Option<i64>>(column).unwrap().unwrap_or(0);
                }
            }
            sum
        });
    }
}
