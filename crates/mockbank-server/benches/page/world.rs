//! A world of so many rows, through the bank's rules and the store's steps.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mockbank_bank::rules::{Book, Entry, post_to_deposit};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Catalog, Currency, Day, Hub, HubId, HubRole,
    Instant, LedgerAccount, Money, PostingBatch, PostingKind, Settings, User, UserId,
};
use mockbank_server::{Tokens, hash_password};
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Books, NewWorld, Writer};

use crate::SECRET;

/// Postings of a customer in a big world.
const BOOK: usize = 1000;

/// Enough for any number of purchases.
const OPENING: i64 = 100_000_000_000;

/// What every customer logs in with.
pub(crate) const PASSWORD: &str = "password123";

/// Customers whose books are appended at once.
const BATCH: usize = 100;

/// What the client knows of a world.
pub(crate) struct World {
    /// Tokens of the customers `u_1`, `u_2`, ..., each with the account of the same number.
    pub(crate) tokens: Vec<String>,
    /// Full pages of 20 in each account.
    pub(crate) pages: u64,
}

/// Makes a world of at least five customers with `rows` postings between them.
pub(crate) fn build(folder: &Path, rows: usize) -> World {
    let users = (rows / BOOK).max(5);
    let book = rows / users;
    let mut building =
        SqliteStore::build(folder, &new_world(users), IfPresent::Refuse).expect("a new world");
    let mut step = building.begin().expect("a step");
    let numbers: Vec<i64> = (1..).take(users).collect();
    for batch in numbers.chunks(BATCH) {
        let (customers, accounts): (Vec<User>, Vec<Account>) =
            batch.iter().map(|number| customer(*number)).unzip();
        step.add_customers(&customers, &accounts, &[]).expect("customers");
        let mut postings = PostingBatch::with_capacity(batch.len() * book);
        let books: Vec<Books> =
            accounts.iter().map(|account| live(account, book, &mut postings)).collect();
        step.append(&postings).expect("postings");
        step.save(&books).expect("books");
    }
    step.commit(Day::MAX.start()).expect("a commit");
    building.finish().expect("a whole world");
    let lifetime = Duration::from_hours(1);
    let tokens = Tokens::new(SECRET.as_bytes(), lifetime).expect("a key");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970");
    let issue = |number: i64| tokens.issue(UserId::new(number), now).expect("a token");
    World { tokens: numbers.into_iter().map(issue).collect(), pages: (book / 20).max(1) as u64 }
}

fn new_world(users: usize) -> NewWorld {
    let mut catalog = Catalog::with_standard_entries();
    catalog.descriptions.push("Harbour Bakery".to_owned());
    catalog.hubs.push(Hub {
        role: HubRole::Merchant,
        name: "Harbour Bakery".to_owned(),
        mcc: 5462,
        category: 0,
        description: 5,
    });
    NewWorld {
        seed: 1,
        model: 1,
        preset: "benchmark".to_owned(),
        preset_text: String::new(),
        currency: Currency::USD,
        start: start().day(),
        population: u32::try_from(users).expect("fewer customers"),
        catalog: Arc::new(catalog),
        default_password_hash: hash_password(PASSWORD).expect("a hash"),
    }
}

/// The first instant of the world.
fn start() -> Instant {
    Day::parse("2025-01-01").expect("a date").start()
}

fn customer(number: i64) -> (User, Account) {
    let user = User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: "Ada".to_owned(),
        last_name: "Lindqvist".to_owned(),
        email: "ada@example.org".to_owned(),
        city: "Boston".to_owned(),
        created_at: start(),
        settings: Settings { theme: "light".to_owned(), notifications: false },
    };
    let account = Account {
        id: AccountId::new(number),
        user: user.id,
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: Money::from_minor(OPENING),
        balance: Money::from_minor(OPENING),
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    };
    (user, account)
}

/// So many purchases, one every hour.
fn live(account: &Account, purchases: usize, postings: &mut PostingBatch) -> Books {
    let start = start();
    let mut book = Book {
        account: account.id,
        status: account.status,
        currency: account.currency,
        balance: account.balance,
        held: Money::ZERO,
        postings: 0,
        latest: start,
        cards: Vec::new(),
    };
    for number in (1_i64..).take(purchases) {
        let entry = Entry {
            at: start.plus_seconds(3600 * number).expect("an instant"),
            kind: PostingKind::DirectDebit,
            category: 0,
            contra: LedgerAccount::Hub(HubId(0)),
            description: 5,
            place: 0,
            reference: None,
            group: None,
        };
        let amount = Money::from_minor(-(100 + number * 7919 % 20_000));
        postings.push(&post_to_deposit(&mut book, amount, &entry).expect("a posting"));
    }
    Books { user: account.user, books: vec![book], memory: Vec::new() }
}
