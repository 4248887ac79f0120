//! Creating and evolving.

use std::cell::{Cell, RefCell};

use mockbank_sim::Preset;
use mockbank_store::sqlite::SqliteStore;
use mockbank_world::{
    Evolved, Progress, Recipe, Unwatched, Watch, Workers, WorldError, content_hash, evolve, verify,
};
use tempfile::TempDir;

use crate::{create, make, recipe, snapshot};

const DAY: i64 = 86_400;

/// Counts the questions whether to stop, and says yes after some.
struct StopAfter {
    questions: Cell<u32>,
    seen: RefCell<Vec<Progress>>,
}

impl StopAfter {
    fn new(questions: u32) -> Self {
        Self { questions: Cell::new(questions), seen: RefCell::default() }
    }
}

impl Watch for StopAfter {
    fn progress(&self, progress: Progress) {
        self.seen.borrow_mut().push(progress);
    }

    fn cancelled(&self) -> bool {
        let left = self.questions.get();
        self.questions.set(left.saturating_sub(1));
        left == 0
    }
}

#[test]
fn a_world_that_is_made_and_evolved_holds() {
    let folder = TempDir::new().unwrap();
    let created = make(folder.path(), 300, 45);
    let workers = Workers::new(2).unwrap();
    let watch = StopAfter::new(u32::MAX);
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    let evolved = evolve(&mut writer, 20 * DAY + 3600, &workers, &watch).unwrap();
    assert_eq!((evolved.from, evolved.interrupted), (created.clock, false));
    assert_eq!(evolved.clock.to_string(), "2025-03-07T01:00:00Z");
    let last = *watch.seen.borrow().last().unwrap();
    assert_eq!((last.done, last.rows), (last.total, evolved.transactions));

    let report = verify(snapshot(folder.path()).as_mut(), &Unwatched).unwrap();
    assert_eq!(report.finding, None);
    let counts = report.world.counts;
    assert_eq!(counts.transactions, created.counts.transactions + evolved.transactions);
    assert_eq!(report.checked.transactions, counts.transactions);
    assert_eq!((counts.users, report.checked.accounts, report.checked.cards), (300, 300, 300));
    assert!(report.checked.transfers > 0);
}

#[test]
fn an_interrupted_creation_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let stopped = create(folder.path(), &recipe(20_000, 40), &StopAfter::new(2));
    assert!(matches!(stopped, Err(WorldError::Interrupted)), "{stopped:?}");
    assert!(SqliteStore::open(folder.path()).is_err());
    make(folder.path(), 1, 1);
}

#[test]
fn an_interrupted_evolution_keeps_whole_steps() {
    let folder = TempDir::new().unwrap();
    let created = make(folder.path(), 100, 1);
    let workers = Workers::new(1).unwrap();
    let run = |days: i64, watch: &dyn Watch| -> Evolved {
        let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
        evolve(&mut writer, days * DAY, &workers, watch).unwrap()
    };
    let at_once = run(1000, &StopAfter::new(0));
    assert_eq!(
        (at_once.clock, at_once.transactions, at_once.interrupted),
        (created.clock, 0, true)
    );
    let later = run(1000, &StopAfter::new(4));
    assert!(later.interrupted && later.transactions > 0, "{later:?}");
    assert_eq!(later.clock.second_of_day(), 0);
    let report = verify(snapshot(folder.path()).as_mut(), &Unwatched).unwrap();
    assert_eq!((report.finding, report.world.clock), (None, later.clock));
}

#[test]
fn threads_and_steps_do_not_show_in_the_content() {
    let hash = |days: u16, steps: &[i64], threads: usize| {
        let folder = TempDir::new().unwrap();
        make(folder.path(), 150, days);
        let workers = Workers::new(threads).unwrap();
        for step in steps {
            let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
            evolve(&mut writer, *step, &workers, &Unwatched).unwrap();
        }
        content_hash(snapshot(folder.path()).as_mut(), &Unwatched).unwrap()
    };
    let whole = hash(40, &[], 2);
    assert_eq!(hash(30, &[10 * DAY], 1), whole);
    assert_eq!(hash(30, &[DAY; 10], 3), whole);
    assert_eq!(hash(0, &[30 * DAY + 1, 9 * DAY, DAY - 1], 2), whole);
    assert_ne!(hash(41, &[], 2), whole);
}

#[test]
fn ninety_days_at_once_are_ninety_days_one_by_one_in_every_preset() {
    for name in Preset::builtin_names() {
        let preset = Preset::parse(Preset::builtin(name).unwrap()).unwrap();
        let hash = |first: u16, steps: &[i64]| {
            let folder = TempDir::new().unwrap();
            let recipe = Recipe { preset: preset.clone(), ..recipe(25, first) };
            create(folder.path(), &recipe, &Unwatched).unwrap();
            let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
            for days in steps {
                evolve(&mut writer, days * DAY, &Workers::new(2).unwrap(), &Unwatched).unwrap();
            }
            content_hash(snapshot(folder.path()).as_mut(), &Unwatched).unwrap()
        };
        let whole = hash(0, &[90]);
        assert_eq!(hash(0, &[1; 90]), whole, "{name}");
        assert_eq!(hash(90, &[]), whole, "{name}");
    }
}

#[test]
fn time_beyond_the_banks_calendar_is_refused() {
    let folder = TempDir::new().unwrap();
    make(folder.path(), 1, 1);
    let mut writer = SqliteStore::open_for_writing(folder.path()).unwrap();
    let refused = evolve(&mut writer, 60_000 * DAY, &Workers::new(1).unwrap(), &Unwatched);
    assert!(matches!(refused, Err(WorldError::Time(_))), "{refused:?}");
}
