//! A world's postings one after the other, read in batches.

use mockbank_bank::{Posting, PostingBatch};
use mockbank_store::Snapshot;

use crate::error::Result;

/// Postings read at once.
const BATCH: usize = 1 << 14;

/// Walks through every posting of a snapshot: by account, in sequence within it.
#[derive(Debug)]
pub(crate) struct Lines {
    batch: PostingBatch,
    row: usize,
    ended: bool,
    read: u64,
}

/// A line as it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line {
    /// A posting.
    Posting(Posting),
    /// Account and sequence of a row that holds no valid codes.
    Unreadable(i64, i64),
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { batch: PostingBatch::with_capacity(BATCH), row: 0, ended: false, read: 0 }
    }

    /// The next line, without stepping past it.
    pub(crate) fn peek(&mut self, snapshot: &mut dyn Snapshot) -> Result<Option<Line>> {
        if self.row == self.batch.len() && !self.ended {
            let last = self.row.checked_sub(1);
            let after =
                last.map_or((0, 0), |row| (self.batch.account[row], self.batch.sequence[row]));
            self.batch.clear();
            self.row = 0;
            snapshot.postings(after, i64::MAX, BATCH, &mut self.batch)?;
            self.ended = self.batch.is_empty();
        }
        if self.ended {
            return Ok(None);
        }
        let unreadable =
            || Line::Unreadable(self.batch.account[self.row], self.batch.sequence[self.row]);
        Ok(Some(self.batch.get(self.row).map_or_else(unreadable, Line::Posting)))
    }

    /// Steps past the line that [`Self::peek`] showed.
    pub(crate) fn advance(&mut self) {
        self.row += 1;
        self.read += 1;
    }

    /// Lines stepped past so far.
    pub(crate) const fn read(&self) -> u64 {
        self.read
    }
}
