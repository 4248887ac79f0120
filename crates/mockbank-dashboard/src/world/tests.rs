//! The dashboard's bank over real worlds.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use mockbank_bank::command::{Command, ManualTarget, Outcome};
use mockbank_bank::rules::Refusal;
use mockbank_bank::{
    AccountId, AccountKind, CardId, Currency, Day, Money, Posting, PostingBatch, PostingKind,
    UserId,
};
use mockbank_sim::Preset;
use mockbank_store::sqlite::SqliteStore;
use mockbank_store::{Page, Place, Store as _};
use mockbank_world::{Recipe, Unwatched, Workers};
use tempfile::TempDir;

use super::LocalBank;
use crate::bank::{Bank, CustomerQuery, NewCard, NewCustomer, Order, SortBy};

const DAY: i64 = 86_400;

fn bank(users: u32) -> (TempDir, LocalBank) {
    let folder = TempDir::new().unwrap();
    let bank = open(&folder, users);
    bank.initialize(&mut |_| ControlFlow::Continue(())).unwrap();
    (folder, bank)
}

fn open(folder: &TempDir, users: u32) -> LocalBank {
    let preset = Preset::parse(Preset::builtin("classic").unwrap()).unwrap();
    let start = Day::parse("2025-01-01").unwrap();
    let recipe = Recipe { preset, seed: 7, start, users, days: 30 };
    let workers = Workers::new(1).unwrap();
    let hash = Box::new(|| Ok("$argon2id$default".to_owned()));
    LocalBank::open(Place::Folder(folder.path().to_owned()), recipe, workers, hash).unwrap()
}

/// Whether the world in the folder holds together to the last posting.
fn sound(folder: &TempDir) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    mockbank_world::verify(snapshot.as_mut(), &Unwatched).unwrap().finding.is_none()
}

fn evolve(bank: &LocalBank, seconds: i64) {
    bank.evolve(seconds, &mut |_| ControlFlow::Continue(())).unwrap();
}

#[test]
fn a_folder_without_a_world_gets_one() {
    let folder = TempDir::new().unwrap();
    let bank = open(&folder, 5);
    assert_eq!(bank.status().unwrap(), None);
    assert!(bank.customers(&CustomerQuery::default()).is_err());
    let added = bank.initialize(&mut |_| ControlFlow::Continue(())).unwrap();
    let status = bank.status().unwrap().unwrap();
    assert_eq!((added.users, added.transactions), (5, status.transactions));
    assert_eq!(status.clock.to_string(), "2025-01-31T00:00:00Z");
    assert_eq!((status.ledger_sum, status.read_only), (0, None));
    assert!(sound(&folder));
}

#[test]
fn pieces_of_time_make_the_same_world_as_one_run() {
    let (folder, pieces) = bank(4);
    for seconds in [900, 3600, DAY, 3 * DAY - 4500] {
        evolve(&pieces, seconds);
    }
    let (other, whole) = bank(4);
    evolve(&whole, 4 * DAY);
    assert_eq!(pieces.status().unwrap(), whole.status().unwrap());
    assert_eq!(pieces.activity().unwrap(), whole.activity().unwrap());
    assert!(sound(&folder) && sound(&other));
}

#[test]
fn a_stop_keeps_whole_days() {
    let (folder, bank) = bank(3);
    evolve(&bank, 8 * 3600);
    let mut reports = 0;
    let added = bank.evolve(500 * DAY, &mut |_| {
        reports += 1;
        if reports == 8 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let clock = added.unwrap().clock;
    assert_eq!(clock.second_of_day(), 0);
    assert!(clock.day() > Day::parse("2025-01-31").unwrap());
    assert!(clock.day() < Day::parse("2026-01-31").unwrap());
    assert_eq!(bank.status().unwrap().unwrap().clock, clock);
    assert!(sound(&folder));
}

#[test]
fn only_one_writes_and_the_other_looks_on_until_it_may() {
    let (folder, first) = bank(2);
    let second = open(&folder, 2);
    let reason = second.status().unwrap().unwrap().read_only.unwrap();
    assert!(reason.starts_with("Read only: process "), "{reason}");
    assert!(reason.contains("POST /admin/clock/advance"), "{reason}");
    assert!(second.evolve(DAY, &mut |_| ControlFlow::Continue(())).is_err());
    assert!(second.initialize(&mut |_| ControlFlow::Continue(())).is_err());
    evolve(&first, DAY);
    assert_eq!(second.status().unwrap().unwrap().clock, first.status().unwrap().unwrap().clock);
    drop(first);
    assert_eq!(second.status().unwrap().unwrap().read_only, None);
    evolve(&second, DAY);
}

#[test]
fn the_charts_add_up_to_the_status() {
    let (_folder, bank) = bank(5);
    let activity = bank.activity().unwrap();
    let status = bank.status().unwrap().unwrap();
    assert_eq!((activity.sampled, activity.customers), (5, 5));
    assert_eq!(activity.days.len(), 30);
    let last = activity.days.last().unwrap();
    assert_eq!((last.deposits, last.card_debt), (status.deposits, status.card_debt));
    let opened = activity.days[0].deposits;
    assert!(activity.days.iter().any(|day| day.deposits != opened));
    let transactions: u64 = activity.days.iter().map(|day| day.transactions).sum();
    assert_eq!(transactions, status.transactions);
    assert!(activity.spending.is_sorted_by(|a, b| a.1 >= b.1) && !activity.spending.is_empty());
    for histogram in &activity.histograms {
        let seen: u32 = histogram.bins.iter().map(|bin| bin.count).sum();
        let expected: f64 = histogram.bins.iter().filter_map(|bin| bin.expected).sum();
        assert!(seen > 0 && (expected - f64::from(seen)).abs() < 0.1 * f64::from(seen) + 2.0);
    }
    assert!(activity.latest.is_sorted_by_key(|line| line.at));
}

#[test]
fn the_charts_over_days_are_of_all_books() {
    let (folder, bank) = bank(400);
    evolve(&bank, 40 * DAY);
    let amount = "-12.34".parse().unwrap();
    let target = ManualTarget::Account(AccountId::new(399));
    let order = Order::Manual { target, amount, description: None };
    bank.carry_out(order).unwrap().unwrap();
    let activity = bank.activity().unwrap();
    assert_eq!((activity.sampled, activity.customers), (256, 400));
    // Day by day, from every line of every book.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let mut snapshot = runtime.block_on(store.snapshot()).unwrap();
    let mut lines = PostingBatch::default();
    snapshot.postings((0, 0), i64::MAX, usize::MAX, &mut lines).unwrap();
    let opened: i128 = (snapshot.accounts(0, 1000).unwrap().iter())
        .map(|account| i128::from(account.opening_balance.minor()))
        .sum();
    let up_to = |day: Day, on_card: bool| -> i128 {
        let passed = |line: &Posting| line.at.day() <= day && line.card.is_some() == on_card;
        lines.iter().filter(passed).map(|line| i128::from(line.amount.minor())).sum()
    };
    assert_eq!(activity.days.len(), 61, "the day of the booking by hand has just begun");
    for day in &activity.days {
        let count = lines.iter().filter(|line| line.at.day() == day.day).count() as u64;
        assert_eq!(day.transactions, count, "{}", day.day);
        assert_eq!(day.deposits, opened + up_to(day.day, false), "{}", day.day);
        assert_eq!(day.card_debt, -up_to(day.day, true), "{}", day.day);
    }
    let spent: i128 = activity.spending.iter().map(|(_, amount)| *amount).sum();
    let first = activity.days[0].day;
    let moves = [PostingKind::CardPayment, PostingKind::Transfer];
    let expected: i128 = (lines.iter())
        .filter(|line| line.at.day() >= first && !moves.contains(&line.kind))
        .map(|line| i128::from(line.amount.minor().min(0)))
        .sum();
    assert_eq!(spent, -expected);
}

#[test]
fn what_is_done_stands_in_the_audit_log() {
    let (folder, bank) = bank(2);
    bank.record("let the clock run, 1 day/s".to_owned()).unwrap();
    let order = |amount: &str| Order::Transfer {
        from: AccountId::new(1),
        to: AccountId::new(2),
        amount: amount.parse().unwrap(),
        description: None,
    };
    bank.carry_out(order("1.00")).unwrap().unwrap();
    bank.carry_out(order("999999999.00")).unwrap().unwrap_err();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let page = Page { number: 1, size: 10 };
    let log = runtime.block_on(store.audit_log(page)).unwrap();
    let acts: Vec<_> =
        log.items.iter().map(|entry| (entry.act.as_str(), entry.refusal.as_deref())).collect();
    let expected = [
        ("transfer 999999999.00 from acc_1 to acc_2", Some("insufficient_funds")),
        ("transfer 1.00 from acc_1 to acc_2", None),
        ("let the clock run, 1 day/s", None),
        ("make a new world: 2 users, 30 days, preset 'classic', seed 7", None),
    ];
    assert_eq!(acts, expected);
    let now = log.items[0].audit.received_at;
    assert!(log.items.iter().all(|entry| entry.audit.actor == "dashboard") && now > 1_700_000_000);
}

#[test]
fn the_table_is_filtered_sorted_and_cut_into_windows() {
    let (_folder, bank) = bank(30);
    let register = NewCustomer {
        username: "100%_me".to_owned(),
        first_name: "Zoe".to_owned(),
        last_name: "Zz".to_owned(),
        email: "zoe@example.com".to_owned(),
        city: "Nowhere".to_owned(),
    };
    bank.carry_out(Order::Register(register)).unwrap().unwrap();
    let read = |query: CustomerQuery| bank.customers(&query).unwrap();
    let all = CustomerQuery { limit: 100, ..CustomerQuery::default() };
    let rows = read(all.clone());
    assert_eq!((rows.total, rows.rows.len()), (31, 31));
    assert_eq!(rows.rows[30].account, None, "a customer without an account has a row");
    let window = read(CustomerQuery { offset: 10, limit: 5, ..all.clone() });
    assert_eq!((window.total, &window.rows[..]), (31, &rows.rows[10..15]));
    for text in ["%", "_ME", "u_31", "zoe z"] {
        let found = read(CustomerQuery { filter: text.to_owned(), ..all.clone() });
        let users: BTreeSet<_> = found.rows.iter().map(|row| row.user).collect();
        assert!(users.contains(&UserId::new(31)), "{text}");
        assert!(text != "%" || found.total == 1, "a percent sign stands for itself");
    }
    let sorted = read(CustomerQuery { sort: SortBy::Balance, descending: true, ..all.clone() });
    let balances: Vec<_> =
        sorted.rows.iter().filter_map(|row| Some(row.account.as_ref()?.balance)).collect();
    assert!(balances.len() == 30 && balances.is_sorted_by(|a, b| a >= b));
}

#[test]
fn orders_are_judged_by_the_rules_and_keep_the_world_sound() {
    let (folder, bank) = bank(3);
    let amount = |text: &str| text.parse::<Money>().unwrap();
    let (one, two) = (AccountId::new(1), AccountId::new(2));
    let carry = |order| bank.carry_out(order).unwrap();
    let manual = |target, text| {
        carry(Order::Manual {
            target,
            amount: amount(text),
            description: Some("By hand".to_owned()),
        })
    };
    let Ok(Outcome::Booked(booked)) = manual(ManualTarget::Account(one), "-10.00") else {
        panic!()
    };
    assert_eq!(booked.amount, amount("-10.00"));
    let declined = manual(ManualTarget::Card(CardId::new(2)), "-5000.01");
    assert!(matches!(declined, Err(Refusal::LimitExceeded { .. })), "{declined:?}");
    manual(ManualTarget::Card(CardId::new(2)), "-1.00").unwrap();
    let transfer = |from, to, text| {
        carry(Order::Transfer { from, to, amount: amount(text), description: None })
    };
    assert_eq!(transfer(one, one, "1"), Err(Refusal::SameAccount));
    let nobody = AccountId::new(99);
    assert_eq!(transfer(one, nobody, "1"), Err(Refusal::UnknownAccount(nobody)));
    let Ok(Outcome::Transferred([paid, _])) = transfer(one, two, "50") else { panic!() };
    assert_eq!(paid.balance.checked_add(amount("50")), Some(booked.balance));

    let opened = carry(Order::OpenAccount { user: UserId::new(1), kind: AccountKind::Savings });
    let Ok(Outcome::Account(savings)) = opened else { panic!() };
    transfer(one, savings.id, "5").unwrap();
    let card = NewCard {
        account: savings.id,
        limit: amount("500"),
        billing_day: 10,
        profile: "FRUGAL".to_owned(),
        last_four: 42,
    };
    let Ok(Outcome::Card(card)) = carry(Order::IssueCard(card)) else { panic!() };
    manual(ManualTarget::Card(card.id), "-7").unwrap();
    let euros = Command::OpenAccount {
        user: UserId::new(2),
        kind: AccountKind::Savings,
        currency: Currency::EUR,
    };
    let opened = bank.pen().as_ref().unwrap().carry_out(&bank.runtime, euros).unwrap();
    let Ok(Outcome::Account(euros)) = opened else { panic!() };
    let foreign = manual(ManualTarget::Account(euros.id), "5");
    assert!(matches!(foreign, Err(Refusal::ForeignAccount { .. })), "{foreign:?}");
    assert!(sound(&folder));
    evolve(&bank, 20 * DAY);
    assert!(sound(&folder), "the world lives on with what was made by hand");
    let detail = bank.customer(UserId::new(1)).unwrap().unwrap();
    assert_eq!(detail.accounts.len(), 2);
    assert_eq!(detail.accounts[1].cards[0].id, card.id);
    assert!(!detail.accounts[1].recent.is_empty());
}
