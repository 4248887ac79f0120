//! How tellers work, whatever database they write to.

use mockbank_bank::counter::Policy;

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it: nothing that was answered is lost, whatever fails.
    #[default]
    Full,
    /// When the operating system has it: faster, and nothing is lost when the process fails. When
    /// the machine fails, the last answered commands can be lost, as a whole and from the end;
    /// the world stays consistent.
    Process,
}

/// How a teller works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TellerSettings {
    /// Commands that may wait; a batch counts as its transfers.
    pub capacity: usize,
    /// Commands in one commit; a batch counts as its transfers.
    pub group: usize,
    /// Accounts whose books are kept in memory, by a teller that nobody works beside.
    pub hot_accounts: usize,
    /// Reads that are answered for each command where the cores do not suffice for both; 0 where
    /// commands wait for no reads. A command with its answer takes the time of four to nine
    /// reads, so at 48 readers keep more than four fifths of the cores.
    pub reads_per_order: u32,
    /// When a commit counts as done.
    pub durability: Durability,
    /// Seconds of the machine's time for which an answer is kept for its idempotency key.
    pub key_lifetime: i64,
    /// What the bank allows beside its rules.
    pub policy: Policy,
}

impl Default for TellerSettings {
    fn default() -> Self {
        Self {
            capacity: 8192,
            group: 2048,
            hot_accounts: 65_536,
            reads_per_order: 48,
            durability: Durability::Full,
            key_lifetime: 24 * 60 * 60,
            policy: Policy::default(),
        }
    }
}
