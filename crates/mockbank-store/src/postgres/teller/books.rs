//! The books that a group of commands is judged by, and what has changed in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mockbank_bank::counter::{AccountRecord, Effects, Numbers};
use mockbank_bank::{
    AccountId, CardId, DailySums, HoldId, Instant, LedgerAccount, Posting, PostingBatch, UserId,
};

use super::records::Records;
use crate::seal::{self, Sealed};
use crate::tally;
use crate::teller::judge::Books;
use crate::teller::{Audit, Idempotency, Reply};
use crate::{Result, StoreError};

/// An answer that was given to a key, and to which request.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) fingerprint: [u8; 32],
    pub(super) received_at: i64,
    pub(super) reply: Reply,
}

/// An act as the audit log keeps it, with the code of its refusal.
#[derive(Debug)]
pub(super) struct AuditLine {
    pub(super) audit: Audit,
    pub(super) act: String,
    pub(super) refusal: Option<&'static str>,
}

/// A group's books.
#[derive(Debug)]
pub(super) struct PostgresBooks {
    pub(super) records: Records,
    pub(super) changes: Changes,
    /// Answers by the owner and the text of their keys.
    answers: HashMap<(String, String), Answered>,
    /// Seconds for which an answer is kept for its key.
    lifetime: i64,
}

/// What a group has to write. Of what has changed more than once, the last state is written.
#[derive(Debug)]
pub(super) struct Changes {
    /// The next free numbers before the group: what has a number from them on is new.
    pub(super) before: Numbers,
    pub(super) postings: PostingBatch,
    /// The postings of each command that a seal stands for.
    pub(super) sealed: Vec<Sealed>,
    /// By how many minor units the bank's and the counterparties' accounts have moved.
    pub(super) totals: BTreeMap<LedgerAccount, i128>,
    pub(super) daily: DailySums,
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) cards: BTreeMap<CardId, AccountId>,
    pub(super) holds: BTreeSet<HoldId>,
    pub(super) users: BTreeSet<UserId>,
    pub(super) passwords: BTreeMap<UserId, String>,
    pub(super) descriptions: Vec<(u32, String)>,
    /// Card, its postings, and the sequence in its account's book.
    pub(super) marks: Vec<[i64; 3]>,
    /// Account and sequence where cards are marked that were not read, as they have not moved.
    pub(super) marked_books: Vec<[i64; 2]>,
    pub(super) audit: Vec<AuditLine>,
    /// New answers in the order of their keys, which is the order in which rows are locked.
    pub(super) answers: BTreeMap<(String, String), Answered>,
}

impl PostgresBooks {
    /// The books as they were read, with the answers that are kept for the group's keys.
    pub(super) fn new(
        records: Records,
        answers: HashMap<(String, String), Answered>,
        lifetime: i64,
    ) -> Self {
        let changes = Changes {
            before: records.numbers,
            postings: PostingBatch::default(),
            sealed: Vec::new(),
            totals: BTreeMap::new(),
            daily: DailySums::default(),
            accounts: BTreeSet::new(),
            cards: BTreeMap::new(),
            holds: BTreeSet::new(),
            users: BTreeSet::new(),
            passwords: BTreeMap::new(),
            descriptions: Vec::new(),
            marks: Vec::new(),
            marked_books: Vec::new(),
            audit: Vec::new(),
            answers: BTreeMap::new(),
        };
        Self { records, changes, answers, lifetime }
    }
}

impl Books<'_> for PostgresBooks {
    type Vault = Records;

    fn vault(&mut self) -> &mut Records {
        &mut self.records
    }

    fn now(&self) -> Instant {
        self.records.clock
    }

    fn answered(&mut self, key: &Idempotency) -> Result<Option<Reply>> {
        let youngest = key.received_at.saturating_sub(self.lifetime);
        match self.answers.get(&named(key)) {
            Some(known) if known.received_at <= youngest => Ok(None),
            Some(known) if known.fingerprint == key.fingerprint => Ok(Some(known.reply.clone())),
            Some(_) => Err(StoreError::KeyReused),
            None => Ok(None),
        }
    }

    fn take(&mut self, effects: Effects) -> Result<()> {
        self.changes.take(&effects, &self.records);
        self.records.take(effects);
        Ok(())
    }

    fn audit(&mut self, audit: &Audit, act: String, refusal: Option<&'static str>) -> Result<()> {
        self.changes.audit.push(AuditLine { audit: audit.clone(), act, refusal });
        Ok(())
    }

    fn keep(&mut self, key: &Idempotency, reply: &Reply) -> Result<()> {
        let answered = Answered {
            fingerprint: key.fingerprint,
            received_at: key.received_at,
            reply: reply.clone(),
        };
        self.answers.insert(named(key), answered.clone());
        self.changes.answers.insert(named(key), answered);
        Ok(())
    }
}

fn named(key: &Idempotency) -> (String, String) {
    (key.owner.clone(), key.key.clone())
}

impl Changes {
    /// Whether something is appended to a list that everybody appends to.
    pub(super) fn append(&self) -> bool {
        let new = |last: Option<i64>, before| last.is_some_and(|number| number >= before);
        !self.postings.is_empty()
            || !self.audit.is_empty()
            || new(self.users.last().map(|id| id.number()), self.before.user)
            || new(self.accounts.last().map(|id| id.number()), self.before.account)
            || new(self.cards.keys().last().map(|id| id.number()), self.before.card)
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        !self.append()
            && self.accounts.is_empty()
            && self.holds.is_empty()
            && self.users.is_empty()
            && self.passwords.is_empty()
            && self.answers.is_empty()
    }

    /// Notes what a command changes of the records as they were before it.
    fn take(&mut self, effects: &Effects, before: &Records) {
        for posting in &effects.postings {
            self.post(posting);
            self.mark(posting, effects, before);
        }
        let together = seal::together(&effects.postings);
        self.sealed.extend(together.map(|postings| Sealed::Command(postings.to_vec())));
        for (id, record) in &effects.accounts {
            self.accounts.insert(*id);
            self.note_cards(record, before.accounts.get(id));
        }
        self.holds.extend(effects.holds.keys());
        self.users.extend(effects.users.keys());
        self.passwords.extend(effects.passwords.clone());
        self.descriptions.extend(effects.descriptions.iter().cloned());
    }

    /// Marks cards behind a posting, where that is due.
    fn mark(&mut self, posting: &Posting, effects: &Effects, before: &Records) {
        let sequence = posting.sequence.cast_signed();
        if !tally::is_marked(sequence) {
            return;
        }
        if !before.with_cards.contains(&posting.account) {
            self.marked_books.push([posting.account.number(), sequence]);
        } else if let Some(record) = effects.accounts.get(&posting.account) {
            let marks = tally::marks_of(&record.book, sequence);
            self.marks.extend(marks.map(|(card, postings)| [card, postings, sequence]));
        }
    }

    fn post(&mut self, posting: &Posting) {
        self.postings.push(posting);
        self.daily.add_posting(posting);
        if !posting.contra.is_customers() {
            *self.totals.entry(posting.contra).or_default() -= i128::from(posting.amount.minor());
        }
    }

    fn note_cards(&mut self, record: &AccountRecord, before: Option<&AccountRecord>) {
        let before = before.map_or(&[][..], |before| &before.book.cards);
        let changed = record.book.cards.iter().filter(|card| !before.contains(card));
        self.cards.extend(changed.map(|card| (card.card, record.book.account)));
    }
}
