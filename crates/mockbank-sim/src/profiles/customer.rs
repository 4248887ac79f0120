//! A customer of the model `profiles`: what behaviours know, and where the books stand.

use mockbank_bank::rules::Book;
use mockbank_bank::{AccountId, HubId, Money, UserId};

use super::banking::Event;
use crate::population::contacts::Contact;

/// A customer's state: what never changes in a simulation, and where the books stand.
#[derive(Clone, Debug)]
pub(crate) struct ProfileCustomer {
    pub(crate) traits: Traits,
    pub(crate) books: Vec<Book>,
    /// Room for the events of a day, kept to save allocations.
    pub(crate) events: Vec<Event>,
}

/// What behaviours know of a customer. They draw a day from this and the calendar alone, so
/// that a day is the same whatever happened before and wherever steps begin and end.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) user: UserId,
    /// Home city, a place of the catalogue.
    pub(crate) home: u32,
    /// In the order of the books.
    pub(crate) accounts: Vec<AccountTraits>,
    pub(crate) contacts: Vec<Contact>,
}

#[derive(Clone, Debug)]
pub(crate) struct AccountTraits {
    pub(crate) id: AccountId,
    /// Monthly; zero for none.
    pub(crate) salary: Money,
    pub(crate) employer: HubId,
    /// In the order of the book's cards.
    pub(crate) cards: Vec<CardTraits>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct CardTraits {
    /// The card's number, which its draws are addressed by.
    pub(crate) number: u64,
    pub(crate) billing_day: u8,
    /// Number of the profile in the preset.
    pub(crate) profile: u32,
    pub(crate) shopping: ShoppingDays,
}

/// On which of 32 days a card is used, kept for all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShoppingDays {
    /// The first of them, a multiple of 32.
    pub(super) first: u16,
    /// A bit for each.
    pub(super) days: u32,
}

impl ShoppingDays {
    /// Nothing drawn yet: no 32 days begin on this one.
    pub(crate) const UNKNOWN: Self = Self { first: u16::MAX, days: 0 };
}
