//! One book, line by line.

use mockbank_bank::{Account, AccountId, Card, CardId, Instant, LedgerAccount, Money, Posting};

use super::finding::{Finding, minor};

/// Where a card says that it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CardStand {
    pub(crate) account: AccountId,
    pub(crate) card: CardId,
    pub(crate) spend: Money,
    postings: u64,
}

impl From<&Card> for CardStand {
    fn from(card: &Card) -> Self {
        Self { account: card.account, card: card.id, spend: card.spend, postings: card.postings }
    }
}

/// What the lines of a book make, while they pass.
#[derive(Debug)]
pub(crate) struct BookCheck<'a> {
    account: &'a Account,
    cards: Vec<CardCheck<'a>>,
    clock: Instant,
    balance: i128,
    lines: u64,
    latest: Instant,
    /// The first side of a movement between the account and one of its cards: the next line must
    /// be the second.
    half: Option<Posting>,
}

#[derive(Debug)]
struct CardCheck<'a> {
    card: &'a CardStand,
    balance: i128,
    lines: u64,
}

impl<'a> BookCheck<'a> {
    /// Opens the book of an account with its cards, in a world whose time is `clock`.
    pub(crate) fn new(account: &'a Account, cards: &'a [CardStand], clock: Instant) -> Self {
        let cards = cards.iter().map(|card| CardCheck { card, balance: 0, lines: 0 }).collect();
        Self {
            account,
            cards,
            clock,
            balance: minor(account.opening_balance),
            lines: 0,
            latest: Instant::default(),
            half: None,
        }
    }

    /// Checks the next line.
    pub(crate) fn line(&mut self, posting: &Posting) -> Result<(), Finding> {
        let row = posting.into();
        self.lines += 1;
        if posting.sequence != self.lines {
            return Err(Finding::Sequence { row, expected: self.lines });
        }
        if posting.at < self.latest {
            return Err(Finding::TimeOrder(row));
        }
        if posting.at > self.clock {
            return Err(Finding::Future { row, clock: self.clock });
        }
        self.latest = posting.at;
        self.balances(posting)?;
        self.inside(posting)
    }

    /// Moves the ledger account of the line and compares the balances behind it.
    fn balances(&mut self, posting: &Posting) -> Result<(), Finding> {
        let row = posting.into();
        let card_balance = match posting.card {
            None => {
                self.balance += minor(posting.amount);
                0
            }
            Some(id) => {
                let card = self.card(id).ok_or(Finding::ForeignCard { row, card: id })?;
                card.balance += minor(posting.amount);
                card.lines += 1;
                card.balance
            }
        };
        let found = minor(posting.balance);
        if found != self.balance {
            return Err(Finding::Balance { row, expected: self.balance, found });
        }
        let found = minor(posting.card_balance);
        if found != card_balance {
            return Err(Finding::CardBalance { row, expected: card_balance, found });
        }
        Ok(())
    }

    /// Pairs the two lines of a movement between the account and one of its cards.
    fn inside(&mut self, posting: &Posting) -> Result<(), Finding> {
        if let Some(first) = self.half.take() {
            return if is_other_side(&first, posting) {
                Ok(())
            } else {
                Err(Finding::OneSided((&first).into()))
            };
        }
        match (posting.card, posting.contra) {
            (None, LedgerAccount::Card(_)) => self.half = Some(*posting),
            (Some(_), LedgerAccount::Deposit(account)) if account == self.account.id => {
                self.half = Some(*posting);
            }
            (Some(_), LedgerAccount::Deposit(_) | LedgerAccount::Card(_)) => {
                return Err(Finding::OneSided(posting.into()));
            }
            (None, LedgerAccount::Deposit(_)) if posting.group.is_none() => {
                return Err(Finding::NoGroup(posting.into()));
            }
            _ => {}
        }
        Ok(())
    }

    /// Closes the book: it must end where the account and its cards stand.
    pub(crate) fn close(self) -> Result<(), Finding> {
        if let Some(first) = &self.half {
            return Err(Finding::OneSided(first.into()));
        }
        let account = self.account.id;
        let found = minor(self.account.balance);
        if found != self.balance {
            return Err(Finding::AccountBalance { account, expected: self.balance, found });
        }
        let found = self.account.postings;
        if found != self.lines {
            return Err(Finding::AccountLines { account, expected: self.lines, found });
        }
        for CardCheck { card, balance, lines } in self.cards {
            let (found, expected) = (minor(card.spend), -balance);
            if found != expected {
                return Err(Finding::CardSpend { card: card.card, expected, found });
            }
            if card.postings != lines {
                let (expected, found) = (lines, card.postings);
                return Err(Finding::CardLines { card: card.card, expected, found });
            }
        }
        Ok(())
    }

    fn card(&mut self, id: CardId) -> Option<&mut CardCheck<'a>> {
        self.cards.iter_mut().find(|check| check.card.card == id)
    }
}

/// Whether two lines of a book are the two sides of one movement.
fn is_other_side(first: &Posting, second: &Posting) -> bool {
    first.contra == second.ledger_account()
        && second.contra == first.ledger_account()
        && first.amount.checked_neg() == Some(second.amount)
        && first.at == second.at
}
