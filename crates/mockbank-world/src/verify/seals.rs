//! The chain of seals, held against the books.

use mockbank_bank::{AccountId, Instant, Posting, Stream};
use mockbank_store::{BookRun, RunSum, Seal, SealHash, Sealed, Snapshot, seal};

use super::Stop;
use super::finding::Finding;

/// Seals read at once.
const BATCH: usize = 4096;

/// Postings as a number and a sum of hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Content {
    postings: u64,
    sum: RunSum,
}

/// The time of a step, and what was simulated in it.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    until: Instant,
    sealed: Content,
    found: Content,
}

/// What the seals say, and what the books hold for it so far.
///
/// Every posting belongs to one seal: that of its command, or that of the step in whose time it is
/// dated.
#[derive(Debug)]
pub(super) struct SealCheck {
    windows: Vec<Window>,
    /// What commands posted, as their seals have it.
    sealed_commands: Content,
    /// What commands posted, as the books have it.
    found_commands: Content,
    /// Postings of one book in one window, and which book and window.
    run: BookRun,
    place: Option<(AccountId, usize)>,
    checked: u64,
}

impl SealCheck {
    /// Replays the chain from its first seal to its last.
    pub(super) fn replay(snapshot: &mut dyn Snapshot) -> Result<Self, Stop> {
        let mut check = Self {
            windows: Vec::new(),
            sealed_commands: Content::default(),
            found_commands: Content::default(),
            run: BookRun::default(),
            place: None,
            checked: 0,
        };
        let mut hash = seal::FIRST;
        let mut number = 0;
        loop {
            let seals = snapshot.seals(number, BATCH)?;
            if seals.is_empty() {
                return Ok(check);
            }
            for seal in seals {
                hash = check.link(seal, number, &hash)?;
                number += 1;
            }
        }
    }

    /// How many seals fit.
    pub(super) fn checked(&self) -> u64 {
        self.checked
    }

    /// Looks at the next posting of the books.
    pub(super) fn line(&mut self, posting: &Posting) -> Result<(), Finding> {
        if posting.reference.stream() == Stream::COMMANDS {
            self.found_commands.add_one(posting);
            return Ok(());
        }
        let goes_on = self.place.is_some_and(|(account, window)| {
            account == posting.account && self.windows[window].holds(posting.at)
        });
        if !goes_on {
            self.end_run();
            let window = self.window(posting.at).ok_or(Finding::Unsealed(posting.into()))?;
            self.place = Some((posting.account, window));
        }
        self.run.push(posting);
        Ok(())
    }

    /// Compares what was found with what was sealed.
    pub(super) fn close(mut self) -> Result<(), Finding> {
        self.end_run();
        if let Some(window) = self.windows.iter().find(|window| window.found != window.sealed) {
            return Err(Finding::SealedTime { since: window.since, until: window.until });
        }
        if self.found_commands == self.sealed_commands {
            Ok(())
        } else {
            Err(Finding::SealedCommands)
        }
    }

    fn end_run(&mut self) {
        if let Some((_, window)) = self.place.take() {
            self.windows[window].found.add(&self.run);
            self.run.clear();
        }
    }

    /// Index of the window that an instant falls in.
    fn window(&self, at: Instant) -> Option<usize> {
        let begun = self.windows.partition_point(|window| window.since <= at);
        begun.checked_sub(1).filter(|window| self.windows[*window].holds(at))
    }

    /// Takes the next seal in; gives back its hash.
    fn link(&mut self, seal: Seal, last: i64, before: &SealHash) -> Result<SealHash, Finding> {
        let Seal { number, content, hash } = seal;
        let row = match &content {
            Sealed::Command(postings) => postings.first().map(Into::into),
            Sealed::Step { .. } => None,
        };
        if number != last + 1 || content.hash(before, number) != hash {
            return Err(Finding::Seal { number: last + 1, row });
        }
        match content {
            Sealed::Command(postings) => {
                for posting in &postings {
                    self.sealed_commands.add_one(posting);
                }
            }
            Sealed::Step { since, until, postings, sum } => {
                let after = self.windows.last().map_or(since, |window| window.until);
                if since < after || until < since {
                    return Err(Finding::Seal { number, row });
                }
                let sealed = Content { postings, sum };
                self.windows.push(Window { since, until, sealed, found: Content::default() });
            }
        }
        self.checked += 1;
        Ok(hash)
    }
}

impl Window {
    fn holds(&self, at: Instant) -> bool {
        self.since <= at && at < self.until
    }
}

impl Content {
    fn add(&mut self, run: &BookRun) {
        self.postings += run.len() as u64;
        self.sum.add(run);
    }

    fn add_one(&mut self, posting: &Posting) {
        let mut run = BookRun::default();
        run.push(posting);
        self.add(&run);
    }
}
