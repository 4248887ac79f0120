//! Whether two worlds are the same, to the last row.

use std::fmt;

use mockbank_bank::{Account, Card, ContentHash, PostingBatch, User};
use mockbank_store::Snapshot;

use crate::error::{Result, WorldError};
use crate::watch::{Progress, Watch};

/// Rows read at once.
const BATCH: usize = 1 << 14;

/// The content of a world: its time, its customers with all they hold, and every posting.
///
/// Passwords and secrets are not part of it: they are random in each world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldHash(blake3::Hash);

/// 64 hexadecimal digits.
impl fmt::Display for WorldHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a whole world and gives the hash of its content.
pub fn content_hash(snapshot: &mut dyn Snapshot, watch: &dyn Watch) -> Result<WorldHash> {
    let world = snapshot.world()?;
    let mut fields = Fields::default();
    fields.text(world.currency.code());
    fields.number(world.start.number());
    fields.number(world.clock.seconds());
    each(
        |after| Ok(snapshot.users(after, BATCH)?),
        |user: &User| {
            fields.user(user);
            user.id.number()
        },
    )?;
    each(
        |after| Ok(snapshot.accounts(after, BATCH)?),
        |account: &Account| {
            fields.account(account);
            account.id.number()
        },
    )?;
    each(
        |after| Ok(snapshot.cards(after, BATCH)?),
        |card: &Card| {
            fields.card(card);
            card.id.number()
        },
    )?;
    let postings = postings_hash(snapshot, world.counts.transactions, watch)?;
    fields.text(&postings.to_string());
    Ok(WorldHash(fields.0.finalize()))
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

/// Fields one after the other, each so that its end is known.
#[derive(Default)]
struct Fields(blake3::Hasher);

impl Fields {
    fn number(&mut self, number: impl Into<i64>) {
        self.0.update(&number.into().to_le_bytes());
    }

    fn count(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn user(&mut self, user: &User) {
        let User { id, username, first_name, last_name, email, city, created_at, settings } = user;
        self.number(id.number());
        for text in [username, first_name, last_name, email, city, &settings.theme] {
            self.text(text);
        }
        self.number(created_at.seconds());
        self.number(settings.notifications);
    }

    fn account(&mut self, account: &Account) {
        let Account {
            id,
            user,
            kind,
            currency,
            status,
            opening_balance,
            balance,
            salary,
            employer,
            postings,
        } = account;
        self.number(id.number());
        self.number(user.number());
        self.text(kind.name());
        self.text(currency.code());
        self.text(status.name());
        for amount in [opening_balance, balance, salary] {
            self.number(amount.minor());
        }
        self.number(employer.map_or(-1, |hub| i64::from(hub.0)));
        self.count(*postings);
    }

    fn card(&mut self, card: &Card) {
        let Card {
            id,
            account,
            last_four,
            status,
            limit,
            billing_day,
            profile,
            spend,
            issued,
            expires,
            last_bill,
            postings,
        } = card;
        self.number(id.number());
        self.number(account.number());
        self.number(*last_four);
        self.text(status.name());
        self.number(limit.minor());
        self.number(*billing_day);
        self.text(profile);
        self.number(spend.minor());
        self.number(issued.number());
        self.number(expires.number());
        self.number(last_bill.map_or(-1, |day| i64::from(day.number())));
        self.count(*postings);
    }
}
