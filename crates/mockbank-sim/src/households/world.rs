//! A world of the model `households`: all that its customers are made from and ask of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mockbank_bank::{Catalog, Day, User};

use super::breach::Breaches;
use super::circle::Circle;
use super::days::Days;
use super::market::Market;
use super::needs::Spending;
use super::person::Friendship;
use crate::population::contacts::{Acquaintances, Contact, Rounds};
use crate::population::{Population, Terms};
use crate::preset::HouseholdsPreset;
use crate::preset::households::{Change, Scenario};
use crate::randomness::{WorldKey, stream};
use crate::tables;
use crate::version;
use crate::zone::Zone;

/// All that customers of the model are made from: tables and no customers.
#[derive(Clone, Debug)]
pub(crate) struct HouseholdWorld {
    pub(super) preset: HouseholdsPreset,
    pub(super) key: WorldKey,
    pub(super) start: Day,
    pub(super) population: i64,
    /// Months since the year 0 of the first day.
    pub(super) first_month: u16,
    pub(super) catalog: Arc<Catalog>,
    pub(super) people: Population,
    pub(super) market: Market,
    pub(super) days: Days,
    pub(super) breaches: Breaches,
    pub(super) spending: Spending,
    pub(super) circle: Circle,
    pub(super) acquaintances: Acquaintances,
    /// Place of the first city; the others follow.
    pub(super) first_city: u32,
    /// Zones of the cities.
    pub(super) zones: Vec<Zone>,
    pub(super) places: BTreeMap<String, u32>,
}

impl HouseholdWorld {
    pub(crate) fn new(preset: HouseholdsPreset, seed: u64, start: Day, population: i64) -> Self {
        let key = WorldKey::new(seed, version::HOUSEHOLDS);
        let mut catalog = Catalog::with_standard_entries();
        let market = Market::enter(&preset, &mut catalog);
        let terms = Terms {
            card_validity_years: preset.people.card_validity_years,
            email_domain: &preset.people.email_domain,
            dark_theme_probability: preset.people.dark_theme_probability,
            notifications_probability: preset.people.notifications_probability,
        };
        let people = Population::enter(&terms, key, start, market.employers, &mut catalog);
        let friends = &preset.friends;
        let rounds = Rounds {
            circle: friends.circle_rounds,
            city: friends.city_rounds,
            far: friends.far_rounds,
            tail: friends.tail,
        };
        let acquaintances = Acquaintances::new(key, &people.homes, population, rounds);
        let days = Days::new(start, preset.calendar.inflation_yearly, &preset.scenarios);
        Self {
            key,
            start,
            population,
            first_month: days.get(start).months,
            breaches: Breaches::new(key, &preset.scenarios, &catalog),
            spending: Spending::new(&preset),
            circle: Circle::new(friends),
            acquaintances,
            first_city: people.homes.first_place(),
            zones: {
                let named = |city: &tables::City| Zone::named(city.zone).unwrap_or(Zone::UTC);
                tables::cities().iter().map(named).collect()
            },
            places: catalog.places.iter().cloned().zip(0..).collect(),
            catalog: Arc::new(catalog),
            people,
            market,
            days,
            preset,
        }
    }

    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    pub(crate) fn leave_out(&mut self, users: impl IntoIterator<Item = i64>) {
        self.acquaintances.leave_out(users.into_iter());
    }

    /// What scenarios multiply an employer's wages by.
    pub(super) fn pay_factor(&self, day: Day, employer: u32) -> f64 {
        let wages = |row: &&Scenario| row.change == Change::Wages && row.holds(day);
        let concerns = |row: &&Scenario| {
            let name = self.catalog.hubs.get(employer as usize).map_or("", |hub| &hub.name);
            row.industry.as_ref().is_none_or(|industry| name.ends_with(industry.as_str()))
        };
        let concerned = self.preset.scenarios.iter().filter(wages).filter(concerns);
        concerned.filter_map(|row| row.factor).product()
    }

    /// The zone of a place of the catalogue; the bank's where it is no city.
    pub(super) fn zone_of_place(&self, place: u32) -> Zone {
        let city = place.checked_sub(self.first_city);
        city.and_then(|city| self.zones.get(city as usize)).copied().unwrap_or(Zone::UTC)
    }

    /// The zone in which a customer of this world lives, by the number alone.
    pub(super) fn zone_of(&self, number: i64) -> Zone {
        self.zone_of_place(self.people.homes.place_of(number))
    }

    pub(crate) fn zone(&self, user: &User) -> Zone {
        self.places.get(&user.city).map_or(Zone::UTC, |place| self.zone_of_place(*place))
    }

    /// Whom a customer knows, and the zone in which the two reckon.
    pub(super) fn friendships(&self, number: i64) -> Vec<Friendship> {
        let own = self.zone_of(number);
        let friendship = |contact: Contact| {
            let same = self.zone_of(contact.partner) == own;
            Friendship { contact, same_zone: same }
        };
        self.acquaintances.contacts(number).into_iter().map(friendship).collect()
    }

    /// A city by its population.
    pub(super) fn city_of_word(&self, word: u32) -> u32 {
        self.people.homes.city_of(u64::from(word >> 20))
    }

    /// What the references of a customer's day are scattered by.
    #[inline]
    pub(super) fn salt(&self, number: u64, day: Day) -> u32 {
        self.key.draw(number, stream::SCATTER, day, 0).lane(0)
    }
}
