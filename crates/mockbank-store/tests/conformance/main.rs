//! One suite for every store: what it must do, and stores broken on purpose that it must catch.
//!
//! A store joins with a [`Bed`] made from a new world.

mod broken;
mod directory;
mod expected;
mod jobs;
mod reads;
mod sample;
mod teller;
mod writes;

use std::sync::Arc;

use broken::{Broken, Fault};
use mockbank_bank::counter::Policy;
use mockbank_bank::{AccountKind, Money};
use mockbank_store::sqlite::{IfPresent, SqliteStore, SqliteTeller};
use mockbank_store::{NewWorld, Store, Teller, TellerSettings, Writer};
use sample::Sample;
use tempfile::TempDir;

/// A world without customers, open for reading and writing.
struct Bed {
    writer: Box<dyn Writer>,
    store: Arc<dyn Store>,
    _folder: TempDir,
}

fn sqlite(world: &NewWorld) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::build(folder.path(), world, IfPresent::Refuse).unwrap().finish().unwrap();
    Bed {
        writer: Box::new(SqliteStore::open_for_writing(folder.path()).unwrap()),
        store: Arc::new(SqliteStore::open(folder.path()).unwrap()),
        _folder: folder,
    }
}

#[tokio::test]
async fn sqlite_keeps_and_finds() {
    let mut bed = sqlite(&Sample::new(3).world);
    if let Err(wrong) = writes::story(&mut *bed.writer, &*bed.store).await {
        panic!("{wrong}");
    }
}

#[tokio::test]
async fn sqlite_finds_without_a_directory_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let world = Sample::new(3).world;
    SqliteStore::build(folder.path(), &world, IfPresent::Refuse).unwrap().finish().unwrap();
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    let store = SqliteStore::open(folder.path()).unwrap().with_directory_in_memory(0);
    if let Err(wrong) = writes::story(&mut writer, &store).await {
        panic!("{wrong}");
    }
}

#[tokio::test]
async fn broken_stores_are_caught() {
    for fault in Fault::ALL {
        let mut bed = sqlite(&Sample::new(3).world);
        let broken = Broken { store: bed.store, fault };
        let verdict = writes::story(&mut *bed.writer, &broken).await;
        assert!(verdict.is_err(), "{fault:?} was not caught");
    }
}

/// A database whose commits fail by a promise that is not kept until then.
struct SqliteDisk(TempDir);

impl teller::Disk for SqliteDisk {
    fn fail_commits(&self, fail: bool) {
        let database = rusqlite::Connection::open(self.0.path().join("mockbank.db")).unwrap();
        let sql = if fail {
            "CREATE TABLE promised (number INTEGER PRIMARY KEY);
             CREATE TABLE promise (
                 number INTEGER REFERENCES promised DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER promise_with_posting AFTER INSERT ON posting
             BEGIN INSERT INTO promise VALUES (1); END"
        } else {
            "DROP TRIGGER IF EXISTS promise_with_posting;
             DROP TABLE IF EXISTS promise;
             DROP TABLE IF EXISTS promised"
        };
        database.execute_batch(sql).unwrap();
    }
}

fn sqlite_counter(settings: TellerSettings) -> teller::Counter {
    let sample = Sample::new(3);
    let Bed { mut writer, store, _folder: folder } = sqlite(&sample.world);
    teller::add_customers(&mut *writer, sample.world.start.start());
    drop(writer);
    let teller = Arc::new(SqliteTeller::open(folder.path(), settings).unwrap());
    teller::Counter { teller, store, disk: Box::new(SqliteDisk(folder)) }
}

#[tokio::test]
async fn sqlite_carries_out() {
    if let Err(wrong) = teller::story::story(&sqlite_counter(TellerSettings::default())).await {
        panic!("{wrong}");
    }
}

#[tokio::test]
async fn broken_tellers_are_caught() {
    use teller::broken::{Broken, Fault};
    for fault in Fault::ALL {
        let mut settings = TellerSettings::default();
        if fault == Fault::AllowsOverdraft {
            let overdraft = Money::from_minor(teller::OPENING * 100);
            settings.policy = Policy::default().with_overdraft(AccountKind::Checking, overdraft);
        }
        let mut counter = sqlite_counter(settings);
        let store = Arc::clone(&counter.store);
        counter.teller = Arc::new(Broken::new(counter.teller, store, fault)) as Arc<dyn Teller>;
        let verdict = teller::story::story(&counter).await;
        assert!(verdict.is_err(), "{fault:?} was not caught");
    }
}
