//! Cards of `realistic` that were issued or changed by command after the customers' first day.

use std::path::Path;

use mockbank_bank::command::{CardOrder, Command, ManualTarget};
use mockbank_bank::{
    AccountId, AccountKind, Card, CardId, Currency, Day, Money, Posting, PostingBatch, PostingKind,
    UserId,
};
use mockbank_sim::Preset;
use mockbank_store::TellerSettings;
use mockbank_store::sqlite::SqliteTeller;
use mockbank_world::{Recipe, Unwatched, Workers, evolve};
use tempfile::TempDir;

use crate::commands::{DAY, assert_holds, commands, give, wait};
use crate::{create, recipe, snapshot};

const ALL: usize = usize::MAX >> 1;
const CUSTOMERS: u32 = 25;

/// A world of some days in which bills are paid in full by this share of customers, and by half
/// by the others.
fn world(days: u16, in_full: &str) -> (TempDir, SqliteTeller) {
    let mut text = Preset::builtin("realistic").unwrap().to_owned();
    let changes = [
        ("full = 0.74 ", format!("full = {in_full} ")),
        ("minimum = 0.12 ", "minimum = 0.0 ".to_owned()),
        ("part = { min = 0.12, max = 0.65 }", "part = { min = 0.5, max = 0.5 }".to_owned()),
        ("late_probability = 0.008", "late_probability = 0.0".to_owned()),
    ];
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, &to, 1);
    }
    let preset = Preset::parse(&text).unwrap();
    let folder = TempDir::new().unwrap();
    let recipe = Recipe { preset, ..recipe(CUSTOMERS, days) };
    create(folder.path(), &recipe, &Unwatched).unwrap();
    let teller = SqliteTeller::open(folder.path(), TellerSettings::default()).unwrap();
    (folder, teller)
}

fn pass(teller: &SqliteTeller, days: i64) {
    let advance = move |writer: &mut dyn mockbank_store::Writer| {
        evolve(writer, days * DAY, &Workers::new(1).unwrap(), &Unwatched)
    };
    wait(teller.step(advance)).unwrap().unwrap();
}

fn cards_of(folder: &Path, account: AccountId) -> Vec<Card> {
    let mut cards = snapshot(folder).cards(0, ALL).unwrap();
    cards.retain(|card| card.account == account);
    cards
}

/// Some of those who have so many cards.
fn holders(folder: &Path, held: usize, taken: usize) -> Vec<AccountId> {
    let accounts = (1..=CUSTOMERS).map(|number| AccountId::new(number.into()));
    accounts.filter(|account| cards_of(folder, *account).len() == held).take(taken).collect()
}

fn issue(teller: &SqliteTeller, account: AccountId) {
    let preset = Preset::parse(Preset::builtin("realistic").unwrap()).unwrap();
    let order = CardOrder {
        account,
        limit: Money::from_minor(500_000),
        billing_day: 15,
        profile: preset.profiles().next().unwrap().to_owned(),
        last_four: 1234,
        valid_years: 3,
    };
    give(teller, Command::IssueCard(order));
}

fn last_card(folder: &Path, account: AccountId) -> CardId {
    cards_of(folder, account).pop().unwrap().id
}

fn book(teller: &SqliteTeller, target: ManualTarget, amount: i64) {
    let amount = Money::from_minor(amount);
    give(teller, Command::Manual { target, amount, description: None });
}

fn lines(folder: &Path, card: &Card) -> Vec<Posting> {
    let (account, mut postings) = (card.account.number(), PostingBatch::default());
    snapshot(folder).postings((account - 1, i64::MAX), account, ALL, &mut postings).unwrap();
    postings.iter().filter(|posting| posting.card == Some(card.id)).collect()
}

#[test]
fn a_card_that_came_later_is_billed_like_the_first_ones() {
    let (folder, teller) = world(20, "1.0");
    let path = folder.path();
    let held = [0, 1, 2, 3].map(|held| (held, holders(path, held, 2)));
    let mut given = Vec::new();
    for (held, accounts) in held {
        assert!(!accounts.is_empty(), "nobody has {held} cards");
        for account in accounts {
            issue(&teller, account);
            given.push((account, last_card(path, account)));
        }
    }
    // More cards than a byte counts.
    let collector = given[0].0;
    for _ in 0..256 {
        issue(&teller, collector);
    }
    // Of those who signed up, one gets an account and a card at once, and one on a later day.
    for days in [0, 1] {
        let sign_up = commands(1).into_iter().find(|c| matches!(c, Command::RegisterUser(_)));
        let Some(Command::RegisterUser(mut user)) = sign_up else { panic!() };
        user.username = format!("after {days}");
        give(&teller, Command::RegisterUser(user));
        if days > 0 {
            pass(&teller, days);
        }
        let user = UserId::new(i64::from(CUSTOMERS) + 1 + days);
        let (kind, currency) = (AccountKind::Checking, Currency::USD);
        give(&teller, Command::OpenAccount { user, kind, currency });
        let account = snapshot(path).accounts(0, ALL).unwrap().pop().unwrap();
        assert_eq!(account.user, user);
        issue(&teller, account.id);
        given.push((account.id, last_card(path, account.id)));
    }
    for (account, card) in &given {
        book(&teller, ManualTarget::Account(*account), 10_000_000);
        book(&teller, ManualTarget::Card(*card), -10_000);
    }
    for _ in 0..4 {
        pass(&teller, 30);
    }
    assert_holds(path);

    // The bill of May is for what the statement of April showed, which is made on a local evening.
    let [before, after] = ["2025-04-20", "2025-04-22"].map(|day| Day::parse(day).unwrap().start());
    for (account, card) in given {
        let card = cards_of(path, account).into_iter().find(|own| own.id == card).unwrap();
        let (paid, bought): (Vec<_>, Vec<_>) =
            lines(path, &card).into_iter().partition(|line| line.kind == PostingKind::CardPayment);
        assert!(!paid.is_empty(), "{account}");
        let since = |from| -> i64 {
            bought.iter().filter(|line| line.at >= from).map(|line| -line.amount.minor()).sum()
        };
        assert!((since(after)..=since(before)).contains(&card.spend.minor()), "{account}");
    }
}

#[test]
fn a_blocked_card_is_billed_for_all_that_is_owed() {
    let (folder, teller) = world(40, "0.0");
    let path = folder.path();
    let accounts = holders(path, 1, 20);
    for account in &accounts {
        book(&teller, ManualTarget::Account(*account), 10_000_000);
        let [card] = cards_of(path, *account).try_into().unwrap();
        give(&teller, Command::BlockCard { card: card.id, blocked: true });
    }
    for _ in 0..4 {
        pass(&teller, 30);
    }
    assert_holds(path);
    // By then every card has had a statement since it was blocked.
    let from = Day::parse("2025-04-20").unwrap().start();
    for account in accounts {
        let [card] = cards_of(path, account).try_into().unwrap();
        let (mut owed, mut bills) = (0, 0);
        for line in lines(path, &card) {
            let paid = line.amount.minor();
            if line.at >= from {
                assert_eq!(line.kind, PostingKind::CardPayment);
                let least = (owed / 100).max(3_500).min(owed);
                assert_eq!(paid, (owed / 2 / 500 * 500).max(least), "{account} owes {owed}");
                bills += 1;
            }
            owed -= paid;
        }
        assert!(bills > 0, "{account}");
    }
}

#[test]
fn a_changed_limit_holds_and_the_card_is_billed_on() {
    let (folder, teller) = world(40, "1.0");
    let path = folder.path();
    let accounts = holders(path, 1, 10);
    for account in &accounts {
        book(&teller, ManualTarget::Account(*account), 10_000_000);
        let [card] = cards_of(path, *account).try_into().unwrap();
        let limit = card.spend.max(Money::from_minor(30_000));
        give(&teller, Command::SetCardLimit { card: card.id, limit });
    }
    for _ in 0..3 {
        pass(&teller, 30);
    }
    assert_holds(path);
    let a_month_ago = Day::parse("2025-04-10").unwrap();
    for account in accounts {
        let [card] = cards_of(path, account).try_into().unwrap();
        assert!(card.spend <= card.limit, "{account}");
        assert!(card.last_bill.unwrap() >= a_month_ago, "{account}");
    }
}
