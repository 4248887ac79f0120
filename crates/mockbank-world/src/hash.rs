//! Whether two worlds are the same, to the last row.

use mockbank_bank::{Account, Card, ContentHash, PostingBatch, User};
use mockbank_store::Snapshot;

use crate::error::{Result, WorldError};
use crate::watch::{Progress, Watch};

/// Rows read at once.
const BATCH: usize = 1 << 14;

/// Reads a whole world and gives the hash of its content: its customers with all they hold, and
/// every posting. Files that hold the same have the same hash in their manifest.
///
/// Passwords and secrets are not part of it, since they are random in each world, and neither is
/// the clock: of two worlds with the same rows one may know that a day more went by.
pub fn content_hash(snapshot: &mut dyn Snapshot, watch: &dyn Watch) -> Result<ContentHash> {
    let total = snapshot.world()?.counts.transactions;
    let mut hash = ContentHash::EMPTY;
    each(
        |after| Ok(snapshot.users(after, BATCH)?),
        |user: &User| {
            hash.add_user(user);
            user.id.number()
        },
    )?;
    each(
        |after| Ok(snapshot.accounts(after, BATCH)?),
        |account: &Account| {
            hash.add_account(account);
            account.id.number()
        },
    )?;
    each(
        |after| Ok(snapshot.cards(after, BATCH)?),
        |card: &Card| {
            hash.add_card(card);
            card.id.number()
        },
    )?;
    hash.merge(postings_hash(snapshot, total, watch)?);
    Ok(hash)
}

fn postings_hash(
    snapshot: &mut dyn Snapshot,
    total: u64,
    watch: &dyn Watch,
) -> Result<ContentHash> {
    let mut hash = ContentHash::EMPTY;
    let mut batch = PostingBatch::with_capacity(BATCH);
    let (mut after, mut rows) = ((0, 0), 0);
    loop {
        batch.clear();
        snapshot.postings(after, i64::MAX, BATCH, &mut batch)?;
        let (Some(account), Some(sequence)) = (batch.account.last(), batch.sequence.last()) else {
            return Ok(hash);
        };
        after = (*account, *sequence);
        hash.add(&batch);
        rows += batch.len() as u64;
        watch.progress(Progress { done: rows, total, rows });
        if watch.cancelled() {
            return Err(WorldError::Interrupted);
        }
    }
}

/// Visits everything that `read` gives, batch after batch; `visit` answers with the number.
fn each<T>(
    mut read: impl FnMut(i64) -> Result<Vec<T>>,
    mut visit: impl FnMut(&T) -> i64,
) -> Result<()> {
    let mut after = 0;
    loop {
        let items = read(after)?;
        if items.is_empty() {
            return Ok(());
        }
        for item in &items {
            after = visit(item);
        }
    }
}
