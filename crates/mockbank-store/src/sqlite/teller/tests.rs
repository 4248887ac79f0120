//! The teller on a disk that is full, which only this crate can make.

use std::path::Path;
use std::sync::Arc;

use mockbank_bank::command::{Command, ManualTarget};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Catalog, Currency, Day, Money, Settings, User,
    UserId,
};

use super::{SqliteTeller, TellerSettings};
use crate::sqlite::{IfPresent, SqliteStore};
use crate::teller::{Answer, Reply, Request};
use crate::{NewWorld, Result, Store, Writer};

fn build(folder: &Path) {
    let start = Day::parse("2025-01-01").unwrap();
    let world = NewWorld {
        seed: 1,
        model: 1,
        preset: "test".to_owned(),
        preset_text: String::new(),
        currency: Currency::USD,
        population: 0,
        start,
        catalog: Arc::new(Catalog::with_standard_entries()),
        default_password_hash: String::new(),
    };
    let user = User {
        id: UserId::new(1),
        username: "ann".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        email: String::new(),
        city: "Online".to_owned(),
        created_at: start.start(),
        settings: Settings { theme: "light".to_owned(), notifications: false },
    };
    let account = Account {
        id: AccountId::new(1),
        user: user.id,
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: Money::ZERO,
        balance: Money::ZERO,
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    };
    let mut building = SqliteStore::build(folder, &world, IfPresent::Refuse).unwrap();
    let mut step = building.begin().unwrap();
    step.add_customers(&[user], &[account], &[]).unwrap();
    step.commit(start.start()).unwrap();
    building.finish().unwrap();
}

fn pay_in(teller: &SqliteTeller, amount: i64) -> Result<Answer> {
    teller.execute_blocking(Request {
        command: Command::Manual {
            target: ManualTarget::Account(AccountId::new(1)),
            amount: Money::from_minor(amount),
            description: Some(format!("{amount} {}", "x".repeat(2000))),
        },
        idempotency: None,
        audit: None,
        render: Box::new(|verdict, _| {
            assert!(verdict.is_ok());
            Reply { status: 201, body: Vec::new() }
        }),
    })
}

#[test]
fn a_full_disk_fails_groups_until_there_is_room() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    let allow = |pages: i64| {
        let act = move |clerk: &mut super::Clerk| {
            let connection = clerk.writer().connection();
            let set = |_: &rusqlite::Row| Ok(());
            connection.pragma_update_and_check(None, "max_page_count", pages, set).unwrap();
        };
        runtime.block_on(teller.counter.exclusive(act)).unwrap();
    };
    // As many as there are: what is free in them is soon used up.
    allow(1);
    let mut kept = Vec::new();
    let mut refused = None;
    for amount in 1..1000 {
        match pay_in(&teller, amount) {
            Ok(_) => kept.push(amount),
            Err(error) => {
                refused = Some((amount, error.to_string()));
                break;
            }
        }
    }
    let (amount, error) = refused.unwrap();
    assert!(error.contains("full"), "{error}");
    assert!(pay_in(&teller, amount).is_err());
    allow(100_000);
    pay_in(&teller, amount).unwrap();
    kept.push(amount);
    let store = SqliteStore::open(folder.path()).unwrap();
    let account = runtime.block_on(store.account(AccountId::new(1))).unwrap().unwrap();
    assert_eq!(account.balance.minor(), kept.iter().sum::<i64>());
    assert_eq!(account.postings, kept.len() as u64);
    assert_eq!(runtime.block_on(store.ledger()).unwrap().sum(), 0);
}
