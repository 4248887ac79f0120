//! The rules of the bank: a book, a command and an instant make postings, or a refusal.
//!
//! A rule checks everything first and changes the book last, so that a refusal leaves the book
//! as it was.

mod book;
mod hold;
mod purchase;
mod refusal;
mod transfer;

pub use book::{Book, CardBook, Entry};
pub use hold::{authorise, expire_hold, post_hold, void_hold};
pub use purchase::{pay_card, pay_card_part, post_to_card, post_to_deposit, purchase};
pub use refusal::Refusal;
pub use transfer::{Transfer, transfer};

#[cfg(test)]
mod tests;
