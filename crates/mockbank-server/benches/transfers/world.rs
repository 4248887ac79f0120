//! A world of rich customers who have done nothing yet.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Catalog, Currency, Day, Money, Settings, User,
    UserId,
};
use mockbank_server::Tokens;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{NewWorld, Writer};

use crate::SECRET;

/// Accounts, each of a customer of its own with the same number.
pub(crate) const ACCOUNTS: usize = 10_000;

/// Makes the world; gives the customers' tokens in the order of their numbers.
pub(crate) fn build(folder: &Path) -> Vec<String> {
    let world = NewWorld {
        seed: 1,
        model: 1,
        preset: "benchmark".to_owned(),
        preset_text: String::new(),
        currency: Currency::USD,
        start: start(),
        population: u32::try_from(ACCOUNTS).expect("few customers"),
        catalog: Arc::new(Catalog::with_standard_entries()),
        default_password_hash: String::new(),
    };
    let mut building = SqliteStore::build(folder, &world, IfPresent::Refuse).expect("a new world");
    let numbers: Vec<i64> = (1..).take(ACCOUNTS).collect();
    let users: Vec<User> = numbers.iter().map(|number| user(*number)).collect();
    let accounts: Vec<Account> = numbers.iter().map(|number| account(*number)).collect();
    let mut step = building.begin().expect("a step");
    step.add_customers(&users, &accounts, &[]).expect("customers");
    step.commit(start().start()).expect("a commit");
    building.finish().expect("a whole world");
    let tokens = Tokens::new(SECRET.as_bytes(), Duration::from_hours(1)).expect("a key");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970");
    let issue = |user: &User| tokens.issue(user.id, now).expect("a token");
    users.iter().map(issue).collect()
}

fn start() -> Day {
    Day::parse("2025-01-01").expect("a date")
}

fn user(number: i64) -> User {
    User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: "Ada".to_owned(),
        last_name: "Lindqvist".to_owned(),
        email: "ada@example.org".to_owned(),
        city: "Boston".to_owned(),
        created_at: start().start(),
        settings: Settings { theme: "light".to_owned(), notifications: false },
    }
}

fn account(number: i64) -> Account {
    let balance = Money::from_minor(100_000_000);
    Account {
        id: AccountId::new(number),
        user: UserId::new(number),
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: balance,
        balance,
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    }
}
