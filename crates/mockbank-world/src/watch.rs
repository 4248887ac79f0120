//! How long work is watched and stopped.

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Customer-days done.
    pub done: u64,
    /// Customer-days in all.
    pub total: u64,
    /// Postings written, or read where the work only reads.
    pub rows: u64,
}

/// Watches long work, and may stop it.
pub trait Watch {
    /// Called now and then, from the thread that began the work.
    fn progress(&self, progress: Progress);

    /// Whether the work shall stop: it then ends at the last whole step that was kept.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        false
    }
}
