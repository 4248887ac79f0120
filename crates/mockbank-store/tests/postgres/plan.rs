//! How the server finds a page: as one range of an index, however long the book and the table are.

use mockbank_bank::AccountId;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{Order, Page, Store as _, TransactionFilter, Writer as _};

use super::sample::Sample;
use super::throwaway::Server;
use super::{empty_world, writes};

/// Has the server write the plan of every statement into its log, with what it has done.
const EXPLAINED: &str = "?options=-c%20session_preload_libraries%3Dauto_explain\
    %20-c%20auto_explain.log_min_duration%3D0%20-c%20auto_explain.log_analyze%3Don\
    %20-c%20auto_explain.log_buffers%3Don%20-c%20auto_explain.log_timing%3Doff";

const SIZE: u64 = 20;

/// Enough customers for a look through all accounts to cost more than one through their index.
const CUSTOMERS: i64 = 600;

/// Pages of the index and of the table that a page of a list may take: three levels of the index,
/// the account, and rows that lie side by side.
const MOST_BUFFERS: u64 = 12;

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn a_page_is_one_range_of_the_index_wherever_it_lies() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let mut sample = Sample::new(CUSTOMERS);
    let mut step = writer.begin().unwrap();
    step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    writes::live(&mut *step, &mut sample, 365, &mut Vec::new()).unwrap();
    step.commit(sample.clock).unwrap();
    server.query(&url, "ANALYZE");

    let before = server.log().len();
    let store = PostgresStore::open(&format!("{url}{EXPLAINED}")).await.unwrap();
    let mut expected = 0;
    for order in [Order::Descending, Order::Ascending] {
        for number in [1, 7] {
            let filter = TransactionFilter { order, ..TransactionFilter::default() };
            let page = Page { number, size: SIZE };
            let account = AccountId::new(100);
            let found = store.transactions_of_account(account, &filter, page).await.unwrap();
            assert_eq!((found.items.len() as u64, found.total > 8 * SIZE), (SIZE, true));
            expected += 1;
        }
    }
    drop(store);
    let log = server.log().split_off(before);
    let plans: Vec<&str> = log.split("Query Text:").filter(|p| p.contains("posting p")).collect();
    assert_eq!(plans.len(), expected, "{log}");
    for plan in plans {
        let range = plan.lines().find(|line| line.contains("using posting_pkey on posting p"));
        let range = range.unwrap_or_else(|| panic!("no range of the index: {plan}"));
        assert!(range.contains(&format!("(actual rows={SIZE} loops=1)")), "{plan}");
        assert!(!plan.contains("Rows Removed"), "{plan}");
        let buffers = plan.split("Buffers: shared ").nth(1).unwrap().lines().next().unwrap();
        let touched: u64 = buffers.split([' ', '=']).filter_map(|n| n.parse::<u64>().ok()).sum();
        assert!(touched <= MOST_BUFFERS, "{plan}");
    }
}
