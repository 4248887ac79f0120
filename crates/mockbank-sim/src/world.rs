//! A world: what it is made of, and how its customers move through time.

use std::sync::Arc;

use mockbank_bank::rules::Book;
use mockbank_bank::{Account, Card, Catalog, Day, Instant, PostingBatch, User};

use crate::customer::{Customer, State};
use crate::error::SimError;
use crate::households::world::HouseholdWorld;
use crate::label::{AlertBatch, LabelBatch};
use crate::population::Newcomer;
use crate::preset::{self, Preset};
use crate::profiles::customer::ProfileCustomer;
use crate::profiles::world::ProfileWorld;
use crate::zone::Zone;

/// A simulated world: a pure function of preset, seed, first day and population.
///
/// It holds tables and no customers, so it is small, cheap to share between threads, and the
/// same for every shard.
#[derive(Clone, Debug)]
pub struct World {
    preset: Preset,
    seed: u64,
    start: Day,
    population: i64,
    model: Model,
}

#[derive(Clone, Debug)]
enum Model {
    Profiles(Box<ProfileWorld>),
    Households(Arc<HouseholdWorld>),
}

impl World {
    /// The world of a preset and a seed that starts on a day with customers `1..=population`.
    ///
    /// The population matters to transfers between customers alone: a customer of a small world
    /// is the same as the one with that number in a larger world, movement by movement, but for
    /// transfers with those who are only in the larger one, and for the sequence numbers and
    /// balances that follow from these.
    pub fn new(preset: Preset, seed: u64, start: Day, population: i64) -> Self {
        let model = match preset.model().clone() {
            preset::Model::Profiles(sections) => {
                Model::Profiles(Box::new(ProfileWorld::new(*sections, seed, start, population)))
            }
            preset::Model::Households(sections) => {
                Model::Households(Arc::new(HouseholdWorld::new(*sections, seed, start, population)))
            }
        };
        Self { preset, seed, start, population, model }
    }

    /// Keeps customers out of transfers between customers, on both sides: those whose first
    /// account is frozen or closed. It holds for customers made afterwards, and every part of a
    /// world has to leave out the same ones.
    pub fn leave_out(&mut self, users: impl IntoIterator<Item = i64>) {
        match &mut self.model {
            Model::Profiles(model) => model.leave_out(users),
            Model::Households(model) => Arc::make_mut(model).leave_out(users),
        }
    }

    /// The preset.
    pub fn preset(&self) -> &Preset {
        &self.preset
    }

    /// The seed of all randomness.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The first day.
    pub fn start(&self) -> Day {
        self.start
    }

    /// How many customers the world was made with.
    pub fn population(&self) -> i64 {
        self.population
    }

    /// The texts and counterparties behind the numbers in postings.
    pub fn catalog(&self) -> &Arc<Catalog> {
        match &self.model {
            Model::Profiles(model) => &model.catalog,
            Model::Households(model) => model.catalog(),
        }
    }

    /// The customer with a number. Their first account, and their first card if they have one,
    /// have the same number; later ones have numbers far above, which the number gives too.
    ///
    /// # Panics
    /// If the number is not in `1..=MAX_NUMBER`, as identifiers count.
    pub fn newcomer(&self, number: i64) -> Newcomer {
        match &self.model {
            Model::Profiles(model) => model.newcomer(number),
            Model::Households(model) => model.newcomer(number),
        }
    }

    /// A customer with accounts, each with its cards and its book, and what the behaviours
    /// remembered; from a stored world, or made by hand. The cards are in the order of the
    /// book's.
    ///
    /// An account with a salary and no employer is paid by one that its number gives. A home that
    /// is no place of the catalogue counts as no place in particular. Accounts in another currency
    /// than the preset's are left out, as all that pay and are paid here do so in that one.
    ///
    /// # Errors
    /// [`SimError::UnknownProfile`] or [`SimError::UnknownMemory`].
    pub fn customer(
        &self,
        user: &User,
        accounts: &[(Account, Vec<Card>, Book)],
        memory: &[u8],
    ) -> Result<Customer, SimError> {
        let currency = self.preset.currency();
        let is_own = |(account, ..): &&(Account, Vec<Card>, Book)| account.currency == currency;
        let own: Vec<_>;
        let accounts = if accounts.iter().all(|holding| is_own(&holding)) {
            accounts
        } else {
            own = accounts.iter().filter(is_own).cloned().collect();
            &own
        };
        let state = match &self.model {
            Model::Profiles(model) => State::Profile(model.customer(user, accounts, memory)?),
            Model::Households(model) => {
                State::Household(Box::new(model.customer(user, accounts, memory)?))
            }
        };
        Ok(Customer(state))
    }

    /// Moves a customer through `[from, to)` and adds the postings to `out`, in the order of time;
    /// those of one account come in sequence. Two steps give what one step over both gives.
    ///
    /// What the bank refuses (a declined purchase, wages for a frozen account) is not recorded.
    ///
    /// # Errors
    /// [`SimError::BookAhead`] where a book has postings after `from`, and [`SimError::OneSided`]
    /// where an account cannot take its side of a transfer between customers. The customer is
    /// then not to be used further.
    pub fn simulate(
        &self,
        customer: &mut Customer,
        from: Instant,
        to: Instant,
        out: &mut PostingBatch,
    ) -> Result<(), SimError> {
        self.simulate_labelled(customer, from, to, out, &mut LabelBatch::default())
    }

    /// Whether customers move money between each other, so that each needs to know who cannot.
    pub fn has_transfers(&self) -> bool {
        match &self.model {
            Model::Profiles(model) => model.behaviours.transfers.is_some(),
            Model::Households(_) => true,
        }
    }

    /// The time zone in which a customer lives and buys. Customers of the model `profiles` live by
    /// the bank's time, as do those whose home is no place of the catalogue.
    pub fn zone(&self, user: &User) -> Zone {
        match &self.model {
            Model::Profiles(_) => Zone::UTC,
            Model::Households(model) => model.zone(user),
        }
    }

    /// Whether there is crime in the world, and with it labels and alerts.
    pub fn has_crime(&self) -> bool {
        match &self.model {
            Model::Profiles(_) => false,
            Model::Households(model) => model.has_crime(),
        }
    }

    /// What the bank notices of the crime in postings, and when; `labels` are those of the same
    /// postings. Worlds without crime have no alerts.
    pub fn alerts(&self, postings: &PostingBatch, labels: &LabelBatch) -> AlertBatch {
        match &self.model {
            Model::Profiles(_) => AlertBatch::default(),
            Model::Households(model) => model.alerts(postings, labels),
        }
    }

    /// As [`World::simulate`], and adds to `labels` what is known of the postings of crime.
    pub fn simulate_labelled(
        &self,
        customer: &mut Customer,
        from: Instant,
        to: Instant,
        out: &mut PostingBatch,
        labels: &mut LabelBatch,
    ) -> Result<(), SimError> {
        match (&self.model, &mut customer.0) {
            (Model::Profiles(model), State::Profile(customer)) => {
                model.simulate(customer, from, to, out)
            }
            (Model::Households(model), State::Household(customer)) => {
                model.simulate(customer, from, to, out, labels)
            }
            _ => Err(SimError::OtherWorld),
        }
    }
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
}
