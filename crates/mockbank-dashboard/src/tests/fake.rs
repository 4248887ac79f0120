//! A small bank in memory, and a dashboard over it that is driven by hand.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mockbank_bank::command::{ManualTarget, Outcome};
use mockbank_bank::rules::Refusal;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Currency, Day,
    Instant, LedgerAccount, Money, Posting, PostingKind, PostingRef, Settings, Stream, User,
    UserId,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::app::App;
use crate::app::message::{Effect, Event, Reply};
use crate::bank::{
    AccountDetail, Activity, Added, Bank, Bin, CustomerDetail, CustomerQuery, CustomerRow,
    CustomerRows, DayActivity, Histogram, Id, Line, Order, Progress, Result, SortBy, Status,
};
use crate::theme::Theme;
use crate::{perform, view};

/// A bank of some users, each with an account and a card; what happens in it is made up, and the
/// same each time.
pub(super) struct Fake {
    world: Mutex<Option<World>>,
    read_only: bool,
    faulty: bool,
    /// What was written into the audit log.
    audit: Mutex<Vec<String>>,
}

#[derive(Clone)]
struct World {
    clock: Instant,
    transactions: u64,
    balances: Vec<i64>,
}

impl Fake {
    pub(super) fn with_users(users: usize) -> Self {
        let balances =
            (0..).take(users).map(|index: i64| index * 7_919 % 500_000 - 20_000).collect();
        let world = World { clock: start().plus(30).unwrap().start(), transactions: 312, balances };
        Self { world: Mutex::new(Some(world)), ..Self::empty() }
    }

    pub(super) fn empty() -> Self {
        Self { world: Mutex::new(None), read_only: false, faulty: false, audit: Mutex::default() }
    }

    pub(super) fn read_only() -> Self {
        Self { read_only: true, ..Self::with_users(5) }
    }

    /// A bank that panics when the charts are read.
    pub(super) fn faulty() -> Self {
        Self { faulty: true, ..Self::with_users(5) }
    }

    fn world(&self) -> World {
        self.world.lock().unwrap().clone().unwrap()
    }

    fn account(&self, id: AccountId) -> std::result::Result<usize, Refusal> {
        let index = usize::try_from(id.number() - 1).unwrap();
        if index < self.world().balances.len() {
            Ok(index)
        } else {
            Err(Refusal::UnknownAccount(id))
        }
    }

    fn book(&self, id: AccountId, amount: Money) -> std::result::Result<Posting, Refusal> {
        let index = self.account(id)?;
        let mut world = self.world.lock().unwrap();
        let world = world.as_mut().unwrap();
        world.balances[index] += amount.minor();
        world.transactions += 1;
        Ok(Posting {
            account: id,
            sequence: 1,
            at: world.clock,
            kind: PostingKind::Manual,
            category: 0,
            amount,
            card: None,
            contra: LedgerAccount::from_code(0).unwrap(),
            balance: Money::from_minor(world.balances[index]),
            card_balance: Money::ZERO,
            description: 0,
            place: 0,
            reference: PostingRef::new(Stream::COMMANDS, 1).unwrap(),
            group: None,
        })
    }

    fn transfer(
        &self,
        from: AccountId,
        to: AccountId,
        amount: Money,
    ) -> std::result::Result<Outcome, Refusal> {
        let available = Money::from_minor(self.world().balances[self.account(from)?]);
        self.account(to)?;
        if available < amount {
            return Err(Refusal::InsufficientFunds { available });
        }
        let paid = self.book(from, amount.checked_neg().unwrap())?;
        Ok(Outcome::Transferred([paid, self.book(to, amount)?]))
    }
}

fn start() -> Day {
    Day::parse("2025-01-01").unwrap()
}

fn user(number: i64) -> User {
    const NAMES: [(&str, &str); 5] = [
        ("Ann", "Archer"),
        ("Bert", "Baker"),
        ("Carla", "Cooper"),
        ("David", "Draper"),
        ("Élise", "Étoile"),
    ];
    let (first, last) = NAMES[usize::try_from(number - 1).unwrap() % NAMES.len()];
    User {
        id: UserId::new(number),
        username: format!("user{number}"),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: format!("user{number}@example.com"),
        city: "Springfield".to_owned(),
        created_at: start().start(),
        settings: Settings { theme: "light".to_owned(), notifications: true },
    }
}

fn account(number: i64, balance: i64) -> Account {
    Account {
        id: AccountId::new(number),
        user: UserId::new(number),
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: Money::from_minor(100_000),
        balance: Money::from_minor(balance),
        salary: Money::from_minor(350_000),
        employer: None,
        postings: 60,
    }
}

fn card(number: i64) -> Card {
    Card {
        id: CardId::new(number),
        account: AccountId::new(number),
        last_four: 42,
        status: CardStatus::Active,
        limit: Money::from_minor(500_000),
        billing_day: 10,
        profile: "AVERAGE".to_owned(),
        spend: Money::from_minor(12_345),
        issued: start(),
        expires: start().plus(1095).unwrap(),
        last_bill: None,
        postings: 30,
    }
}

/// A transaction at the end of a day, made up from its number.
fn line(number: i64, at: Instant, account: i64) -> Line {
    let bought = number % 3 != 0;
    Line {
        at,
        account: AccountId::new(account),
        card: bought.then(|| CardId::new(account)),
        amount: Money::from_minor(if bought { -1_000 - number * 37 } else { 175_000 }),
        balance: Money::from_minor(200_000 + number * 900 % 7_000 * 10),
        description: if bought { "Corner Deli" } else { "Payroll, Acme Inc" }.to_owned(),
        category: if bought { "Food & Dining" } else { "Income" }.to_owned(),
    }
}

impl Bank for Fake {
    fn status(&self) -> Result<Option<Status>> {
        Ok(self.world.lock().unwrap().as_ref().map(|world| {
            let users = world.balances.len() as u64;
            Status {
                clock: world.clock,
                preset: "classic".to_owned(),
                seed: 42,
                currency: Currency::USD,
                users,
                accounts: users,
                cards: users,
                transactions: world.transactions,
                deposits: world.balances.iter().map(|balance| i128::from(*balance)).sum(),
                card_debt: i128::from(users) * 12_345,
                ledger_sum: 0,
                profiles: ["FRUGAL", "AVERAGE", "SPENDER"].map(str::to_owned).to_vec(),
                read_only: self.read_only.then(|| "a server is writing to this world".to_owned()),
            }
        }))
    }

    fn activity(&self) -> Result<Activity> {
        assert!(!self.faulty, "a fault");
        let Some(world) = self.world.lock().unwrap().clone() else {
            return Ok(Activity::default());
        };
        let days = (0..30u8).map(|index| DayActivity {
            day: start().plus(i64::from(index)).unwrap(),
            transactions: u64::from(index) * 7 % 11 + 3,
            deposits: 1_500_000 + i128::from(index) * 4_000 - i128::from(index / 15) * 90_000,
            card_debt: 0,
        });
        let bins = (0..20u8).map(|index| {
            let away = (f64::from(index) - 8.0) / 3.0;
            let expected = 40.0 * (-away * away / 2.0).exp();
            Bin { count: (u32::from(index) * 13 + 5) % 40, expected: Some(expected) }
        });
        Ok(Activity {
            sampled: world.balances.len().min(64) as u64,
            customers: world.balances.len() as u64,
            days: days.collect(),
            spending: [("Food & Dining", 432_100), ("Shopping", 210_050), ("Utilities", 9_999)]
                .map(|(name, minor)| (name.to_owned(), minor))
                .to_vec(),
            latest: (1..=4).map(|number| line(number, world.clock, 1)).collect(),
            histograms: vec![Histogram {
                profile: "AVERAGE".to_owned(),
                bins: bins.collect(),
                width: 10.0,
            }],
        })
    }

    fn customers(&self, query: &CustomerQuery) -> Result<CustomerRows> {
        let world = self.world();
        let mut rows: Vec<CustomerRow> = (1..)
            .zip(&world.balances)
            .map(|(number, balance)| {
                let user = user(number);
                CustomerRow {
                    user: user.id,
                    name: format!("{} {}", user.first_name, user.last_name),
                    account: Some(account(number, *balance)),
                }
            })
            .filter(|row| row.name.to_lowercase().contains(&query.filter.to_lowercase()))
            .collect();
        match query.sort {
            SortBy::Number => {}
            SortBy::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
            SortBy::Balance => rows.sort_by_key(|row| row.account.as_ref().map(|a| a.balance)),
        }
        if query.descending {
            rows.reverse();
        }
        let total = rows.len() as u64;
        let (skip, take) =
            (usize::try_from(query.offset).unwrap(), usize::try_from(query.limit).unwrap());
        Ok(CustomerRows { total, rows: rows.into_iter().skip(skip).take(take).collect() })
    }

    fn customer(&self, id: UserId) -> Result<Option<CustomerDetail>> {
        let world = self.world();
        let Some(balance) = world.balances.get(usize::try_from(id.number() - 1).unwrap()) else {
            return Ok(None);
        };
        let recent = (0..40).map(|number| {
            let at = Instant::from_seconds(world.clock.seconds() - (number + 1) * 50_000);
            line(number, at, id.number())
        });
        let accounts = vec![AccountDetail {
            account: account(id.number(), *balance),
            cards: vec![card(id.number())],
            recent: recent.collect(),
        }];
        Ok(Some(CustomerDetail { user: user(id.number()), accounts }))
    }

    fn look_up(&self, id: Id) -> Result<Option<String>> {
        let (number, what) = match id {
            Id::User(id) => (id.number(), "user"),
            Id::Account(id) => (id.number(), "account"),
            Id::Card(id) => (id.number(), "card"),
        };
        let users = self.world().balances.len();
        Ok((usize::try_from(number).unwrap() <= users)
            .then(|| format!("{what} of {}", user(number).first_name)))
    }

    fn initialize(&self, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Added> {
        let fresh = Self::with_users(5).world();
        let added =
            Added { users: 5, accounts: 5, cards: 5, transactions: 312, clock: fresh.clock };
        *self.world.lock().unwrap() = Some(fresh);
        let lines = (1..=3).map(|number| line(number, added.clock, number)).collect();
        let _ =
            watch(Progress { fraction: 1.0, clock: Some(added.clock), transactions: 312, lines });
        Ok(added)
    }

    fn evolve(
        &self,
        seconds: i64,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Added> {
        let from = self.world().clock;
        let to = from.plus_seconds(seconds).unwrap();
        let mut clock = from;
        let mut made = 0;
        while clock < to {
            clock = clock.day().plus(1).unwrap().start().min(to);
            made += 10;
            let mut world = self.world.lock().unwrap();
            let world = world.as_mut().unwrap();
            world.clock = clock;
            world.transactions += 10;
            let minutes = |span: i64| f64::from(i32::try_from(span / 60).unwrap());
            let progress = Progress {
                fraction: minutes(clock.seconds() - from.seconds()) / minutes(seconds),
                clock: Some(clock),
                transactions: made,
                lines: vec![line(made.cast_signed(), clock, 1)],
            };
            if watch(progress).is_break() {
                break;
            }
        }
        Ok(Added { users: 0, accounts: 0, cards: 0, transactions: made, clock })
    }

    fn record(&self, act: String) -> Result<()> {
        self.audit.lock().unwrap().push(act);
        Ok(())
    }

    fn carry_out(&self, order: Order) -> Result<std::result::Result<Outcome, Refusal>> {
        Ok(match order {
            Order::Register(new) if new.username == "user1" => Err(Refusal::UsernameTaken),
            Order::Register(new) => Ok(Outcome::User(User {
                username: new.username,
                first_name: new.first_name,
                last_name: new.last_name,
                ..user(6)
            })),
            Order::Transfer { from, to, amount, .. } => self.transfer(from, to, amount),
            Order::Manual { target, amount, .. } => match target {
                ManualTarget::Account(account) => self.book(account, amount).map(Outcome::Booked),
                ManualTarget::Card(_) => Err(Refusal::LimitExceeded {
                    limit: Money::from_minor(500_000),
                    available: Money::from_minor(487_655),
                }),
            },
            Order::OpenAccount { user, .. } => {
                Ok(Outcome::Account(Account { user, ..account(6, 0) }))
            }
            Order::IssueCard(new) => Ok(Outcome::Card(Card { account: new.account, ..card(6) })),
        })
    }
}

/// A dashboard over a fake bank. Effects are carried out at once, and work runs to its end before
/// the next key, unless it is held back.
pub(super) struct Driver {
    pub(super) app: App,
    bank: Fake,
    /// Effects that were held back.
    pub(super) held: Vec<Effect>,
    /// Whether work is held back.
    pub(super) hold: bool,
    pub(super) left: bool,
}

impl Driver {
    pub(super) fn new(bank: Fake) -> Self {
        let (app, effects) = App::new(
            "It creates 5 users on 2025-01-01 and simulates 30 days.".to_owned(),
            Theme::Dark,
        );
        let mut driver = Self { app, bank, held: Vec::new(), hold: false, left: false };
        driver.perform(effects);
        driver
    }

    pub(super) fn send(&mut self, event: Event) {
        let effects = self.app.update(event);
        self.perform(effects);
    }

    pub(super) fn tick(&mut self, milliseconds: u64) {
        self.send(Event::Tick(Duration::from_millis(milliseconds)));
    }

    pub(super) fn press(&mut self, code: KeyCode) {
        self.send(Event::Key(KeyEvent::from(code)));
    }

    pub(super) fn keys(&mut self, text: &str) {
        for character in text.chars() {
            self.press(KeyCode::Char(character));
        }
    }

    /// Carries out what was held back.
    pub(super) fn release(&mut self) {
        self.hold = false;
        let held = std::mem::take(&mut self.held);
        self.perform(held);
    }

    /// What was written into the audit log.
    pub(super) fn audit(&self) -> Vec<String> {
        self.bank.audit.lock().unwrap().clone()
    }

    pub(super) fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |notice| &notice.text)
    }

    /// The screen as text, and what can be clicked taken in.
    pub(super) fn draw(&mut self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut drawn = view::Drawn::default();
        terminal.draw(|frame| drawn = view::draw(frame, &self.app)).unwrap();
        self.app.targets = drawn.targets;
        self.app.table_height = drawn.table_height.unwrap_or(self.app.table_height);
        if width == 0 { String::new() } else { terminal.backend().to_string() }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Read(read) => {
                    let reply = perform::read(&self.bank, read);
                    self.send(Event::Reply(Box::new(reply)));
                }
                Effect::Do(_) | Effect::StopWork if self.hold => self.held.push(effect),
                Effect::Do(work) => {
                    let mut reports = Vec::new();
                    let stop = AtomicBool::new(self.held.contains(&Effect::StopWork));
                    let reply = perform::work(&self.bank, work, &stop, &mut |p| reports.push(p));
                    for progress in reports {
                        self.send(Event::Reply(Box::new(Reply::Progress(progress))));
                    }
                    self.send(Event::Reply(Box::new(reply)));
                }
                Effect::StopWork => self.held.push(effect),
                Effect::Leave => self.left = true,
            }
        }
    }
}
