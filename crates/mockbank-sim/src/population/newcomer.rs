//! A customer as the bank first meets them, with books before anything is posted.

use mockbank_bank::rules::{Book, CardBook};
use mockbank_bank::{Account, Card, Instant, Money, User};

/// A customer as the bank first meets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// The customer.
    pub user: User,
    /// The customer's accounts, by number.
    pub accounts: Vec<Account>,
    /// The cards on these accounts, by number.
    pub cards: Vec<Card>,
}

impl Newcomer {
    /// The newcomer's accounts, each with its cards and an empty book.
    pub fn holdings(&self) -> Vec<(Account, Vec<Card>, Book)> {
        let holding = |account: &Account| {
            let cards: Vec<Card> =
                self.cards.iter().filter(|card| card.account == account.id).cloned().collect();
            let book = new_book(account, cards.iter(), self.user.created_at);
            (account.clone(), cards, book)
        };
        self.accounts.iter().map(holding).collect()
    }
}

/// The book of an account before anything is posted.
pub(crate) fn new_book<'a>(
    account: &Account,
    cards: impl Iterator<Item = &'a Card>,
    latest: Instant,
) -> Book {
    Book {
        account: account.id,
        status: account.status,
        currency: account.currency,
        balance: account.balance,
        held: Money::ZERO,
        postings: account.postings,
        latest,
        cards: cards.map(card_book).collect(),
    }
}

fn card_book(card: &Card) -> CardBook {
    CardBook {
        card: card.id,
        status: card.status,
        expires: card.expires,
        limit: card.limit,
        spend: card.spend,
        postings: card.postings,
        last_bill: card.last_bill,
    }
}
