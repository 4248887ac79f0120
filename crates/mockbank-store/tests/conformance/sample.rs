//! A small world made by the bank's own rules, as the simulation would hand it to a store.

use std::sync::Arc;

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::reference::{PostingRef, Stream};
use mockbank_bank::rules::{self, Book, CardBook, Entry, Transfer};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, BankAccount, Card, CardId, CardStatus, Catalog,
    Currency, Day, GroupId, Hub, HubId, HubRole, Instant, LedgerAccount, Money, Posting,
    PostingBatch, PostingKind, Settings, User, UserId,
};
use mockbank_store::{Books, NewWorld};

/// First day of every sample: 2025-01-01.
const START: i64 = 20_089;

const DESCRIPTIONS: [&str; 4] = ["Payroll ACME", "Café Zoë", "100% Wool_Shop", "Groceries"];
const PLACES: [&str; 2] = ["Springfield", "Zürich"];
const CATEGORIES: [&str; 2] = ["Food & Dining", "Shopping"];

/// A world, what is in it, and its first days.
pub(crate) struct Sample {
    pub(crate) world: NewWorld,
    pub(crate) users: Vec<User>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) cards: Vec<Card>,
    /// Books at the end of the last day that was lived.
    pub(crate) books: Vec<Book>,
    /// The first instant that is not lived yet.
    pub(crate) clock: Instant,
    seed: u64,
    groups: i64,
}

impl Sample {
    /// `users` customers with an account and a card each. The first also has a savings account
    /// and, on the checking account, a second card.
    pub(crate) fn new(users: i64) -> Self {
        let start = Day::from_number(START).unwrap();
        let mut accounts: Vec<_> =
            (1..=users).map(|number| account(number, number, AccountKind::Checking)).collect();
        accounts.push(account(users + 1, 1, AccountKind::Savings));
        let mut cards: Vec<_> = (1..=users).map(|number| card(number, number)).collect();
        cards.push(card(users + 1, 1));
        let books = accounts.iter().map(|account| book(account, &cards)).collect();
        Self {
            world: NewWorld {
                seed: u64::MAX - 6,
                model: 3,
                preset: "sample".to_owned(),
                preset_text: "name = \"sample\"\n".to_owned(),
                currency: Currency::USD,
                population: u32::try_from(users).unwrap(),
                start,
                catalog: Arc::new(catalog()),
                default_password_hash: "$argon2id$default".to_owned(),
            },
            users: (1..=users).map(user).collect(),
            accounts,
            cards,
            books,
            clock: start.start(),
            seed: 1,
            groups: 0,
        }
    }

    /// Lives some days and gives back the postings, account by account.
    pub(crate) fn live(&mut self, days: u16) -> PostingBatch {
        let mut lines: Vec<Vec<Posting>> = vec![Vec::new(); self.books.len()];
        for _ in 0..days {
            let day = self.clock.day();
            for (book, lines) in lines.iter_mut().enumerate() {
                self.live_day(book, day, lines);
            }
            self.transfer(day, &mut lines);
            self.clock = day.plus(1).unwrap().start();
        }
        let mut batch = PostingBatch::default();
        lines.iter().flatten().for_each(|posting| batch.push(posting));
        batch
    }

    /// The books, as a step saves them.
    pub(crate) fn saved(&self) -> Vec<Books> {
        let books_of = |user: &User| {
            let owned = |book: &&Book| {
                self.accounts.iter().any(|a| a.id == book.account && a.user == user.id)
            };
            // Only the first customer has more than one account.
            match user.id.number() {
                1 => self.books.iter().filter(owned).cloned().collect(),
                number => vec![self.books[usize::try_from(number - 1).unwrap()].clone()],
            }
        };
        self.users
            .iter()
            .map(|user| Books {
                user: user.id,
                books: books_of(user),
                memory: user.id.number().to_le_bytes().to_vec(),
            })
            .collect()
    }

    fn live_day(&mut self, index: usize, day: Day, lines: &mut Vec<Posting>) {
        let date = day.date().day();
        if date == 1 || date == 15 {
            let entry = self.entry(index, day, 8, PostingKind::Payroll, category::INCOME);
            let entry = Entry { contra: LedgerAccount::Hub(HubId(0)), description: 5, ..entry };
            let wages = Money::from_minor(150_000);
            lines.push(rules::post_to_deposit(&mut self.books[index], wages, &entry).unwrap());
        }
        for card in 0..self.books[index].cards.len() {
            if self.draw(10) < 6 {
                let shop = self.draw(3);
                let entry =
                    self.entry(index, day, 12, PostingKind::Purchase, 4 + u16::from(shop == 1));
                let entry = Entry {
                    contra: LedgerAccount::Hub(HubId(1 + shop)),
                    description: 6 + shop,
                    place: self.draw(3),
                    ..entry
                };
                let amount = Money::from_minor(100 + i64::from(self.draw(9_000)));
                if let Ok(line) = rules::purchase(&mut self.books[index], card, amount, &entry) {
                    lines.push(line);
                }
            }
            if date == 10 {
                let debit = self.entry(index, day, 18, PostingKind::CardPayment, category::BILLS);
                let own = debit.reference.unwrap();
                let credit = Entry {
                    description: description::CARD_PAYMENT_RECEIVED,
                    reference: PostingRef::new(own.stream(), own.index() + 1),
                    ..debit
                };
                let book = &mut self.books[index];
                let paid = rules::pay_card(book, card, &debit, &credit).unwrap();
                lines.extend(paid.into_iter().flatten());
            }
        }
        if self.draw(20) == 0 {
            let entry = self.entry(index, day, 20, PostingKind::Manual, category::MANUAL);
            let entry = Entry { reference: None, description: description::MANUAL, ..entry };
            let amount = Money::from_minor(-1000);
            lines.push(rules::post_to_deposit(&mut self.books[index], amount, &entry).unwrap());
        }
    }

    /// The first account pays a little to the last one.
    fn transfer(&mut self, day: Day, lines: &mut [Vec<Posting>]) {
        let last = lines.len() - 1;
        self.groups += 1;
        let group = Some(GroupId::new(self.groups));
        let kind = PostingKind::Transfer;
        let debit = Entry { group, ..self.entry(0, day, 22, kind, category::TRANSFER) };
        let credit = Entry { group, ..self.entry(last, day, 22, kind, category::TRANSFER) };
        let (from, to) = self.books.split_at_mut(last);
        let transfer = Transfer { amount: Money::from_minor(777), overdraft: Money::ZERO };
        if let Ok([paid, received]) =
            rules::transfer(&mut from[0], &mut to[0], transfer, &debit, &credit)
        {
            lines[0].push(paid);
            lines[last].push(received);
        }
    }

    fn entry(&self, book: usize, day: Day, hour: i64, kind: PostingKind, category: u16) -> Entry {
        // Sequences do not repeat, so they tell a day's postings apart.
        let index = u32::try_from(self.books[book].postings).unwrap();
        let stream = Stream::from_code(Stream::FIRST_SIMULATED + kind.code() * 2);
        Entry {
            at: day.start().plus_seconds(hour * 3600).unwrap(),
            kind,
            category,
            contra: LedgerAccount::Bank(BankAccount::ManualEntries),
            description: description::CARD_BILL,
            place: place::ONLINE,
            reference: PostingRef::new(stream, index),
            group: None,
        }
    }

    /// A number below `bound`, by the splitmix64 generator.
    fn draw(&mut self, bound: u32) -> u32 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ mixed >> 31) % u64::from(bound)).unwrap()
    }
}

fn user(number: i64) -> User {
    User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: "Zoë".to_owned(),
        last_name: format!("Number {number}"),
        email: format!("user{number}@example.com"),
        city: PLACES[0].to_owned(),
        created_at: Day::from_number(START).unwrap().start(),
        settings: Settings { theme: "light".to_owned(), notifications: number % 2 == 0 },
    }
}

fn account(number: i64, user: i64, kind: AccountKind) -> Account {
    let opening = Money::from_minor(100_000 + number);
    Account {
        id: AccountId::new(number),
        user: UserId::new(user),
        kind,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: opening,
        balance: opening,
        salary: Money::from_minor(300_000),
        employer: (number % 3 != 0).then_some(HubId(0)),
        postings: 0,
    }
}

fn card(number: i64, account: i64) -> Card {
    Card {
        id: CardId::new(number),
        account: AccountId::new(account),
        last_four: 1234,
        status: CardStatus::Active,
        limit: Money::from_minor(500_000),
        billing_day: 10,
        profile: "AVERAGE".to_owned(),
        spend: Money::ZERO,
        issued: Day::from_number(START).unwrap(),
        expires: Day::from_number(START + 1095).unwrap(),
        last_bill: None,
        postings: 0,
    }
}

fn book(account: &Account, cards: &[Card]) -> Book {
    let own = cards.iter().filter(|card| card.account == account.id);
    Book {
        account: account.id,
        status: account.status,
        currency: account.currency,
        balance: account.balance,
        held: Money::ZERO,
        postings: 0,
        latest: Instant::default(),
        cards: own
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

fn catalog() -> Catalog {
    let mut catalog = Catalog::with_standard_entries();
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    catalog.categories.extend(owned(&CATEGORIES));
    catalog.places.extend(owned(&PLACES));
    catalog.descriptions.extend(owned(&DESCRIPTIONS));
    let hub = |role, number: u32| Hub {
        role,
        name: DESCRIPTIONS[number as usize].to_owned(),
        mcc: 5411,
        category: if number == 0 { category::INCOME } else { 4 },
        description: 5 + number,
    };
    catalog.hubs.push(hub(HubRole::Employer, 0));
    catalog.hubs.extend((1..4).map(|number| hub(HubRole::Merchant, number)));
    catalog
}
