//! The rules of the classic world: limits, bills, wages, and customers of any shape.

use mockbank_bank::catalog::description;
use mockbank_bank::rules::Book;
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Currency,
    LedgerAccount, Money, Posting, PostingBatch, PostingKind, TransactionId,
};
use mockbank_sim::{Customer, Preset, SimError, World};

use crate::common::{at, customer, life, start, world};

/// Everybody spends every day.
const SPENDTHRIFT: (&str, &str) = ("probability = 0.7", "probability = 1.0");

#[test]
fn the_limit_is_never_passed_and_declined_purchases_leave_no_trace() {
    let world = world(&[SPENDTHRIFT, ("card_limit = 5000", "card_limit = 300")], 1, 100);
    let mut fullest = 0;
    for number in 1..=100 {
        let mut sequence = 0;
        for posting in life(&world, number, 90).iter() {
            sequence += 1;
            assert_eq!(posting.sequence, sequence);
            assert!(posting.card_balance.minor() >= -30_000);
            fullest = fullest.min(posting.card_balance.minor());
        }
    }
    assert!(fullest < -29_000, "some card should have come near its limit");
}

#[test]
fn the_bill_is_paid_in_full_on_its_day_from_the_account() {
    let world = world(&[], 1, 50);
    for number in 1..=50 {
        let billing_day = i8::try_from(world.newcomer(number).cards[0].billing_day).unwrap();
        let postings: Vec<Posting> = life(&world, number, 120).iter().collect();
        let mut owed = Money::ZERO;
        for (index, posting) in postings.iter().enumerate() {
            match (posting.kind, posting.card) {
                (PostingKind::Purchase, Some(_)) => {
                    owed = owed.checked_sub(posting.amount).unwrap();
                }
                (PostingKind::CardPayment, None) => {
                    let received = postings[index + 1];
                    assert_eq!(posting.at.day().date().day(), billing_day);
                    assert_eq!(posting.amount, owed.checked_neg().unwrap());
                    assert_eq!((received.amount, received.at), (owed, posting.at));
                    assert_eq!(received.card_balance, Money::ZERO);
                    assert_eq!(received.sequence, posting.sequence + 1);
                    assert_eq!(received.contra, LedgerAccount::Deposit(posting.account));
                    assert_eq!(posting.contra, LedgerAccount::Card(received.card.unwrap()));
                    assert_eq!(posting.description, description::CARD_BILL);
                    owed = Money::ZERO;
                }
                _ => {}
            }
        }
        let mut customer = customer(&world, number);
        world.simulate(&mut customer, at(0), at(120), &mut PostingBatch::default()).unwrap();
        assert_eq!(customer.books()[0].cards[0].spend, owed);
    }
}

#[test]
fn bills_of_late_days_are_paid_on_the_last_day_of_short_months() {
    let late = world(&[("billing_days = [1, 10, 15]", "billing_days = [31]"), SPENDTHRIFT], 1, 60);
    let number = (1..=60)
        .find(|number| late.newcomer(*number).cards[0].profile == "SPENDER")
        .expect("a third are");
    let days: Vec<String> = life(&late, number, 150)
        .iter()
        .filter(|posting| posting.kind == PostingKind::CardPayment && posting.card.is_none())
        .map(|posting| posting.at.day().to_string())
        .collect();
    assert_eq!(days, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]);
}

#[test]
fn wages_are_the_salary_by_pay_days_from_one_employer() {
    let world = world(&[("days = [1, 15]", "days = [1, 15, 31]")], 1, 20);
    for number in 1..=20 {
        let account = world.newcomer(number).accounts[0].clone();
        let wages: Vec<Posting> = life(&world, number, 59)
            .iter()
            .filter(|posting| posting.kind == PostingKind::Payroll)
            .collect();
        let days: Vec<String> = wages.iter().map(|wage| wage.at.day().to_string()).collect();
        assert_eq!(
            days,
            ["2025-01-01", "2025-01-15", "2025-01-31", "2025-02-01", "2025-02-15", "2025-02-28"]
        );
        for wage in wages {
            assert_eq!(Some(wage.amount), account.salary.mul_div(1, 3));
            assert_eq!(wage.contra, LedgerAccount::Hub(account.employer.unwrap()));
            let hub = &world.catalog().hubs[account.employer.unwrap().0 as usize];
            assert_eq!(
                world.catalog().descriptions[wage.description as usize],
                format!("Payroll from {}", hub.name)
            );
        }
    }
}

#[test]
fn every_posting_stands_in_the_catalogue_and_has_a_name_of_its_own() {
    let world = world(&[SPENDTHRIFT], 1, 20);
    let catalog = world.catalog();
    let mut names: Vec<TransactionId> = Vec::new();
    for number in 1..=20 {
        for posting in life(&world, number, 90).iter() {
            names.push(posting.transaction_id());
            assert!((posting.place as usize) < catalog.places.len());
            if let LedgerAccount::Hub(hub) = posting.contra {
                let hub = &catalog.hubs[hub.0 as usize];
                assert_eq!(
                    (hub.category, hub.description),
                    (posting.category, posting.description)
                );
            }
        }
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// A customer of the world made by hand from a newcomer's parts.
fn by_hand(
    world: &World,
    change: impl FnOnce(&mut Vec<(Account, Vec<Card>, Book)>),
) -> Result<Customer, SimError> {
    let newcomer = world.newcomer(500);
    let mut user = newcomer.user.clone();
    "Nowhere".clone_into(&mut user.city);
    let mut holdings = newcomer.holdings();
    change(&mut holdings);
    world.customer(&user, &holdings, &[])
}

fn month(world: &World, mut customer: Customer) -> PostingBatch {
    let mut out = PostingBatch::default();
    world.simulate(&mut customer, at(0), at(31), &mut out).unwrap();
    out
}

fn count(batch: &PostingBatch, kind: PostingKind) -> usize {
    batch.iter().filter(|posting| posting.kind == kind).count()
}

#[test]
fn customers_without_salary_employer_or_card_live_on() {
    let world = world(&[SPENDTHRIFT], 1, 10);
    let without_salary = by_hand(&world, |holdings| holdings[0].0.salary = Money::ZERO).unwrap();
    assert_eq!(count(&month(&world, without_salary), PostingKind::Payroll), 0);
    let without_employer = by_hand(&world, |holdings| holdings[0].0.employer = None).unwrap();
    assert_eq!(count(&month(&world, without_employer), PostingKind::Payroll), 2);
    let without_card = by_hand(&world, |holdings| {
        holdings[0].1.clear();
        holdings[0].2.cards.clear();
    });
    assert_eq!(month(&world, without_card.unwrap()).len(), 2);
    let with_nothing = by_hand(&world, Vec::clear).unwrap();
    assert!(month(&world, with_nothing).is_empty());
}

#[test]
fn several_cards_and_accounts_are_all_used() {
    let world = world(&[("probability = 0.1", "probability = 1.0")], 1, 10);
    let customer = by_hand(&world, |holdings| {
        let (account, cards, book) = &mut holdings[0];
        cards[0].profile = "FRUGAL".to_owned();
        let mut second = cards[0].clone();
        second.id = CardId::new(501);
        cards.push(second);
        let mut second = book.cards[0];
        second.card = CardId::new(501);
        book.cards.push(second);
        let mut savings = (account.clone(), Vec::new(), book.clone());
        savings.0.id = AccountId::new(777);
        savings.2.account = AccountId::new(777);
        savings.2.cards.clear();
        holdings.push(savings);
    });
    let out = month(&world, customer.unwrap());
    for card in [500, 501] {
        let purchases = out.iter().filter(|posting| {
            posting.kind == PostingKind::Purchase && posting.card == Some(CardId::new(card))
        });
        assert_eq!(purchases.count(), 31);
    }
    assert_eq!(out.iter().filter(|posting| posting.account.number() == 777).count(), 2);
    let mut names: Vec<_> = out.iter().map(|posting| posting.transaction_id()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), out.len());
}

#[test]
fn accounts_in_another_currency_are_left_out() {
    for preset in Preset::builtin_names() {
        let preset = Preset::parse(Preset::builtin(preset).unwrap()).unwrap();
        let world = World::new(preset, 7, start(), 10);
        let newcomer = world.newcomer(4);
        let life = |holdings: &[(Account, Vec<Card>, Book)]| {
            let mut customer = world.customer(&newcomer.user, holdings, &[]).unwrap();
            let mut out = PostingBatch::default();
            world.simulate(&mut customer, at(0), at(90), &mut out).unwrap();
            (customer.books().to_vec(), customer.memory(), out)
        };
        let mut holdings = newcomer.holdings();
        let alone = life(&holdings);
        assert!(!alone.2.is_empty());
        // They come first, as those of a customer who opened them before any other.
        for (kind, number) in [(AccountKind::Checking, 777), (AccountKind::Savings, 778)] {
            let (mut account, cards, mut book) = newcomer.holdings().swap_remove(0);
            (account.id, account.kind) = (AccountId::new(number), kind);
            book.account = account.id;
            (account.currency, book.currency) = (Currency::EUR, Currency::EUR);
            holdings.insert(0, (account, cards, book));
        }
        assert_eq!(life(&holdings), alone);
        assert_eq!(life(&holdings[..2]).2.len(), 0);
    }
}

#[test]
fn blocked_and_expired_cards_and_frozen_accounts_decline() {
    let world = world(&[("probability = 0.1", "probability = 1.0")], 1, 10);
    let frugal = |holdings: &mut Vec<(Account, Vec<Card>, Book)>| {
        holdings[0].1[0].profile = "FRUGAL".to_owned();
    };
    let blocked = by_hand(&world, |holdings| {
        frugal(holdings);
        holdings[0].2.cards[0].status = CardStatus::Blocked;
    });
    assert_eq!(count(&month(&world, blocked.unwrap()), PostingKind::Purchase), 0);
    let expiring = by_hand(&world, |holdings| {
        frugal(holdings);
        holdings[0].2.cards[0].expires = start().plus(9).unwrap();
    });
    assert_eq!(count(&month(&world, expiring.unwrap()), PostingKind::Purchase), 10);
    let frozen = by_hand(&world, |holdings| holdings[0].2.status = AccountStatus::Frozen);
    assert!(month(&world, frozen.unwrap()).is_empty());
}

#[test]
fn what_the_model_does_not_know_is_refused() {
    let world = world(&[], 1, 10);
    let unknown = by_hand(&world, |holdings| "LAVISH".clone_into(&mut holdings[0].1[0].profile));
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "card card_500 has the spending profile \"LAVISH\"; the preset knows FRUGAL, AVERAGE, SPENDER"
    );
    let newcomer = world.newcomer(1);
    let memory = world.customer(&newcomer.user, &newcomer.holdings(), &[1]);
    assert!(matches!(memory, Err(SimError::UnknownMemory(_))));
    let mut ahead = by_hand(&world, |holdings| holdings[0].2.latest = at(90)).unwrap();
    let result = world.simulate(&mut ahead, at(0), at(31), &mut PostingBatch::default());
    assert_eq!(result, Err(SimError::BookAhead(AccountId::new(500))));
}
