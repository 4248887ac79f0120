//! Where a world's content goes that leaves it: files, in practice.

use std::error::Error;
use std::ops::RangeInclusive;

use mockbank_bank::{Account, Card, PostingBatch, User};

use crate::crime::Crime;

/// What an archive answers; this crate passes its failures on as they are.
pub type ArchiveResult<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Takes the content of a world, cut into parts that are written on their own.
pub trait Archive: Sync {
    /// Starts a part. Threads may each write a part of their own at the same time.
    fn part(&self, number: u32) -> ArchiveResult<Box<dyn ArchivePart + '_>>;
}

/// A part that is being written. Dropped before it is finished it leaves nothing behind.
pub trait ArchivePart {
    /// Adds customers, and accounts and cards as they stand at the end.
    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> ArchiveResult<()>;

    /// Adds postings.
    fn add_postings(&mut self, postings: &PostingBatch) -> ArchiveResult<()>;

    /// Adds what is known of crime in postings that were added; only for worlds that have crime.
    fn add_crime(&mut self, crime: &Crime) -> ArchiveResult<()>;

    /// Makes the part last.
    fn finish(self: Box<Self>) -> ArchiveResult<()>;
}

/// A part that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Number of the part.
    pub part: u32,
    /// Numbers of the customers in it, and of their accounts and cards.
    pub numbers: RangeInclusive<i64>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Postings, those in unfinished parts included.
    pub transactions: u64,
    /// Whether it was stopped before every part was finished.
    pub interrupted: bool,
}
