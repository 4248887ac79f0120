//! A customer's book: the running state behind an account's postings.

use super::Refusal;
use crate::customer::{Account, AccountStatus, Card, CardStatus};
use crate::id::{AccountId, CardId, GroupId};
use crate::ledger::LedgerAccount;
use crate::money::{Currency, Money};
use crate::posting::{Posting, PostingKind};
use crate::reference::{PostingRef, Stream};
use crate::time::{Day, Instant};

/// Where an account's book stands: enough to judge the next movement and to number its posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Whose book it is.
    pub account: AccountId,
    /// Whether money may move.
    pub status: AccountStatus,
    /// What the account is kept in.
    pub currency: Currency,
    /// Ledger balance.
    pub balance: Money,
    /// Part of the balance that holds have set aside; not negative.
    pub held: Money,
    /// Sequence of the last posting, 0 for none.
    pub postings: u64,
    /// Value date and time of the last posting.
    pub latest: Instant,
    /// The cards that are billed to the account.
    pub cards: Vec<CardBook>,
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardBook {
    /// Which card.
    pub card: CardId,
    /// Whether it can be used.
    pub status: CardStatus,
    /// Last day on which it is valid.
    pub expires: Day,
    /// The most that may be owed.
    pub limit: Money,
    /// What is owed.
    pub spend: Money,
    /// Number of postings on the card.
    pub postings: u64,
    /// When the bill was last paid.
    pub last_bill: Option<Day>,
}

/// What a posting says beside its amount and account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Value date and time.
    pub at: Instant,
    /// What moves the money.
    pub kind: PostingKind,
    /// Number of the category.
    pub category: u16,
    /// The other side.
    pub contra: LedgerAccount,
    /// Number of the description.
    pub description: u32,
    /// Number of the place.
    pub place: u32,
    /// Stream and index; `None` takes the book's next sequence in the stream of commands.
    pub reference: Option<PostingRef>,
    /// Links the two records of a transfer.
    pub group: Option<GroupId>,
}

impl CardBook {
    /// The card that it is of, as it stands now.
    #[must_use]
    pub fn of_card(&self, card: &Card) -> Card {
        let Self { status, limit, spend, postings, last_bill, .. } = *self;
        Card { status, limit, spend, last_bill, postings, ..card.clone() }
    }
}

impl Book {
    /// What can be moved out: the balance less what is held.
    pub fn available(&self) -> Money {
        self.balance.checked_sub(self.held).unwrap_or(Money::ZERO)
    }

    /// The account whose book it is, as it stands now.
    #[must_use]
    pub fn of_account(&self, account: &Account) -> Account {
        let Self { status, balance, postings, .. } = *self;
        Account { status, balance, postings, ..account.clone() }
    }

    /// Refuses where the account is kept in another currency than the bank's own accounts: with one
    /// of those on the other side, neither currency would sum to zero.
    pub fn check_currency(&self, bank: Currency) -> Result<(), Refusal> {
        let Self { account, currency, .. } = *self;
        if currency == bank {
            Ok(())
        } else {
            Err(Refusal::ForeignAccount { account, currency, bank })
        }
    }

    /// Refuses where the account may not move at `at`.
    #[inline]
    pub(super) fn check_open(&self, at: Instant) -> Result<(), Refusal> {
        match self.status {
            AccountStatus::Active => {}
            AccountStatus::Frozen => return Err(Refusal::AccountFrozen(self.account)),
            AccountStatus::Closed => return Err(Refusal::AccountClosed(self.account)),
        }
        if at < self.latest {
            return Err(Refusal::OutOfOrder(self.account));
        }
        Ok(())
    }

    /// Moves the deposit account by `amount`. Checks the arithmetic and nothing else.
    #[inline]
    pub(super) fn post(&mut self, amount: Money, entry: &Entry) -> Result<Posting, Refusal> {
        let balance = self.balance.checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
        let posting = self.line(amount, None, balance, Money::ZERO, entry)?;
        self.balance = balance;
        self.advance(entry.at);
        Ok(posting)
    }

    /// Moves a card's ledger account by `amount`. Checks the arithmetic and nothing else.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the simulation's inner loop")]
    pub(super) fn post_card(
        &mut self,
        card: usize,
        amount: Money,
        entry: &Entry,
    ) -> Result<Posting, Refusal> {
        let CardBook { card: id, spend, .. } = self.cards[card];
        let spend = spend.checked_sub(amount).ok_or(Refusal::AmountTooLarge)?;
        let owed = spend.checked_neg().ok_or(Refusal::AmountTooLarge)?;
        let posting = self.line(amount, Some(id), self.balance, owed, entry)?;
        let state = &mut self.cards[card];
        state.spend = spend;
        state.postings += 1;
        self.advance(entry.at);
        Ok(posting)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the simulation's inner loop")]
    fn line(
        &self,
        amount: Money,
        card: Option<CardId>,
        balance: Money,
        card_balance: Money,
        entry: &Entry,
    ) -> Result<Posting, Refusal> {
        let sequence = self.postings + 1;
        let own = || {
            let index = u32::try_from(sequence).ok()?;
            PostingRef::new(Stream::COMMANDS, index)
        };
        Ok(Posting {
            account: self.account,
            sequence,
            at: entry.at,
            kind: entry.kind,
            category: entry.category,
            amount,
            card,
            contra: entry.contra,
            balance,
            card_balance,
            description: entry.description,
            place: entry.place,
            reference: entry.reference.or_else(own).ok_or(Refusal::AmountTooLarge)?,
            group: entry.group,
        })
    }

    #[inline]
    fn advance(&mut self, at: Instant) {
        self.postings += 1;
        self.latest = at;
    }
}
