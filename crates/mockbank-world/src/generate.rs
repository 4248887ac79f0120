//! Worlds that go straight to an archive: no database, any size, in parts side by side.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use mockbank_bank::rules::Book;
use mockbank_bank::{Account, Card, Instant, PostingBatch, User};
use mockbank_sim::{Customer, LabelBatch, World};

use crate::archive::{Archive, ArchivePart, Archived, Piece};
use crate::create::Recipe;
use crate::crime::Crime;
use crate::error::{Result, WorldError};
use crate::watch::{Progress, Watch};
use crate::workers::Workers;

/// Postings after which a thread hands them on: few enough that they are still in a core's cache
/// when the archive reads them.
const ROWS_AT_ONCE: usize = 1 << 12;

/// Customers after which it hands on these. They are far fewer than their postings, and the archive
/// has a cost for each batch of them.
const CUSTOMERS_AT_ONCE: usize = 1 << 8;

/// Writes parts of a recipe's world. Each part is a function of the recipe and its customers'
/// numbers, so it is the same whoever writes it, and when.
///
/// Stopped by the watch, it leaves the finished parts and nothing of the others.
///
/// # Errors
/// The first failure of the simulation or of the archive; other parts may be finished by then.
pub fn generate(
    recipe: &Recipe,
    pieces: &[Piece],
    archive: &dyn Archive,
    workers: &Workers,
    watch: &dyn Watch,
) -> Result<Archived> {
    let (from, to) = (recipe.start.start(), recipe.end()?);
    let seconds = (to.seconds() - from.seconds()).unsigned_abs().max(1);
    let customers: u64 = pieces.iter().map(|piece| piece.numbers.clone().count() as u64).sum();
    let mut progress = Progress { done: 0, total: customers * seconds, rows: 0 };
    let work = Work {
        world: recipe.world(),
        from,
        to,
        pieces,
        archive,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let (tell, told) = channel();
    let written = std::thread::scope(|scope| {
        let work = &work;
        let writing = scope.spawn(move || workers.on_every_thread(|| work.run(&tell)));
        for Advance { customers, rows } in told {
            progress.done += customers * seconds;
            progress.rows += rows;
            watch.progress(progress);
            if watch.cancelled() {
                work.stop.store(true, Ordering::Relaxed);
            }
        }
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let interrupted = |result: &Result<()>| matches!(result, Err(WorldError::Interrupted));
    let (stopped, ended): (Vec<_>, Vec<_>) = written.into_iter().partition(interrupted);
    ended.into_iter().collect::<Result<()>>()?;
    Ok(Archived { transactions: progress.rows, interrupted: !stopped.is_empty() })
}

/// What the threads share.
struct Work<'a> {
    world: World,
    from: Instant,
    to: Instant,
    pieces: &'a [Piece],
    archive: &'a dyn Archive,
    /// Index of the next piece that nobody has taken.
    next: AtomicUsize,
    stop: AtomicBool,
}

/// How far a thread came since it last told.
struct Advance {
    customers: u64,
    rows: u64,
}

impl Work<'_> {
    /// Writes one piece after the other until none is left, or somebody failed.
    fn run(&self, tell: &Sender<Advance>) -> Result<()> {
        let mut group = Group::default();
        while let Some(piece) = self.pieces.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let written = self.write(piece, &mut group, tell);
            if written.is_err() {
                self.stop.store(true, Ordering::Relaxed);
                return written;
            }
        }
        Ok(())
    }

    fn write(&self, piece: &Piece, group: &mut Group, tell: &Sender<Advance>) -> Result<()> {
        let mut part = self.archive.part(piece.part).map_err(WorldError::Archive)?;
        for number in piece.numbers.clone() {
            group.add(self, number)?;
            if group.postings.len() >= ROWS_AT_ONCE {
                self.hand_on_postings(group, part.as_mut(), tell)?;
            }
            if group.users.len() >= CUSTOMERS_AT_ONCE {
                self.hand_on_customers(group, part.as_mut(), tell)?;
            }
        }
        self.hand_on_postings(group, part.as_mut(), tell)?;
        self.hand_on_customers(group, part.as_mut(), tell)?;
        part.finish().map_err(WorldError::Archive)
    }

    fn hand_on_postings(
        &self,
        group: &mut Group,
        part: &mut dyn ArchivePart,
        tell: &Sender<Advance>,
    ) -> Result<()> {
        let Group { postings, labels, .. } = group;
        part.add_postings(postings).map_err(WorldError::Archive)?;
        if self.world.has_crime() {
            let crime = Crime::of(&self.world, postings, labels);
            part.add_crime(&crime).map_err(WorldError::Archive)?;
        }
        let rows = postings.len() as u64;
        postings.clear();
        labels.clear();
        self.advance(Advance { customers: 0, rows }, tell)
    }

    fn hand_on_customers(
        &self,
        group: &mut Group,
        part: &mut dyn ArchivePart,
        tell: &Sender<Advance>,
    ) -> Result<()> {
        let Group { users, accounts, cards, .. } = group;
        part.add_customers(users, accounts, cards).map_err(WorldError::Archive)?;
        let customers = users.len() as u64;
        users.clear();
        accounts.clear();
        cards.clear();
        self.advance(Advance { customers, rows: 0 }, tell)
    }

    /// Tells how far the thread came, and fails if it is to stop.
    fn advance(&self, advance: Advance, tell: &Sender<Advance>) -> Result<()> {
        // Whoever listens does so until the last thread has ended.
        let _ = tell.send(advance);
        if self.stop.load(Ordering::Relaxed) { Err(WorldError::Interrupted) } else { Ok(()) }
    }
}

/// Customers of one part, with all that they did.
#[derive(Default)]
struct Group {
    users: Vec<User>,
    accounts: Vec<Account>,
    cards: Vec<Card>,
    postings: PostingBatch,
    labels: LabelBatch,
}

impl Group {
    fn add(&mut self, work: &Work<'_>, number: i64) -> Result<()> {
        let mut newcomer = work.world.newcomer(number);
        let mut customer = Customer::from_newcomer(&work.world, &newcomer)?;
        let Self { postings, labels, .. } = self;
        work.world.simulate_labelled(&mut customer, work.from, work.to, postings, labels)?;
        settle(&mut newcomer.accounts, &mut newcomer.cards, customer.books());
        self.users.push(newcomer.user);
        self.accounts.append(&mut newcomer.accounts);
        self.cards.append(&mut newcomer.cards);
        Ok(())
    }
}

/// Brings accounts and cards to where their books stand.
fn settle(accounts: &mut [Account], cards: &mut [Card], books: &[Book]) {
    for (account, book) in accounts.iter_mut().zip(books) {
        account.status = book.status;
        account.balance = book.balance;
        account.postings = book.postings;
    }
    for card in cards {
        let state = books.iter().flat_map(|book| &book.cards).find(|state| state.card == card.id);
        if let Some(state) = state {
            card.status = state.status;
            card.spend = state.spend;
            card.postings = state.postings;
            card.last_bill = state.last_bill;
        }
    }
}
