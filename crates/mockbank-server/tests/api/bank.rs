//! A small world: two customers, whose every line is known.
//!
//! `u_1` has the checking account `acc_1` with `card_1`, `u_2` has the checking account `acc_2`
//! with `card_2` (blocked) and `card_3` (expired), and the savings account `acc_3`. On each of the
//! first 25 days of January 2025 `card_1` buys for as many dollars as the day's number; on the
//! 15th wages of 2,500.00 come in and the card is paid before that day's purchase; on the 20th
//! 75.50 go from `acc_1` to `acc_2`.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use mockbank_bank::catalog::{category, description};
use mockbank_bank::rules::{
    Book, CardBook, Entry, Transfer, pay_card, post_to_deposit, purchase, transfer,
};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Catalog, Currency,
    Day, GroupId, Hub, HubId, HubRole, Instant, LedgerAccount, Money, Posting, PostingBatch,
    PostingKind, PostingRef, Settings, Stream, User, UserId,
};
use mockbank_server::hash_password;
use mockbank_store::sqlite::{IfPresent, SqliteStore};
use mockbank_store::{Books, NewWorld, Writer};
use mockbank_world::Preset;

/// What `user1` and `user2` log in with.
pub(crate) const PASSWORD: &str = "password123";

const CLASSIC: &str = include_str!("../../../../presets/classic.toml");
const DINING: u16 = 4;
const BOSTON: u32 = 1;
const PAYROLL: u32 = 5;
const BAKERY: u32 = 6;
const EMPLOYER: HubId = HubId(0);
const MERCHANT: HubId = HubId(1);

/// Makes the world in a folder and opens it.
pub(crate) fn open(folder: &Path) -> SqliteStore {
    let mut building = SqliteStore::build(folder, &new_world(), IfPresent::Refuse).unwrap();
    let (users, accounts, cards) = customers();
    let mut step = building.begin().unwrap();
    step.add_customers(&users, &accounts, &cards).unwrap();
    let mut books: Vec<Book> = accounts
        .iter()
        .map(|account| {
            let cards = cards.iter().filter(|card| card.account == account.id);
            book(account, cards)
        })
        .collect();
    let mut postings = PostingBatch::default();
    live_through_january(&mut books, &mut postings);
    step.append(&postings).unwrap();
    let of = |user: i64, books: &[Book]| Books {
        user: UserId::new(user),
        books: books.to_vec(),
        memory: Vec::new(),
    };
    step.save(&[of(1, &books[..1]), of(2, &books[1..])]).unwrap();
    step.commit(day(31).start()).unwrap();
    building.finish().unwrap();
    SqliteStore::open(folder).unwrap()
}

fn new_world() -> NewWorld {
    static HASH: OnceLock<String> = OnceLock::new();
    let mut catalog = Catalog::with_standard_entries();
    catalog.categories.push("Food & Dining".to_owned());
    catalog.places.push("Boston".to_owned());
    catalog.descriptions.extend(["Payroll from Initech", "Harbour Bakery"].map(str::to_owned));
    let hub = |role, name: &str, category, description| Hub {
        role,
        name: name.to_owned(),
        mcc: 0,
        category,
        description,
    };
    catalog.hubs.push(hub(HubRole::Employer, "Initech", category::INCOME, PAYROLL));
    catalog.hubs.push(hub(HubRole::Merchant, "Harbour Bakery", DINING, BAKERY));
    NewWorld {
        seed: 7,
        model: Preset::model_version_of(CLASSIC).unwrap(),
        preset: "test".to_owned(),
        preset_text: CLASSIC.to_owned(),
        currency: Currency::USD,
        population: 2,
        start: day(1),
        catalog: Arc::new(catalog),
        default_password_hash: HASH.get_or_init(|| hash_password(PASSWORD).unwrap()).clone(),
    }
}

fn day(of_january: i64) -> Day {
    Day::parse("2025-01-01").unwrap().plus(of_january - 1).unwrap()
}

fn dollars(major: i64) -> Money {
    Money::from_major(major).unwrap()
}

fn customers() -> (Vec<User>, Vec<Account>, Vec<Card>) {
    let user = |number: i64, first: &str, last: &str| User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: format!("{}@example.org", first.to_lowercase()),
        city: "Boston".to_owned(),
        created_at: day(1).start(),
        settings: Settings { theme: "dark".to_owned(), notifications: true },
    };
    let account = |number, user, kind, salary| Account {
        id: AccountId::new(number),
        user: UserId::new(user),
        kind,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: dollars(1000),
        balance: dollars(1000),
        salary: dollars(salary),
        employer: (salary > 0).then_some(EMPLOYER),
        postings: 0,
    };
    let card = |number, account, status, expires| Card {
        id: CardId::new(number),
        account: AccountId::new(account),
        last_four: 7,
        status,
        limit: dollars(5000),
        billing_day: 15,
        profile: "AVERAGE".to_owned(),
        spend: Money::ZERO,
        issued: day(1),
        expires,
        last_bill: None,
        postings: 0,
    };
    (
        vec![user(1, "Ada", "Lindqvist"), user(2, "Grace", "Okafor")],
        vec![
            account(1, 1, AccountKind::Checking, 5000),
            account(2, 2, AccountKind::Checking, 0),
            account(3, 2, AccountKind::Savings, 0),
        ],
        vec![
            card(1, 1, CardStatus::Active, Day::MAX),
            card(2, 2, CardStatus::Blocked, Day::MAX),
            card(3, 2, CardStatus::Active, day(30)),
        ],
    )
}

fn book<'a>(account: &Account, cards: impl Iterator<Item = &'a Card>) -> Book {
    Book {
        account: account.id,
        status: account.status,
        currency: account.currency,
        balance: account.balance,
        held: Money::ZERO,
        postings: 0,
        latest: day(1).start(),
        cards: cards
            .map(|card| CardBook {
                card: card.id,
                status: card.status,
                expires: card.expires,
                limit: card.limit,
                spend: card.spend,
                postings: 0,
                last_bill: None,
            })
            .collect(),
    }
}

fn entry(day_of_january: i64, hour: i64, kind: PostingKind) -> Entry {
    let at: Instant = day(day_of_january).start().plus_seconds(hour * 3600).unwrap();
    Entry {
        at,
        kind,
        category: DINING,
        contra: LedgerAccount::Hub(MERCHANT),
        description: BAKERY,
        place: BOSTON,
        reference: None,
        group: None,
    }
}

/// The posting as the simulation would make it: those of commands are the teller's to make.
fn simulated(posting: &Posting) -> Posting {
    let stream = Stream::from_code(Stream::FIRST_SIMULATED);
    let index = u32::try_from(posting.sequence).unwrap();
    Posting { reference: PostingRef::new(stream, index).unwrap(), ..*posting }
}

fn live_through_january(books: &mut [Book], postings: &mut PostingBatch) {
    let (payer, others) = books.split_first_mut().unwrap();
    let mut keep = |posting: &Posting| postings.push(&simulated(posting));
    for number in 1..=25 {
        if number == 15 {
            let wages = Entry {
                category: category::INCOME,
                contra: LedgerAccount::Hub(EMPLOYER),
                description: PAYROLL,
                ..entry(15, 6, PostingKind::Payroll)
            };
            keep(&post_to_deposit(payer, dollars(2500), &wages).unwrap());
            let bill =
                Entry { category: category::BILLS, ..entry(15, 7, PostingKind::CardPayment) };
            let debit = Entry { description: description::CARD_BILL, ..bill };
            let credit = Entry { description: description::CARD_PAYMENT_RECEIVED, ..bill };
            for posting in pay_card(payer, 0, &debit, &credit).unwrap().unwrap() {
                keep(&posting);
            }
        }
        let bought = purchase(payer, 0, dollars(number), &entry(number, 12, PostingKind::Purchase));
        keep(&bought.unwrap());
        if number == 20 {
            let moved = Entry {
                category: category::TRANSFER,
                group: Some(GroupId::new(1)),
                ..entry(20, 18, PostingKind::Transfer)
            };
            let debit = Entry { description: description::TRANSFER_OUT, ..moved };
            let credit = Entry { description: description::TRANSFER_IN, ..moved };
            let terms = Transfer { amount: Money::from_minor(7550), overdraft: Money::ZERO };
            let sides = transfer(payer, &mut others[0], terms, &debit, &credit).unwrap();
            for posting in sides {
                keep(&posting);
            }
        }
    }
}
