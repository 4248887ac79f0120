//! The chain of seals, held against the books.

use std::collections::BTreeMap;

use mockbank_bank::{Instant, Posting};
use mockbank_store::{RowSum, Seal, SealHash, Sealed, Snapshot, seal};

use super::Stop;
use super::finding::Finding;

/// Seals read at once.
const BATCH: usize = 4096;

/// Postings as a number and a sum of hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Content {
    postings: u64,
    sum: RowSum,
}

/// A time for which one seal stands for all that is not sealed by itself.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    until: Instant,
    sealed: Content,
    found: Content,
}

/// What the seals say, and what the books hold for it so far.
///
/// Every posting belongs to one seal: to that of its command, or to that of the step in whose time
/// it is dated. So what is found in a step's time, less what commands posted then, is what the step
/// sealed; outside of all steps there is nothing else than what commands posted.
#[derive(Debug)]
pub(super) struct SealCheck {
    windows: Vec<Window>,
    outside: Content,
    /// What commands posted, by the instant.
    commands: BTreeMap<Instant, Content>,
    /// Index of the window of the last posting looked at; past the end for none.
    last: usize,
    checked: u64,
}

impl SealCheck {
    /// Replays the chain from its first seal to its last.
    pub(super) fn replay(snapshot: &mut dyn Snapshot) -> Result<Self, Stop> {
        let mut check = Self {
            windows: Vec::new(),
            outside: Content::default(),
            commands: BTreeMap::new(),
            last: 0,
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

    /// Looks at a posting of the books.
    pub(super) fn line(&mut self, posting: &Posting) {
        // Lines that stand beside each other mostly belong to the same window.
        if !self.windows.get(self.last).is_some_and(|window| window.holds(posting.at)) {
            self.last = self.window(posting.at).unwrap_or(usize::MAX);
        }
        let window = self.windows.get_mut(self.last);
        let found = window.map_or(&mut self.outside, |window| &mut window.found);
        found.postings += 1;
        found.sum.add(posting);
    }

    /// Compares what was found with what was sealed.
    pub(super) fn close(mut self) -> Result<(), Finding> {
        let mut outside = Content::default();
        for (at, content) in std::mem::take(&mut self.commands) {
            match self.window(at) {
                Some(window) => self.windows[window].sealed.merge(&content),
                None => outside.merge(&content),
            }
        }
        if let Some(window) = self.windows.iter().find(|window| window.found != window.sealed) {
            return Err(Finding::SealedTime { since: window.since, until: window.until });
        }
        if self.outside == outside { Ok(()) } else { Err(Finding::Unsealed) }
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
                    let content = self.commands.entry(posting.at).or_default();
                    content.postings += 1;
                    content.sum.add(posting);
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
    fn merge(&mut self, other: &Self) {
        self.postings += other.postings;
        self.sum.merge(&other.sum);
    }
}
