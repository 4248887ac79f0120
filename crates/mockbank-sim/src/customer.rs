//! A customer in the middle of a simulation.

use mockbank_bank::rules::{Book, CardBook};
use mockbank_bank::{Account, AccountId, Card, HubId, Instant, Money, UserId};

use crate::behaviour::{Event, ShoppingDays};
use crate::error::SimError;
use crate::household;
use crate::population::Newcomer;
use crate::population::contacts::Contact;
use crate::profiles::ProfileWorld;
use crate::world::{Model, World};

/// A customer in the middle of a simulation.
#[derive(Clone, Debug)]
pub struct Customer(pub(crate) State);

/// A customer's state under a model.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Profile(ProfileCustomer),
    Household(Box<household::Customer>),
}

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

impl Customer {
    /// A newcomer at the start of the simulation.
    ///
    /// # Errors
    /// [`SimError::UnknownProfile`] if the newcomer is of another world.
    pub fn from_newcomer(world: &World, newcomer: &Newcomer) -> Result<Self, SimError> {
        match &world.model {
            Model::Profiles(model) => {
                ProfileCustomer::from_newcomer(model, newcomer).map(State::Profile).map(Self)
            }
            Model::Households(_) => world.customer(&newcomer.user, &newcomer.holdings(), &[]),
        }
    }

    /// Whose state it is.
    pub fn user(&self) -> UserId {
        match &self.0 {
            State::Profile(customer) => customer.traits.user,
            State::Household(customer) => customer.user(),
        }
    }

    /// Where the customer's books stand, by number of the account.
    pub fn books(&self) -> &[Book] {
        match &self.0 {
            State::Profile(customer) => &customer.books,
            State::Household(customer) => customer.books(),
        }
    }

    /// What the customer's behaviours remember, to be kept with the world. The behaviours of the
    /// model `profiles` remember nothing.
    pub fn memory(&self) -> Vec<u8> {
        match &self.0 {
            State::Profile(_) => Vec::new(),
            State::Household(customer) => customer.memory(),
        }
    }
}

impl ProfileCustomer {
    pub(crate) fn from_newcomer(
        world: &ProfileWorld,
        newcomer: &Newcomer,
    ) -> Result<Self, SimError> {
        let cards_of = |account: &Account| {
            let account = account.id;
            newcomer.cards.iter().filter(move |card| card.account == account)
        };
        let accounts = newcomer.accounts.iter();
        let traits = world.traits(&newcomer.user, accounts.clone().map(|a| (a, cards_of(a))))?;
        let books = accounts.map(|a| new_book(a, cards_of(a), newcomer.user.created_at)).collect();
        Ok(Self { traits, books, events: Vec::new() })
    }
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
fn new_book<'a>(account: &Account, cards: impl Iterator<Item = &'a Card>, latest: Instant) -> Book {
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
