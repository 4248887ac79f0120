//! Copies of a world that is in use.

use std::fs;

use mockbank_store::sqlite::{IfPresent, SqliteStore, SqliteTeller};
use mockbank_store::{Store, StoreError, TellerSettings};

use crate::harness::{Bank, dump, transfer, wait};
use crate::world::OPENING;

#[test]
fn a_backup_is_the_world_of_its_moment() {
    let bank = Bank::new(3, TellerSettings::default());
    for number in 1..=50 {
        bank.give(transfer(1, 2, number), Some(&format!("key {number}"))).unwrap();
    }
    let file = bank.folder.path().join("backup.db");
    bank.store.backup(&file).unwrap();
    let then = dump(&bank.connection());
    bank.give(transfer(2, 3, OPENING), None).unwrap();
    assert!(matches!(bank.store.backup(&file), Err(StoreError::FileExists(_))));

    let folder = tempfile::tempdir().unwrap();
    SqliteStore::restore(&file, folder.path(), IfPresent::Refuse).unwrap();
    let restored = SqliteStore::open(folder.path()).unwrap();
    assert_eq!(wait(restored.ledger()).unwrap().sum(), 0);
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    let restored = Bank { teller, store: restored, folder };
    assert_eq!(dump(&restored.connection()), then);
    assert!(restored.give(transfer(1, 2, 7), Some("key 7")).unwrap().replayed);
    assert!(!restored.give(transfer(1, 2, 7), Some("new")).unwrap().replayed);
}

#[test]
fn a_world_is_replaced_as_a_whole_or_not_at_all() {
    let Bank { teller, store, folder } = Bank::new(2, TellerSettings::default());
    let file = folder.path().join("backup.db");
    store.backup(&file).unwrap();
    let busy = SqliteStore::restore(&file, folder.path(), IfPresent::Replace);
    assert!(matches!(busy, Err(StoreError::Busy { .. })));
    drop((teller, store));
    let there = SqliteStore::restore(&file, folder.path(), IfPresent::Refuse);
    assert!(matches!(there, Err(StoreError::WorldExists(_))));

    let mut bytes = fs::read(&file).unwrap();
    bytes.truncate(bytes.len() / 2);
    let damaged = folder.path().join("damaged.db");
    fs::write(&damaged, bytes).unwrap();
    SqliteStore::restore(&damaged, folder.path(), IfPresent::Replace).unwrap_err();
    fs::write(&damaged, "not a database").unwrap();
    let foreign = SqliteStore::restore(&damaged, folder.path(), IfPresent::Replace);
    assert!(matches!(foreign, Err(StoreError::NotOurs(_))));
    assert_eq!(wait(SqliteStore::open(folder.path()).unwrap().world()).unwrap().counts.users, 2);

    SqliteStore::restore(&file, folder.path(), IfPresent::Replace).unwrap();
    assert_eq!(wait(SqliteStore::open(folder.path()).unwrap().world()).unwrap().counts.users, 2);
}
