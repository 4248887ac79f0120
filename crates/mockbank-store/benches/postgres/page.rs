//! A page of a list, beside the bare query of its rows.

use std::hint::black_box;
use std::sync::LazyLock;

use divan::Bencher;
use mockbank_bank::AccountId;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{Page, Store as _, TransactionFilter};
use tokio_postgres::NoTls;

use super::{CUSTOMERS, PAGE, SERVER, cpu, load, runtime};

/// Pages in a comparison.
const PAGES: usize = 10_000;

static WORLD: LazyLock<String> = LazyLock::new(|| {
    let url = SERVER.database();
    load(&url);
    url
});

#[divan::bench(sample_size = 200)]
fn store(bencher: Bencher) {
    let read = through_store();
    bencher.bench_local(read);
}

#[divan::bench(sample_size = 200)]
fn bare(bencher: Bencher) {
    let read = through_client();
    bencher.bench_local(read);
}

/// Prints how near the store is to the bare limit, in CPU time.
pub(crate) fn compare() {
    let (mut store, mut bare) = (through_store(), through_client());
    cpu::compare("page", &SERVER, || (), |()| repeat(&mut store), |()| repeat(&mut bare));
}

fn repeat(read: &mut impl FnMut() -> i64) {
    for _ in 0..PAGES {
        black_box(read());
    }
}

/// Reads one page after the other as the API does; gives back the sum of each.
fn through_store() -> impl FnMut() -> i64 {
    LazyLock::force(&WORLD);
    let runtime = runtime();
    let store = runtime.block_on(PostgresStore::open(&WORLD)).unwrap();
    let filter = TransactionFilter::default();
    let mut account = 0;
    move || {
        account = account % CUSTOMERS + 1;
        let page = Page { number: 2, size: PAGE.unsigned_abs() };
        let id = AccountId::new(account);
        let read = store.account_with_transactions(id, &filter, page);
        let (_, listing) = runtime.block_on(read).unwrap().unwrap();
        listing.items.iter().map(|item| item.posting.amount.minor()).sum()
    }
}

/// Reads the rows of the pages alone.
fn through_client() -> impl FnMut() -> i64 {
    LazyLock::force(&WORLD);
    let runtime = runtime();
    let (client, statement) = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&WORLD, NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = "SELECT account, sequence, at, kind, category, amount, card, contra, balance,
                       card_balance, description, place, reference, transfer_group
                   FROM mockbank.posting
                   WHERE account = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence DESC";
        let statement = client.prepare(sql).await.unwrap();
        (client, statement)
    });
    let mut account = 0;
    move || {
        account = account % CUSTOMERS + 1;
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&account, &101_i64, &(100 + PAGE)];
        let rows = runtime.block_on(client.query(&statement, &params)).unwrap();
        rows.iter().map(|row| row.get::<_, i64>(5)).sum()
    }
}
