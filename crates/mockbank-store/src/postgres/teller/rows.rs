//! What only some groups change, as rows: a statement for each table, whatever the group's size.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::rules::CardBook;
use mockbank_bank::{Hold, HoldState, Instant, User};
use tokio_postgres::Statement;

use super::books::{Answered, AuditLine, Changes};
use super::chain::End;
use super::trouble::Trouble;
use crate::StoreError;
use crate::postgres::holds::state_code;
use crate::postgres::read::Params;
use crate::postgres::row::damaged;
use crate::postgres::seals;
use crate::postgres::step::customers::column;
use crate::seal::FIRST;

pub(super) const DESCRIPTIONS: &str = "INSERT INTO description (number, text)
    SELECT * FROM unnest($1::integer[], $2::text[])";

pub(super) const SETTINGS: &str =
    "UPDATE customer u SET theme = n.theme, notifications = n.notifications
    FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS n (number, theme, notifications)
    WHERE u.number = n.number";

pub(super) const PASSWORDS: &str = "UPDATE customer u SET password_hash = n.hash
    FROM unnest($1::bigint[], $2::text[]) AS n (number, hash) WHERE u.number = n.number";

pub(super) const CARDS: &str = "UPDATE card c
    SET status = n.status, credit_limit = n.credit_limit, spend = n.spend, postings = n.postings
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS n (number, status, credit_limit, spend, postings)
    WHERE c.number = n.number";

pub(super) const MARKS: &str = "INSERT INTO card_mark (card, postings, sequence)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING";

pub(super) const MARKED_BOOKS: &str = "INSERT INTO card_mark (card, postings, sequence)
    SELECT c.number, c.postings, n.sequence
    FROM unnest($1::bigint[], $2::bigint[]) AS n (account, sequence)
    JOIN card c ON c.account = n.account WHERE c.postings > 0 ON CONFLICT DO NOTHING";

pub(super) const NEW_HOLDS: &str =
    "INSERT INTO hold (number, payer, payee, amount, description, authorised_at,
        expires_at, state, posted, transfer_group)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[],
        $6::bigint[], $7::bigint[], $8::smallint[], $9::bigint[], $10::bigint[])";

pub(super) const HOLDS: &str = "UPDATE hold h
    SET state = n.state, posted = n.posted, transfer_group = n.transfer_group
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[])
        AS n (number, state, posted, transfer_group)
    WHERE h.number = n.number";

/// Deletes answers that are older than the lifetime, to make room for new ones to the same keys.
pub(super) const EXPIRED: &str = "DELETE FROM idempotency k
    USING unnest($1::text[], $2::text[], $3::bigint[]) AS n (owner, key, received_at)
    WHERE k.owner = n.owner AND k.key = n.key AND k.received_at = n.received_at";

pub(super) const ANSWERS: &str = "INSERT INTO idempotency (owner, key, fingerprint, received_at,
        status, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::integer[],
        $6::bytea[])";

/// Deletes the oldest answers where they are too old, those that nobody else deletes just now.
pub(super) const PRUNE: &str = "DELETE FROM idempotency WHERE number IN (
        SELECT number FROM (
            SELECT number, received_at FROM idempotency ORDER BY number LIMIT $1
            FOR UPDATE SKIP LOCKED) AS oldest
        WHERE received_at <= $2)";

pub(super) const TOTALS: &str = "INSERT INTO ledger_total AS t (account, balance)
    SELECT * FROM unnest($1::bigint[], $2::bigint[])
    ON CONFLICT (account) DO UPDATE SET balance = t.balance + excluded.balance";

/// Numbers count up without gaps, since whoever adds entries has locked the counts.
pub(super) const AUDIT: &str = "INSERT INTO audit (number, at, received_at, actor, act, refusal)
    SELECT (SELECT coalesce(max(number), 0) FROM audit) + n.place, $1::bigint, n.received_at, n.actor,
        n.act, n.refusal
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
        AS n (received_at, actor, act, refusal, place)";

/// Old answers that are looked at for each new one: more than one, so that they grow fewer.
const PRUNED_FOR_EACH: usize = 2;

/// A table's statement and the connection that it is sent through.
#[derive(Clone, Copy)]
pub(super) struct Table<'a>(pub(super) &'a ClientWrapper, pub(super) &'a Statement);

impl Table<'_> {
    async fn write(self, columns: Params<'_>) -> Result<u64, Trouble> {
        Ok(self.0.execute(self.1, columns).await?)
    }

    /// Changes as many rows as were read and locked.
    async fn change(self, rows: usize, columns: Params<'_>) -> Result<(), Trouble> {
        if self.write(columns).await? == rows as u64 {
            return Ok(());
        }
        Err(damaged("a row that was locked is gone").into())
    }

    pub(super) async fn descriptions(self, rows: &[(u32, String)]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let numbers = rows.iter().map(|(number, _)| dictionary_number(*number));
        let numbers = numbers.collect::<Result<Vec<i32>, _>>()?;
        self.write(&[&numbers, &column(rows, |(_, text)| text.as_str())]).await.map(drop)
    }

    pub(super) async fn settings(self, rows: &[&User]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |user| user.id.number()),
            &column(rows, |user| user.settings.theme.as_str()),
            &column(rows, |user| user.settings.notifications),
        ];
        self.change(rows.len(), columns).await
    }

    pub(super) async fn passwords(self, changes: &Changes) -> Result<(), Trouble> {
        let (numbers, hashes): (Vec<i64>, Vec<&str>) =
            changes.passwords.iter().map(|(user, hash)| (user.number(), hash.as_str())).unzip();
        if numbers.is_empty() {
            return Ok(());
        }
        self.change(numbers.len(), &[&numbers, &hashes]).await
    }

    pub(super) async fn cards(self, rows: &[CardBook]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |card| card.card.number()),
            &column(rows, |card| i16::from(card.status.code())),
            &column(rows, |card| card.limit.minor()),
            &column(rows, |card| card.spend.minor()),
            &column(rows, |card| card.postings.cast_signed()),
        ];
        self.change(rows.len(), columns).await
    }

    pub(super) async fn marks(self, rows: &[[i64; 3]]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |[card, ..]| *card),
            &column(rows, |[_, postings, _]| *postings),
            &column(rows, |[.., sequence]| *sequence),
        ];
        self.write(columns).await.map(drop)
    }

    pub(super) async fn marked_books(self, rows: &[[i64; 2]]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params =
            &[&column(rows, |[account, _]| *account), &column(rows, |[_, sequence]| *sequence)];
        self.write(columns).await.map(drop)
    }

    pub(super) async fn new_holds(self, rows: &[&Hold]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |hold| hold.id.number()),
            &column(rows, |hold| hold.from.number()),
            &column(rows, |hold| hold.to.number()),
            &column(rows, |hold| hold.amount.minor()),
            &column(rows, |hold| hold.description.as_deref()),
            &column(rows, |hold| hold.authorised_at.seconds()),
            &column(rows, |hold| hold.expires_at.seconds()),
            &column(rows, |hold| i16::from(state_code(hold.state))),
            &column(rows, |hold| posted(hold.state).map(|(amount, _)| amount)),
            &column(rows, |hold| posted(hold.state).map(|(_, group)| group)),
        ];
        self.write(columns).await.map(drop)
    }

    pub(super) async fn holds(self, rows: &[&Hold]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |hold| hold.id.number()),
            &column(rows, |hold| i16::from(state_code(hold.state))),
            &column(rows, |hold| posted(hold.state).map(|(amount, _)| amount)),
            &column(rows, |hold| posted(hold.state).map(|(_, group)| group)),
        ];
        self.change(rows.len(), columns).await
    }

    pub(super) async fn expired(self, changes: &Changes) -> Result<(), Trouble> {
        let rows = &changes.expired;
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(rows, |((owner, _), _)| owner.as_str()),
            &column(rows, |((_, key), _)| key.as_str()),
            &column(rows, |(_, received_at)| *received_at),
        ];
        self.write(columns).await.map(drop)
    }

    /// Keeps answers for their keys. The server refuses a key that another teller has answered
    /// since it was looked up.
    pub(super) async fn answers(self, changes: &Changes) -> Result<(), Trouble> {
        let rows: Vec<(&(String, String), &Answered)> = changes.answers.iter().collect();
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &column(&rows, |((owner, _), _)| owner.as_str()),
            &column(&rows, |((_, key), _)| key.as_str()),
            &column(&rows, |(_, answered)| &answered.fingerprint[..]),
            &column(&rows, |(_, answered)| answered.received_at),
            &column(&rows, |(_, answered)| i32::from(answered.reply.status)),
            &column(&rows, |(_, answered)| answered.reply.body.as_slice()),
        ];
        self.write(columns).await.map(drop)
    }

    pub(super) async fn prune(self, changes: &Changes, lifetime: i64) -> Result<(), Trouble> {
        let kept = changes.answers.len();
        let latest = changes.answers.values().map(|answered| answered.received_at).max();
        let Some(latest) = latest else { return Ok(()) };
        let pruned = i64::try_from(kept * PRUNED_FOR_EACH).unwrap_or(i64::MAX);
        self.write(&[&pruned, &latest.saturating_sub(lifetime)]).await.map(drop)
    }

    pub(super) async fn totals(self, changes: &Changes) -> Result<(), Trouble> {
        if changes.totals.is_empty() {
            return Ok(());
        }
        let (mut accounts, mut moved) = (Vec::new(), Vec::new());
        for (account, amount) in &changes.totals {
            accounts.push(account.code());
            moved.push(i64::try_from(*amount).map_err(|_| {
                StoreError::InvalidStep(format!("the balance of {account} grows too large"))
            })?);
        }
        self.write(&[&accounts, &moved]).await.map(drop)
    }

    pub(super) async fn audit(self, at: Instant, rows: &[AuditLine]) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns: Params = &[
            &at.seconds(),
            &column(rows, |act| act.audit.received_at),
            &column(rows, |act| act.audit.actor.as_str()),
            &column(rows, |act| act.act.as_str()),
            &column(rows, |act| act.refusal),
        ];
        self.write(columns).await.map(drop)
    }

    /// The last seal's number and hash. Whoever is to append to them has locked the counts.
    pub(super) async fn last_seal(self) -> Result<End, Trouble> {
        let row = self.0.query_opt(self.1, &[]).await?;
        Ok(row.as_ref().map(seals::last).transpose()?.unwrap_or((0, FIRST)))
    }
}

/// What was moved of a hold, and the transfer that moved it.
fn posted(state: HoldState) -> Option<(i64, i64)> {
    match state {
        HoldState::Posted { amount, group } => Some((amount.minor(), group.number())),
        HoldState::Pending | HoldState::Voided | HoldState::Expired => None,
    }
}

/// The database's integers have a sign, so its dictionaries end half-way.
pub(super) fn dictionary_number(number: u32) -> Result<i32, StoreError> {
    let lacks = |_| StoreError::InvalidStep(format!("a dictionary has no number {number}"));
    i32::try_from(number).map_err(lacks)
}
