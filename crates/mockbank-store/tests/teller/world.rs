//! A world for commands: some customers with an account and a card each, and no postings.

use std::path::Path;
use std::sync::Arc;

use mockbank_bank::command::Command;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Catalog, Currency,
    Day, Money, Settings, User, UserId,
};
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Idempotency, NewWorld, Reply, Request, Writer};

/// First day of the world.
pub(crate) const START: i64 = 20_000;

/// What every account is opened with.
pub(crate) const OPENING: i64 = 100_000;

/// What the world and every account of it are kept in.
pub(crate) const CURRENCY: Currency = Currency::USD;

/// Limit of every card.
pub(crate) const LIMIT: i64 = 50_000;

/// Makes a world of `users` customers in a folder.
pub(crate) fn build(folder: &Path, users: i64) {
    let mut building = SqliteStore::build(folder, &new_world(), IfPresent::Refuse).unwrap();
    fill(&mut building, users);
    building.finish().unwrap();
}

/// What the world starts from.
pub(crate) fn new_world() -> NewWorld {
    NewWorld {
        seed: 7,
        model: 1,
        preset: "test".to_owned(),
        preset_text: String::new(),
        currency: CURRENCY,
        population: 0,
        start: Day::from_number(START).unwrap(),
        catalog: Arc::new(Catalog::with_standard_entries()),
        default_password_hash: "$argon2id$default".to_owned(),
    }
}

/// Adds `users` customers.
pub(crate) fn fill(building: &mut dyn Writer, users: i64) {
    let mut step = building.begin().unwrap();
    let all = || 1..=users;
    step.add_customers(
        &all().map(user).collect::<Vec<_>>(),
        &all().map(account).collect::<Vec<_>>(),
        &all().map(card).collect::<Vec<_>>(),
    )
    .unwrap();
    step.commit(Day::from_number(START).unwrap().start()).unwrap();
}

fn user(number: i64) -> User {
    User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        email: format!("user{number}@example.com"),
        city: "Online".to_owned(),
        created_at: Day::from_number(START).unwrap().start(),
        settings: Settings { theme: "light".to_owned(), notifications: true },
    }
}

fn account(number: i64) -> Account {
    Account {
        id: AccountId::new(number),
        user: UserId::new(number),
        kind: AccountKind::Checking,
        currency: CURRENCY,
        status: AccountStatus::Active,
        opening_balance: Money::from_minor(OPENING),
        balance: Money::from_minor(OPENING),
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    }
}

fn card(number: i64) -> Card {
    Card {
        id: CardId::new(number),
        account: AccountId::new(number),
        last_four: 1234,
        status: CardStatus::Active,
        limit: Money::from_minor(LIMIT),
        billing_day: 10,
        profile: "AVERAGE".to_owned(),
        spend: Money::ZERO,
        issued: Day::from_number(START).unwrap(),
        expires: Day::from_number(START + 20).unwrap(),
        last_bill: None,
        postings: 0,
    }
}

/// A request whose answer is the outcome's debug text, with status 201, or a refusal's code with
/// status 409.
pub(crate) fn request(command: Command, key: Option<&str>) -> Request {
    Request {
        command,
        idempotency: key.map(|key| Idempotency {
            owner: "u_1".to_owned(),
            key: key.to_owned(),
            fingerprint: [7; 32],
            received_at: 1_000,
        }),
        audit: None,
        render: Box::new(|verdict, _| match verdict {
            Ok(outcome) => Reply { status: 201, body: format!("{outcome:?}").into_bytes() },
            Err(refused) => Reply { status: 409, body: refused.refusal.code().as_bytes().to_vec() },
        }),
    }
}
