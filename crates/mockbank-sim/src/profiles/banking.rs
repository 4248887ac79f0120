//! What happens in a customer's books: events, and what the bank makes of them.

use mockbank_bank::catalog::description;
use mockbank_bank::rules::{self, Book, Entry, Refusal};
use mockbank_bank::{Money, Posting, PostingKind, PostingRef};

use crate::error::SimError;

/// Something that happens to one of a customer's books.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// Index of the book.
    pub(crate) book: usize,
    pub(crate) movement: Movement,
    pub(crate) entry: Entry,
}

/// What an event does to the book.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Movement {
    /// Moves the deposit account by the amount.
    Deposit(Money),
    /// Buys for the amount with the card of this index.
    Purchase { card: usize, amount: Money },
    /// Pays all that is owed on the card of this index.
    CardBill { card: usize },
}

/// Does an event to its book.
#[inline]
pub(crate) fn apply(
    book: &mut Book,
    event: &Event,
    mut keep: impl FnMut(&Posting),
) -> Result<(), SimError> {
    let Event { movement, entry, .. } = event;
    let posted = match *movement {
        Movement::Deposit(amount) => {
            rules::post_to_deposit(book, amount, entry).map(|posting| keep(&posting))
        }
        Movement::Purchase { card, amount } => {
            rules::purchase(book, card, amount, entry).map(|posting| keep(&posting))
        }
        Movement::CardBill { card } => {
            let received = received(entry);
            let bill = rules::pay_card(book, card, entry, &received);
            bill.map(|postings| postings.iter().flatten().for_each(keep))
        }
    };
    posted.or_else(|refusal| match refusal {
        Refusal::OutOfOrder(_) => refused(refusal),
        refusal if entry.kind == PostingKind::Transfer => {
            Err(SimError::OneSided { account: book.account, refusal })
        }
        _ => refused(refusal),
    })
}

/// What the bank refuses to one side alone is not recorded; a book that is ahead is an error.
pub(crate) fn refused(refusal: Refusal) -> Result<(), SimError> {
    match refusal {
        Refusal::OutOfOrder(account) => Err(SimError::BookAhead(account)),
        _ => Ok(()),
    }
}

/// The card's side of a bill, from the account's.
pub(crate) fn received(paid: &Entry) -> Entry {
    let next = |reference: PostingRef| PostingRef::new(reference.stream(), reference.index() + 1);
    Entry {
        description: description::CARD_PAYMENT_RECEIVED,
        reference: paid.reference.and_then(next),
        ..*paid
    }
}
