//! A world of the model `profiles`, and how its customers move through time.

use std::collections::BTreeMap;
use std::sync::Arc;

use mockbank_bank::rules::Book;
use mockbank_bank::{Account, Card, Catalog, Day, Instant, PostingBatch, User, catalog};

use super::banking::apply;
use super::behaviour::Setting;
use super::behaviour::registry::Behaviours;
use super::customer::{AccountTraits, CardTraits, ProfileCustomer, ShoppingDays, Traits};
use super::merchants::Counterparties;
use super::monthly;
use crate::calendar::CalendarDay;
use crate::error::SimError;
use crate::population::{Newcomer, Population, Terms, new_book};
use crate::preset::ProfilesPreset;
use crate::randomness::WorldKey;
use crate::version;

/// All that customers of the model are made from: tables and no customers.
#[derive(Clone, Debug)]
pub(crate) struct ProfileWorld {
    pub(super) preset: ProfilesPreset,
    pub(crate) catalog: Arc<Catalog>,
    pub(super) people: Population,
    pub(crate) behaviours: Behaviours,
    places: BTreeMap<String, u32>,
}

impl ProfileWorld {
    /// The world of a preset and a seed that starts on a day with customers `1..=population`.
    ///
    /// The population matters to transfers between customers alone: a customer of a small world
    /// is the same as the one with that number in a larger world, movement by movement, but for
    /// transfers with those who are only in the larger one, and for the sequence numbers and
    /// balances that follow from these.
    pub(crate) fn new(preset: ProfilesPreset, seed: u64, start: Day, population: i64) -> Self {
        let key = WorldKey::new(seed, version::PROFILES);
        let mut catalog = Catalog::with_standard_entries();
        let counterparties = Counterparties::enter(&preset, &mut catalog);
        let terms = Terms {
            card_validity_years: preset.population.card_validity_years,
            email_domain: &preset.population.email_domain,
            dark_theme_probability: preset.population.dark_theme_probability,
            notifications_probability: preset.population.notifications_probability,
        };
        let people = Population::enter(&terms, key, start, counterparties.employers, &mut catalog);
        let behaviours = Behaviours::new(&Setting {
            preset: &preset,
            key,
            counterparties: &counterparties,
            homes: &people.homes,
            population,
        });
        let places = catalog.places.iter().cloned().zip(0..).collect();
        let catalog = Arc::new(catalog);
        Self { preset, catalog, people, behaviours, places }
    }

    /// Keeps customers out of transfers between customers, on both sides: those whose first
    /// account is frozen or closed. It holds for customers made afterwards, and every part of a
    /// world has to leave out the same ones.
    pub(crate) fn leave_out(&mut self, users: impl IntoIterator<Item = i64>) {
        self.behaviours.leave_out(users.into_iter());
    }

    /// A customer with accounts, each with its cards and its book, and what the behaviours
    /// remembered; from a stored world, or made by hand. The cards are in the order of the
    /// book's.
    ///
    /// An account with a salary and no employer is paid by one that its number gives. A home that
    /// is no place of the catalogue counts as no place in particular.
    ///
    /// # Errors
    /// [`SimError::UnknownProfile`] or [`SimError::UnknownMemory`].
    pub(crate) fn customer(
        &self,
        user: &User,
        accounts: &[(Account, Vec<Card>, Book)],
        memory: &[u8],
    ) -> Result<ProfileCustomer, SimError> {
        if !memory.is_empty() {
            return Err(SimError::UnknownMemory(user.id));
        }
        let cards_of = accounts.iter().map(|(account, cards, _)| (account, cards.iter()));
        let traits = self.traits(user, cards_of)?;
        let books = accounts.iter().map(|(_, _, book)| book.clone()).collect();
        Ok(ProfileCustomer { traits, books, events: Vec::new() })
    }

    /// What behaviours know of a customer with accounts and their cards.
    pub(crate) fn traits<'a, C: Iterator<Item = &'a Card>>(
        &self,
        user: &User,
        accounts: impl Iterator<Item = (&'a Account, C)>,
    ) -> Result<Traits, SimError> {
        let home = self.places.get(&user.city).copied().unwrap_or(catalog::place::ONLINE);
        let account_traits = |(account, cards): (&Account, C)| {
            Ok(AccountTraits {
                id: account.id,
                salary: account.salary,
                employer: account.employer.unwrap_or_else(|| self.people.employer(account.id)),
                cards: cards.map(|card| self.card_traits(card)).collect::<Result<_, _>>()?,
            })
        };
        let accounts = accounts.map(account_traits).collect::<Result<_, _>>()?;
        let mut traits = Traits { user: user.id, home, accounts, contacts: Vec::new() };
        self.behaviours.prepare(&mut traits);
        Ok(traits)
    }

    fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.preset.profiles.iter().map(|profile| profile.name.as_str())
    }

    fn card_traits(&self, card: &Card) -> Result<CardTraits, SimError> {
        let profile = self.profile_names().position(|name| name == card.profile);
        let profile = profile.and_then(|index| u32::try_from(index).ok());
        Ok(CardTraits {
            number: card.id.number().unsigned_abs(),
            billing_day: card.billing_day,
            shopping: ShoppingDays::UNKNOWN,
            profile: profile.ok_or_else(|| SimError::UnknownProfile {
                card: card.id,
                profile: card.profile.clone(),
                known: self.profile_names().collect::<Vec<_>>().join(", "),
            })?,
        })
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
    pub(crate) fn simulate(
        &self,
        customer: &mut ProfileCustomer,
        from: Instant,
        to: Instant,
        out: &mut PostingBatch,
    ) -> Result<(), SimError> {
        if let Some(simulated) = monthly::simulate(&self.behaviours, customer, from, to, out) {
            return simulated;
        }
        self.simulate_days(customer, from, to, out)
    }

    /// As [`Self::simulate`], for customers of any kind.
    pub(crate) fn simulate_days(
        &self,
        customer: &mut ProfileCustomer,
        from: Instant,
        to: Instant,
        out: &mut PostingBatch,
    ) -> Result<(), SimError> {
        let mut events = std::mem::take(&mut customer.events);
        let mut today = (from < to).then(|| CalendarDay::of(from.day()));
        while let Some(day) = today.filter(|day| day.day.start() < to) {
            events.clear();
            self.behaviours.draw(day, &mut customer.traits, &mut events);
            if events.len() > 1 {
                // Stable: at the same instant the order of the behaviours holds.
                events.sort_by_key(|event| event.entry.at);
            }
            for event in &events {
                if (from..to).contains(&event.entry.at) {
                    apply(&mut customer.books[event.book], event, |posting| out.push(posting))?;
                }
            }
            today = day.next();
        }
        customer.events = events;
        Ok(())
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
