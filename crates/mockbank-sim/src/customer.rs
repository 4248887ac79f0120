//! A customer in the middle of a simulation.

use mockbank_bank::UserId;
use mockbank_bank::rules::Book;

use crate::households::customer::Customer as Household;
use crate::profiles::customer::ProfileCustomer;

/// A customer in the middle of a simulation.
#[derive(Clone, Debug)]
pub struct Customer(pub(crate) State);

/// A customer's state under a model.
#[derive(Clone, Debug)]
pub(crate) enum State {
    Profile(ProfileCustomer),
    Household(Box<Household>),
}

impl Customer {
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
