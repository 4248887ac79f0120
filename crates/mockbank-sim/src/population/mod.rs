//! Who the customers are: each one a pure function of the world and a number.

pub(crate) mod contacts;
mod home;
mod newcomer;

use mockbank_bank::{AccountId, Catalog, Day, HubId, Settings, User, UserId};

use crate::distribution::{AliasTable, Chance};
use crate::randomness::{WorldKey, below_u32, stream};
use crate::tables::{self, WeightedName};

pub(crate) use home::Homes;
pub use newcomer::Newcomer;
pub(crate) use newcomer::new_book;

/// All that newcomers are made from.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    key: WorldKey,
    pub(crate) start: Day,
    pub(crate) expires: Day,
    first_names: Names,
    last_names: Names,
    pub(crate) homes: Homes,
    employers: u32,
    email_domain: String,
    dark_theme: Chance,
    notifications: Chance,
}

/// What every model says of its customers.
pub(crate) struct Terms<'a> {
    pub(crate) card_validity_years: u8,
    pub(crate) email_domain: &'a str,
    pub(crate) dark_theme_probability: f64,
    pub(crate) notifications_probability: f64,
}

#[derive(Clone, Debug)]
struct Names {
    names: Vec<&'static str>,
    choice: AliasTable,
}

impl Names {
    fn new(table: &[WeightedName]) -> Self {
        let weights: Vec<u64> = table.iter().map(|row| row.weight).collect();
        Self {
            names: table.iter().map(|row| row.name).collect(),
            choice: AliasTable::new(&weights).expect("the tables have weights"),
        }
    }

    fn choose(&self, word: u32) -> &'static str {
        self.names[self.choice.choose(word) as usize]
    }
}

impl Population {
    /// The population of a world; its cities become places of the catalogue.
    pub(crate) fn enter(
        terms: &Terms<'_>,
        key: WorldKey,
        start: Day,
        employers: u32,
        catalog: &mut Catalog,
    ) -> Self {
        Self {
            key,
            start,
            expires: years_later(start, terms.card_validity_years),
            first_names: Names::new(&tables::first_names()),
            last_names: Names::new(&tables::last_names()),
            homes: Homes::enter(key, catalog),
            employers,
            email_domain: terms.email_domain.to_owned(),
            dark_theme: Chance::new(terms.dark_theme_probability),
            notifications: Chance::new(terms.notifications_probability),
        }
    }

    /// The employer that pays into an account.
    pub(crate) fn employer(&self, account: AccountId) -> HubId {
        HubId(below_u32(self.draw(account.number(), stream::ACCOUNT, 1).lane(0), self.employers))
    }

    /// A draw of what a customer with a number is.
    pub(crate) fn draw(
        &self,
        number: i64,
        stream: mockbank_bank::Stream,
        index: u32,
    ) -> crate::randomness::Draw {
        self.key.draw(number.unsigned_abs(), stream, Day::default(), index)
    }

    pub(crate) fn user(&self, number: i64, catalog: &Catalog) -> User {
        let person = self.draw(number, stream::PERSON, 0);
        let first_name = self.first_names.choose(person.lane(0));
        let last_name = self.last_names.choose(person.lane(1));
        let theme = if self.dark_theme.hits(person.lane(2)) { "dark" } else { "light" };
        let domain = &self.email_domain;
        let email = format!("{first_name}.{last_name}{number}@{domain}").to_lowercase();
        User {
            id: UserId::new(number),
            username: format!("user{number}"),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email,
            city: catalog.places[self.homes.place_of(number) as usize].clone(),
            created_at: self.start.start(),
            settings: Settings {
                theme: theme.to_owned(),
                notifications: self.notifications.hits(person.lane(3)),
            },
        }
    }
}

/// The same date years later; a leap day becomes the last of February.
fn years_later(day: Day, years: u8) -> Day {
    let later = day.date().checked_add(jiff::Span::new().years(years));
    later.ok().and_then(|date| Day::from_date(date).ok()).unwrap_or(Day::MAX)
}
