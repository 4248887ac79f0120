//! Worlds that go to an archive, generated and stored, and archives that fail.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mockbank_bank::{Account, Card, ContentHash, PostingBatch, User};
use mockbank_store::sqlite::SqliteStore;
use mockbank_world::{
    Archive, ArchivePart, ArchiveResult, Archived, Crime, Piece, Progress, Unwatched, Watch,
    Workers, WorldError, content_hash, evolve, export, generate,
};
use tempfile::TempDir;

use crate::{make, recipe, snapshot};

const DAY: i64 = 86_400;
const USERS: u32 = 90;

/// Keeps the hashes of the parts that were finished.
#[derive(Default)]
struct Hashes {
    finished: Mutex<Vec<(u32, ContentHash)>>,
    /// A part that cannot be written.
    broken: Option<u32>,
}

struct HashedPart<'a> {
    of: &'a Hashes,
    number: u32,
    hash: ContentHash,
}

impl Archive for Hashes {
    fn part(&self, number: u32) -> ArchiveResult<Box<dyn ArchivePart + '_>> {
        if self.broken == Some(number) {
            return Err("the disk is full".into());
        }
        Ok(Box::new(HashedPart { of: self, number, hash: ContentHash::EMPTY }))
    }
}

impl ArchivePart for HashedPart<'_> {
    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> ArchiveResult<()> {
        for user in users {
            self.hash.add_user(user);
        }
        for account in accounts {
            self.hash.add_account(account);
        }
        for card in cards {
            self.hash.add_card(card);
        }
        Ok(())
    }

    fn add_postings(&mut self, postings: &PostingBatch) -> ArchiveResult<()> {
        self.hash.add(postings);
        Ok(())
    }

    fn add_crime(&mut self, _: &Crime) -> ArchiveResult<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> ArchiveResult<()> {
        self.of.finished.lock().unwrap().push((self.number, self.hash));
        Ok(())
    }
}

impl Hashes {
    /// The finished parts by number.
    fn parts(self) -> Vec<(u32, ContentHash)> {
        let mut parts = self.finished.into_inner().unwrap();
        parts.sort_by_key(|(number, _)| *number);
        parts
    }
}

/// The world in parts of ten customers.
fn pieces() -> Vec<Piece> {
    (0..USERS / 10)
        .map(|part| {
            let first = i64::from(part) * 10 + 1;
            Piece { part, numbers: first..=first + 9 }
        })
        .collect()
}

#[test]
fn generated_and_stored_worlds_give_the_same_parts() {
    let generated = |threads| {
        let archive = Hashes::default();
        let workers = Workers::new(threads).unwrap();
        generate(&recipe(USERS, 30), &pieces(), &archive, &workers, &Unwatched).unwrap();
        archive.parts()
    };
    let parts = generated(1);
    assert_eq!(parts.len(), 9);
    assert_eq!(generated(5), parts);

    // Account by account above, day by day here.
    let folder = TempDir::new().unwrap();
    make(folder.path(), USERS, 0);
    for _ in 0..30 {
        let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
        evolve(&mut writer, DAY, &Workers::new(2).unwrap(), &Unwatched).unwrap();
    }
    let archive = Hashes::default();
    export(snapshot(folder.path()).as_mut(), &pieces(), &archive, &Unwatched).unwrap();
    assert_eq!(archive.parts(), parts);

    let mut whole = ContentHash::EMPTY;
    for (_, hash) in &parts {
        whole.merge(*hash);
    }
    assert_eq!(content_hash(snapshot(folder.path()).as_mut(), &Unwatched).unwrap(), whole);
}

#[test]
fn an_archives_failure_ends_the_work_and_leaves_the_parts_before_it() {
    let archive = Hashes { broken: Some(4), ..Hashes::default() };
    let workers = Workers::new(1).unwrap();
    let failed = generate(&recipe(USERS, 30), &pieces(), &archive, &workers, &Unwatched);
    assert!(matches!(&failed, Err(WorldError::Archive(failure))
        if failure.to_string() == "the disk is full"));
    assert_eq!(archive.parts().len(), 4);
}

/// Stops the work when it hears of it for the second time.
#[derive(Default)]
struct Impatient(AtomicUsize);

impl Watch for Impatient {
    fn progress(&self, _: Progress) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 2
    }
}

#[test]
fn stopped_work_leaves_whole_parts() {
    let folder = TempDir::new().unwrap();
    make(folder.path(), USERS, 30);
    let whole = Hashes::default();
    let world = &mut *snapshot(folder.path());
    export(world, &pieces(), &whole, &Unwatched).unwrap();
    let archive = Hashes::default();
    let Archived { interrupted, .. } =
        export(world, &pieces(), &archive, &Impatient::default()).unwrap();
    assert!(interrupted);
    let parts = archive.parts();
    assert!((1..9).contains(&parts.len()));
    assert_eq!(parts, whole.parts()[..parts.len()]);
}
