//! All that the bank keeps of one account.

use std::sync::Arc;

use crate::customer::{Account, Card};
use crate::id::CardId;
use crate::rules::Book;

/// An account with its cards and its book.
///
/// The book is what moves: where it says the same as `account` and `cards`, the book is right,
/// and they say how things stood when the record was read. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// The account as it was read.
    pub account: Account,
    /// Its cards as they were read, in the order of the book's.
    pub cards: Arc<[Card]>,
    /// Where the account and its cards stand now.
    pub book: Book,
}

impl AccountRecord {
    /// The account as it stands now.
    pub fn account(&self) -> Account {
        self.book.of_account(&self.account)
    }

    /// The index of a card in the book.
    pub fn position(&self, card: CardId) -> Option<usize> {
        self.book.cards.iter().position(|known| known.card == card)
    }

    /// The card of an index of the book as it stands now.
    ///
    /// # Panics
    /// If the book has no card of that index.
    pub fn card(&self, index: usize) -> Card {
        self.book.cards[index].of_card(&self.cards[index])
    }
}
