//! A household in the middle of a simulation.

use mockbank_bank::UserId;
use mockbank_bank::rules::Book;

use super::banking::Event;
use super::behaviour::crime::{Case, Layers};
use super::journey::Journey;
use super::memory::Memory;
use super::person::Person;

/// A household in the middle of a simulation.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(super) person: Person,
    pub(super) books: Vec<Book>,
    /// Which of the books is the checking account, and which one is for savings.
    pub(super) checking: Option<usize>,
    pub(super) savings: Option<usize>,
    pub(super) memory: Memory,
    pub(super) journey: Journey,
    pub(super) case: Case,
    pub(super) layers: Layers,
    /// Room for the events of a day, kept to save allocations.
    pub(super) events: Vec<Event>,
}

impl Customer {
    pub(crate) fn user(&self) -> UserId {
        self.person.user
    }

    pub(crate) fn books(&self) -> &[Book] {
        &self.books
    }

    pub(crate) fn memory(&self) -> Vec<u8> {
        self.memory.to_bytes()
    }
}
