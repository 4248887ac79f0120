//! The data folder: who may open it, who may write it, and what is left when a process dies.

#[path = "conformance/sample.rs"]
mod sample;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mockbank_bank::Day;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Store, StoreError, WorldInfo, Writer};
use rusqlite::Connection;
use sample::Sample;

/// Tells a child which folder to write to until it is killed.
const CHILD_FOLDER: &str = "MOCKBANK_TEST_FOLDER";

/// A world with some customers, 30 days old.
fn world(folder: &Path, present: IfPresent) -> Sample {
    let mut sample = Sample::new(3);
    let mut building = SqliteStore::build(folder, &sample.world, present).unwrap();
    write_days(&mut building, &mut sample, 30);
    building.finish().unwrap();
    sample
}

fn write_days(writer: &mut dyn Writer, sample: &mut Sample, days: u16) {
    let mut step = writer.begin().unwrap();
    if sample.clock == sample.world.start.start() {
        step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    }
    step.append(&sample.live(days)).unwrap();
    step.save(&sample.saved()).unwrap();
    step.commit(sample.clock).unwrap();
}

fn read(folder: &Path) -> WorldInfo {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(folder).unwrap();
    let (world, ledger) =
        runtime.block_on(async { (store.world().await, store.ledger().await.unwrap()) });
    assert_eq!(ledger.sum(), 0);
    world.unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_without_a_world_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = SqliteStore::open(folder.path()).unwrap_err();
    assert!(matches!(&error, StoreError::NoWorld(_)), "{error}");
    assert!(error.to_string().contains("mockbank init"));
    let error = SqliteStore::open_for_writing(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::NoWorld(_)));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn others_files_are_left_alone() {
    let write_text = |path: &Path| fs::write(path, "somebody else's notes, long enough").unwrap();
    let write_empty = |path: &Path| fs::write(path, "").unwrap();
    let write_database = |path: &Path| {
        Connection::open(path).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    };
    for make in [write_text, write_empty, write_database] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mockbank.db");
        make(&path);
        let before = fs::read(&path).unwrap();
        let error = SqliteStore::open(folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::NotOurs(_)), "{error}");
        let error = SqliteStore::open_for_writing(folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::NotOurs(_)), "{error}");
        let sample = Sample::new(1);
        let error = SqliteStore::build(folder.path(), &sample.world, IfPresent::Replace);
        assert!(matches!(error, Err(StoreError::NotOurs(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn another_format_is_refused_with_a_way_out() {
    for (version, way_out) in [(99, "newer"), (0, "init --force")] {
        let folder = tempfile::tempdir().unwrap();
        world(folder.path(), IfPresent::Refuse);
        let connection = Connection::open(folder.path().join("mockbank.db")).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        drop(connection);
        for error in [
            SqliteStore::open(folder.path()).map(drop).unwrap_err(),
            SqliteStore::open_for_writing(folder.path()).map(drop).unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::OtherVersion { .. }), "{error}");
            assert!(error.to_string().contains(way_out), "{error}");
        }
        world(folder.path(), IfPresent::Replace);
        read(folder.path());
    }
}

#[test]
fn a_world_of_the_format_before_gets_its_sums() {
    let folder = tempfile::tempdir().unwrap();
    world(folder.path(), IfPresent::Refuse);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sums = || {
        let store = SqliteStore::open(folder.path()).unwrap();
        runtime.block_on(async {
            let days = Day::default()..=Day::MAX;
            (store.ledger().await.unwrap(), store.daily_totals(days).await.unwrap())
        })
    };
    let before = sums();
    assert!(before.0.deposits > 0 && before.0.card_debt > 0 && before.1.len() > 30);
    let connection = Connection::open(folder.path().join("mockbank.db")).unwrap();
    let back = "DROP TABLE job; DROP TABLE daily_total; ALTER TABLE world DROP COLUMN deposits;
                ALTER TABLE world DROP COLUMN card_debt; PRAGMA user_version = 2";
    connection.execute_batch(back).unwrap();
    drop(connection);
    let error = SqliteStore::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("a command that writes"), "{error}");
    SqliteStore::open_for_writing(folder.path()).unwrap();
    assert_eq!(sums(), before);
}

#[test]
fn one_writes_and_all_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = world(folder.path(), IfPresent::Refuse);
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    let second = SqliteStore::open_for_writing(folder.path()).map(drop).unwrap_err();
    let forced = SqliteStore::build(folder.path(), &sample.world, IfPresent::Replace).map(drop);
    for error in [second, forced.unwrap_err()] {
        let StoreError::Busy { holder: Some(holder), .. } = &error else { panic!("{error}") };
        assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    }
    write_days(&mut writer, &mut sample, 1);
    assert_eq!(read(folder.path()).clock, sample.clock);
    drop(writer);
    SqliteStore::open_for_writing(folder.path()).unwrap();
}

#[test]
fn a_world_is_there_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::new(3);
    let mut building = SqliteStore::build(folder.path(), &sample.world, IfPresent::Refuse).unwrap();
    write_days(&mut building, &mut sample, 5);
    assert!(matches!(SqliteStore::open(folder.path()), Err(StoreError::NoWorld(_))));
    drop(building);
    assert_eq!(files(folder.path()), ["mockbank.lock"]);

    world(folder.path(), IfPresent::Refuse);
    assert_eq!(files(folder.path()), ["mockbank.db", "mockbank.lock"]);
}

#[test]
fn an_old_world_stands_until_the_new_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = world(folder.path(), IfPresent::Refuse);
    let refused = SqliteStore::build(folder.path(), &old.world, IfPresent::Refuse);
    assert!(matches!(refused, Err(StoreError::WorldExists(_))));

    // Steps that still lie in the write-ahead log, with a reader that keeps it open.
    let reader = SqliteStore::open(folder.path()).unwrap();
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    write_days(&mut writer, &mut old, 3);
    drop(writer);

    let mut new = Sample::new(2);
    let mut building = SqliteStore::build(folder.path(), &new.world, IfPresent::Replace).unwrap();
    write_days(&mut building, &mut new, 4);
    assert_eq!(read(folder.path()).clock, old.clock);
    building.finish().unwrap();
    assert_eq!(read(folder.path()).clock, new.clock);
    drop(reader);
    assert_eq!(read(folder.path()).counts.users, 2);
}

#[test]
fn postings_are_neither_changed_nor_deleted() {
    let folder = tempfile::tempdir().unwrap();
    world(folder.path(), IfPresent::Refuse);
    let connection = Connection::open(folder.path().join("mockbank.db")).unwrap();
    for sql in ["UPDATE posting SET amount = amount + 1", "DELETE FROM posting WHERE sequence = 3"]
    {
        let error = connection.execute_batch(sql).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

/// Not a test of its own: what the next two start and kill.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let folder = Path::new(&folder);
    let mut sample = Sample::new(3);
    if folder.join("mockbank.db").exists() {
        sample.live(30);
        let mut writer = SqliteStore::open_for_writing(folder).unwrap();
        loop {
            write_days(&mut writer, &mut sample, 1);
            fs::write(folder.join("days"), sample.clock.to_string()).unwrap();
        }
    }
    let mut building = SqliteStore::build(folder, &sample.world, IfPresent::Refuse).unwrap();
    write_days(&mut building, &mut sample, 5);
    fs::write(folder.join("days"), "5").unwrap();
    loop {
        std::thread::park();
    }
}

/// Kills a child once it has written what `ready` waits for.
fn kill_child(folder: &Path, ready: impl Fn(&str) -> bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !fs::read_to_string(folder.join("days")).is_ok_and(|days| ready(&days)) {
        assert_running(&mut child);
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn assert_running(child: &mut Child) {
    assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
}

#[test]
fn a_killed_init_leaves_no_world_and_nothing_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    kill_child(folder.path(), |days| !days.is_empty());
    assert!(files(folder.path()).contains(&"mockbank.db.new".to_owned()));
    assert!(matches!(SqliteStore::open(folder.path()), Err(StoreError::NoWorld(_))));
    world(folder.path(), IfPresent::Refuse);
    read(folder.path());
}

#[test]
fn a_killed_writer_leaves_a_whole_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = world(folder.path(), IfPresent::Refuse);
    kill_child(folder.path(), |days| days > "2025-02-20");
    let clock = read(folder.path()).clock;
    let days = i32::from(clock.day().number()) - i32::from(sample.clock.day().number());
    assert!(days >= 20, "{clock}");
    // The sample lives the same days again, and the store goes on from there.
    sample.live(u16::try_from(days).unwrap());
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    write_days(&mut writer, &mut sample, 1);
    assert_eq!(read(folder.path()).clock, sample.clock);
}
