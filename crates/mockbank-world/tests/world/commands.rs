//! Worlds that clients command while time passes.

use std::future::Future;
use std::path::Path;

use mockbank_bank::command::{BatchMode, CardOrder, Command, ManualTarget, NewUser, TransferOrder};
use mockbank_bank::{
    AccountId, AccountKind, CardId, Currency, HoldId, Money, Posting, PostingBatch, PostingKind,
    UserId,
};
use mockbank_sim::Preset;
use mockbank_store::sqlite::SqliteTeller;
use mockbank_store::{Reply, Request, TellerSettings};
use mockbank_world::{Recipe, Unwatched, Workers, evolve, verify};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{create, make, recipe, snapshot};

pub(crate) const DAY: i64 = 86_400;

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn order(from: i64, to: i64, amount: i64) -> TransferOrder {
    TransferOrder {
        from: AccountId::new(from),
        to: AccountId::new(to),
        amount: Money::from_minor(amount),
        description: Some(format!("{from} to {to}")),
    }
}

pub(crate) fn give(teller: &SqliteTeller, command: Command) {
    let text = command.to_string();
    let render = Box::new(move |verdict: &mockbank_store::Verdict, _| {
        assert!(verdict.is_ok(), "{text}: {verdict:?}");
        Reply { status: 200, body: Vec::new() }
    });
    let request = Request { command, idempotency: None, audit: None, render };
    teller.execute_blocking(request).unwrap();
}

/// Every sort of command, on a world of at least five customers with an account and a card each.
pub(crate) fn commands(first: i64) -> Vec<Command> {
    let (user, account) = (UserId::new(first), AccountId::new(first));
    vec![
        Command::Transfer(order(1, 2, 100)),
        Command::Batch {
            mode: BatchMode::Independent,
            orders: vec![order(1, 2, 7), order(2, 3, 8)],
        },
        Command::Authorise { order: order(2, 3, 500), expires_in: 5 * DAY },
        Command::Authorise { order: order(2, 3, 500), expires_in: 5 * DAY },
        Command::PostHold { hold: HoldId::new(1), amount: Some(Money::from_minor(200)) },
        Command::Manual {
            target: ManualTarget::Account(AccountId::new(4)),
            amount: Money::from_minor(-999_999),
            description: None,
        },
        Command::Manual {
            target: ManualTarget::Card(CardId::new(4)),
            amount: Money::from_minor(100),
            description: None,
        },
        Command::RegisterUser(NewUser {
            username: "by hand".to_owned(),
            password_hash: "$argon2id$own".to_owned(),
            first_name: "Zoë".to_owned(),
            last_name: "Lee".to_owned(),
            email: String::new(),
            city: "Online".to_owned(),
        }),
        Command::OpenAccount { user, kind: AccountKind::Savings, currency: Currency::USD },
        Command::Transfer(TransferOrder { to: account, ..order(1, 2, 100) }),
        Command::Authorise { order: order(1, 3, 50), expires_in: 365 * DAY },
        Command::Authorise { order: order(1, 2, 25), expires_in: 365 * DAY },
        Command::BlockCard { card: CardId::new(3), blocked: true },
        Command::FreezeAccount { account: AccountId::new(5), frozen: true },
    ]
}

/// Checks the world, and gives the number of its pending holds.
pub(crate) fn assert_holds(folder: &Path) -> u64 {
    let report = verify(snapshot(folder).as_mut(), &Unwatched).unwrap();
    assert_eq!(report.finding, None);
    report.checked.pending_holds
}

/// A world with commands before, between and after steps.
fn lively_world() -> TempDir {
    let folder = TempDir::new().unwrap();
    make(folder.path(), 40, 20);
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    for command in commands(41) {
        give(&teller, command);
    }
    for _ in 0..3 {
        let advance = |writer: &mut dyn mockbank_store::Writer| {
            evolve(writer, 12 * DAY, &Workers::new(1).unwrap(), &Unwatched)
        };
        wait(teller.step(advance)).unwrap().unwrap();
        give(&teller, Command::Transfer(order(1, 2, 1)));
    }
    folder
}

#[test]
fn commands_and_steps_take_turns_and_everything_holds() {
    let folder = lively_world();
    assert_eq!(assert_holds(folder.path()), 2);
    let database = Connection::open(folder.path().join("mockbank.db")).unwrap();
    let count = |sql| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM hold WHERE state = 3"), 1);
    assert_eq!(count("SELECT sum(held) FROM account"), 75);
    assert_eq!(count("SELECT count(*) FROM seal WHERE sum IS NOT NULL"), 4);
}

#[test]
fn accounts_in_another_currency_stay_empty_while_time_passes() {
    for name in Preset::builtin_names() {
        let preset = Preset::parse(Preset::builtin(name).unwrap()).unwrap();
        let profile = preset.profiles().next().unwrap_or_default().to_owned();
        let folder = TempDir::new().unwrap();
        create(folder.path(), &Recipe { preset, ..recipe(5, 10) }, &Unwatched).unwrap();
        let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
        let newcomer = commands(6).into_iter().find(|c| matches!(c, Command::RegisterUser(_)));
        give(&teller, newcomer.unwrap());
        let database = Connection::open(folder.path().join("mockbank.db")).unwrap();
        let count = |sql| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let euro = "SELECT number FROM account WHERE currency = 'EUR' ORDER BY number DESC LIMIT 1";
        for user in [1, 2, 3, 4, 5, 6] {
            for kind in [AccountKind::Checking, AccountKind::Savings] {
                let (user, currency) = (UserId::new(user), Currency::EUR);
                give(&teller, Command::OpenAccount { user, kind, currency });
                let card = CardOrder {
                    account: AccountId::new(count(euro)),
                    limit: Money::from_minor(500_000),
                    billing_day: 10,
                    profile: profile.clone(),
                    last_four: 1234,
                    valid_years: 3,
                };
                give(&teller, Command::IssueCard(card));
            }
        }
        let advance = |writer: &mut dyn mockbank_store::Writer| {
            evolve(writer, 90 * DAY, &Workers::new(1).unwrap(), &Unwatched)
        };
        wait(teller.step(advance)).unwrap().unwrap();
        assert_holds(folder.path());
        let moved = "SELECT count(*) FROM account WHERE currency = 'EUR' AND postings > 0";
        assert_eq!(
            (count(moved), count("SELECT count(*) FROM account WHERE currency = 'EUR'")),
            (0, 12)
        );
    }
}

/// An account's book after 20 days, some commands, and 70 days more.
fn book_after(account: i64, commands: Vec<Command>) -> Vec<Posting> {
    let folder = TempDir::new().unwrap();
    make(folder.path(), 5, 20);
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    for command in commands {
        give(&teller, command);
    }
    let advance = |writer: &mut dyn mockbank_store::Writer| {
        evolve(writer, 70 * DAY, &Workers::new(1).unwrap(), &Unwatched)
    };
    wait(teller.step(advance)).unwrap().unwrap();
    assert_holds(folder.path());
    let mut postings = PostingBatch::default();
    let mut snapshot = snapshot(folder.path());
    snapshot.postings((account - 1, i64::MAX), account, usize::MAX >> 1, &mut postings).unwrap();
    postings.iter().collect()
}

#[test]
fn time_goes_on_from_what_was_commanded() {
    const ACCOUNT: i64 = 2;
    let (account, card) = (AccountId::new(ACCOUNT), CardId::new(ACCOUNT));
    let change_day = mockbank_bank::Day::parse("2025-01-21").unwrap().start();
    let later = |postings: &[Posting], kind| -> Vec<Money> {
        let of_kind = |posting: &&Posting| posting.kind == kind && posting.at >= change_day;
        postings.iter().filter(of_kind).map(|posting| posting.amount).collect()
    };
    let untouched = book_after(ACCOUNT, Vec::new());
    assert!(!later(&untouched, PostingKind::Purchase).is_empty());

    // What was bought at the counter is on the next bill, and on none after it.
    let (target, amount) = (ManualTarget::Card(card), Money::from_minor(-12_345));
    let bought = book_after(ACCOUNT, vec![Command::Manual { target, amount, description: None }]);
    let (plain, billed) =
        (later(&untouched, PostingKind::CardPayment), later(&bought, PostingKind::CardPayment));
    assert_eq!(billed[0], plain[0].checked_add(amount).unwrap());
    assert_eq!(billed[2..], plain[2..]);
    assert_eq!(later(&bought, PostingKind::Purchase), later(&untouched, PostingKind::Purchase));

    // A blocked card buys nothing and is billed for what it owes; wages go on.
    let blocked = book_after(ACCOUNT, vec![Command::BlockCard { card, blocked: true }]);
    assert_eq!(later(&blocked, PostingKind::Purchase), []);
    assert_eq!(later(&blocked, PostingKind::CardPayment).len(), 2);
    assert_eq!(later(&blocked, PostingKind::Payroll), later(&untouched, PostingKind::Payroll));

    let frozen = book_after(ACCOUNT, vec![Command::FreezeAccount { account, frozen: true }]);
    assert!(frozen.iter().all(|posting| posting.at < change_day));
}

#[test]
fn frozen_accounts_do_not_stop_time_in_any_preset() {
    for name in Preset::builtin_names() {
        let preset = Preset::parse(Preset::builtin(name).unwrap()).unwrap();
        let folder = TempDir::new().unwrap();
        let recipe = Recipe { preset, ..recipe(30, 20) };
        create(folder.path(), &recipe, &Unwatched).unwrap();
        let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
        for account in (1..=10).map(AccountId::new) {
            give(&teller, Command::FreezeAccount { account, frozen: true });
        }
        let advance = |writer: &mut dyn mockbank_store::Writer| {
            evolve(writer, 40 * DAY, &Workers::new(1).unwrap(), &Unwatched)
        };
        wait(teller.step(advance)).unwrap().unwrap();
        assert_holds(folder.path());
    }
}

/// What the check says of a copy of a world in which something was changed with plain SQL.
fn finding(world: &Connection, change: &str) -> String {
    let copy = TempDir::new().unwrap();
    let path = copy.path().join("mockbank.db");
    world.execute("VACUUM INTO ?", [path.to_str()]).unwrap();
    let database = Connection::open(path).unwrap();
    database.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    let triggers = "DROP TRIGGER posting_is_never_changed; DROP TRIGGER seal_is_never_deleted;
                    DROP TRIGGER seal_is_never_changed";
    database.execute_batch(triggers).unwrap();
    assert!(database.execute(change, []).unwrap() > 0, "{change}");
    let report = verify(snapshot(copy.path()).as_mut(), &Unwatched).unwrap();
    report.finding.map_or("everything holds".to_owned(), |finding| finding.to_string())
}

#[test]
fn what_is_changed_behind_the_banks_back_is_found() {
    let folder = lively_world();
    let world = Connection::open(folder.path().join("mockbank.db")).unwrap();
    let changes = [
        ("UPDATE account SET held = held", "everything holds"),
        ("UPDATE posting SET place = 1 WHERE kind = 3 AND account = 1", "seal 2 was made for"),
        ("UPDATE posting SET description = 0 WHERE kind = 4 AND card = 4", "seal 7 was made for"),
        ("UPDATE posting SET place = place + 1 WHERE kind = 0 AND account = 7", "were sealed"),
        ("UPDATE posting SET category = 2 WHERE kind = 1 AND account = 7", "were sealed"),
        ("UPDATE seal SET postings = postings + 1 WHERE number = 1", "seal 1 was made for"),
        ("DELETE FROM seal WHERE number = (SELECT max(number) FROM seal)", "were sealed"),
        ("DELETE FROM seal WHERE number = 5", "seal 5 was made for"),
        ("UPDATE account SET held = 0 WHERE number = 1", "acc_1: 0 set aside, its pending holds"),
        ("UPDATE account SET held = 5 WHERE number = 7", "acc_7: 5 set aside, its pending holds"),
        (
            "UPDATE hold SET amount = 51 WHERE amount = 50 AND state = 0",
            "its pending holds make 76",
        ),
        ("UPDATE hold SET state = 2 WHERE amount = 25", "acc_1: 75 set aside, its pending holds"),
        ("DELETE FROM hold WHERE state = 0", "acc_1: 75 set aside, its pending holds make 0"),
    ];
    for (change, expected) in changes {
        let found = finding(&world, change);
        assert!(found.contains(expected), "{change}: {found}");
    }
}
