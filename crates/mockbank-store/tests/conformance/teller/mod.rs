//! What every teller must do, and tellers broken on purpose that the suite must catch.

pub(crate) mod broken;
pub(crate) mod story;

use std::sync::Arc;

use mockbank_bank::command::{Command, TransferOrder};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Currency, Instant, Money, Settings, User,
    UserId,
};
use mockbank_store::{Answer, Idempotency, Reply, Request, Result, Store, Teller, Verdict, Writer};

/// A world of [`CUSTOMERS`] without postings, whose teller keeps keys for a day, allows no
/// overdraft, and writes what the store reads.
pub(crate) struct Counter {
    pub(crate) teller: Arc<dyn Teller>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) disk: Box<dyn Disk>,
}

/// What is under the database.
pub(crate) trait Disk {
    /// Lets every commit of a group that posted something fail, or lets them be.
    fn fail_commits(&self, fail: bool);
}

/// Customers with an account each, of the same number.
pub(crate) const CUSTOMERS: i64 = 4;

/// What every account is opened with.
pub(crate) const OPENING: i64 = 100_000;

/// When the keys of the story are received.
const RECEIVED_AT: i64 = 1_000_000;

/// Adds the customers to a world that has none.
pub(crate) fn add_customers(writer: &mut dyn Writer, start: Instant) {
    let numbers = || 1..=CUSTOMERS;
    let users: Vec<User> = numbers().map(|number| user(number, start)).collect();
    let accounts: Vec<Account> = numbers().map(account).collect();
    let mut step = writer.begin().unwrap();
    step.add_customers(&users, &accounts, &[]).unwrap();
    step.commit(start).unwrap();
}

fn user(number: i64, start: Instant) -> User {
    User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        email: String::new(),
        city: "Springfield".to_owned(),
        created_at: start,
        settings: Settings { theme: "light".to_owned(), notifications: true },
    }
}

fn account(number: i64) -> Account {
    Account {
        id: AccountId::new(number),
        user: UserId::new(number),
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: Money::from_minor(OPENING),
        balance: Money::from_minor(OPENING),
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    }
}

fn order(from: i64, to: i64, amount: i64) -> TransferOrder {
    TransferOrder {
        from: AccountId::new(from),
        to: AccountId::new(to),
        amount: Money::from_minor(amount),
        description: None,
    }
}

fn transfer(from: i64, to: i64, amount: i64) -> Command {
    Command::Transfer(order(from, to, amount))
}

fn key(name: &str) -> Idempotency {
    Idempotency {
        owner: "u_1".to_owned(),
        key: name.to_owned(),
        fingerprint: [7; 32],
        received_at: RECEIVED_AT,
    }
}

/// Answers with the outcome's debug text and 201, or the refusal's code and 409.
fn answer(verdict: &Verdict, _: Instant) -> Reply {
    match verdict {
        Ok(outcome) => Reply { status: 201, body: format!("{outcome:?}").into_bytes() },
        Err(refused) => Reply { status: 409, body: refused.refusal.code().as_bytes().to_vec() },
    }
}

async fn give(
    teller: &dyn Teller,
    command: Command,
    idempotency: Option<Idempotency>,
) -> Result<Answer> {
    let request = Request { command, idempotency, audit: None, render: Box::new(answer) };
    teller.execute(request).await
}
