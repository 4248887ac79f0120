//! One suite for every store: what it must do, and stores broken on purpose that it must catch.
//!
//! A store joins with a [`Bed`] made from a new world.

mod broken;
mod directory;
mod expected;
mod reads;
mod sample;
mod writes;

use std::sync::Arc;

use broken::{Broken, Fault};
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{NewWorld, Store, Writer};
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
