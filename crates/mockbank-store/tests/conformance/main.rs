//! One suite for every store: what it must do, and stores broken on purpose that it must catch.

mod sample;

use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Order, Page, Store, TransactionFilter, Writer};
use sample::Sample;

#[tokio::test]
async fn smoke() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::new(5);
    let mut building = SqliteStore::build(folder.path(), &sample.world, IfPresent::Refuse).unwrap();
    let mut step = building.begin().unwrap();
    step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    let batch = sample.live(30);
    step.append(&batch).unwrap();
    step.save(&sample.saved()).unwrap();
    step.commit(sample.clock).unwrap();
    building.finish().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let account = sample.accounts[0].id;
    let filter = TransactionFilter { order: Order::Ascending, ..Default::default() };
    let page = store
        .transactions_of_account(account, &filter, Page { number: 1, size: 1000 })
        .await
        .unwrap();
    let expected: Vec<_> = batch.iter().filter(|p| p.account == account).collect();
    assert_eq!(page.total, expected.len() as u64);
    assert_eq!(page.items.iter().map(|t| t.posting).collect::<Vec<_>>(), expected);
    assert_eq!(store.ledger().await.unwrap().sum(), 0);
}
