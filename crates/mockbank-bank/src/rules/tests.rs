//! The rules keep what they promise, whatever they are asked.

use proptest::prelude::*;

use super::*;
use crate::customer::{AccountStatus, CardStatus};
use crate::hold::{Hold, HoldState};
use crate::id::{AccountId, CardId, GroupId, HoldId};
use crate::ledger::{BankAccount, LedgerAccount};
use crate::money::{Currency, Money};
use crate::posting::{Posting, PostingKind};
use crate::time::{Day, Instant};

const LIMIT: i64 = 50_000;

fn book(number: i64, balance: i64) -> Book {
    Book {
        account: AccountId::new(number),
        status: AccountStatus::Active,
        currency: Currency::USD,
        balance: Money::from_minor(balance),
        held: Money::ZERO,
        postings: 0,
        latest: Instant::default(),
        cards: vec![CardBook {
            card: CardId::new(number),
            status: CardStatus::Active,
            expires: Day::from_number(30_000).unwrap(),
            limit: Money::from_minor(LIMIT),
            spend: Money::ZERO,
            postings: 0,
            last_bill: None,
        }],
    }
}

fn entry(at: i64, kind: PostingKind) -> Entry {
    Entry {
        at: Instant::from_seconds(at),
        kind,
        category: 0,
        contra: LedgerAccount::Bank(BankAccount::Settlement),
        description: 0,
        place: 0,
        reference: None,
        group: None,
    }
}

fn hold(amount: i64, expires: i64) -> Hold {
    Hold {
        id: HoldId::new(1),
        from: AccountId::new(1),
        to: AccountId::new(2),
        amount: Money::from_minor(amount),
        description: None,
        authorised_at: Instant::default(),
        expires_at: Instant::from_seconds(expires),
        state: HoldState::Pending,
    }
}

#[derive(Clone, Debug)]
enum Step {
    Purchase(i64),
    Deposit(i64),
    PayCard,
    Transfer { back: bool, amount: i64, overdraft: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![-5i64..100_000, Just(i64::MAX), Just(i64::MIN), Just(0)];
    prop_oneof![
        amount.clone().prop_map(Step::Purchase),
        amount.clone().prop_map(Step::Deposit),
        Just(Step::PayCard),
        (any::<bool>(), amount, 0i64..1000)
            .prop_map(|(back, amount, overdraft)| { Step::Transfer { back, amount, overdraft } }),
    ]
}

/// Carries a step out; what was posted, or nothing when it was refused.
fn apply(books: &mut [Book; 2], step: &Step, at: i64) -> Result<Vec<Posting>, Refusal> {
    let [first, second] = books;
    match *step {
        Step::Purchase(amount) => {
            purchase(first, 0, Money::from_minor(amount), &entry(at, PostingKind::Purchase))
                .map(|posting| vec![posting])
        }
        Step::Deposit(amount) => {
            post_to_deposit(first, Money::from_minor(amount), &entry(at, PostingKind::Manual))
                .map(|posting| vec![posting])
        }
        Step::PayCard => {
            let entry = entry(at, PostingKind::CardPayment);
            pay_card(first, 0, &entry, &entry).map(|paid| paid.into_iter().flatten().collect())
        }
        Step::Transfer { back, amount, overdraft } => {
            let (from, to) = if back { (second, first) } else { (first, second) };
            let order = Transfer {
                amount: Money::from_minor(amount),
                overdraft: Money::from_minor(overdraft),
            };
            let entry = entry(at, PostingKind::Transfer);
            transfer(from, to, order, &entry, &entry).map(Vec::from)
        }
    }
}

proptest! {
    #[test]
    fn books_balance_and_refusals_change_nothing(
        steps in prop::collection::vec(step(), 0..60), opening in 0i64..100_000,
    ) {
        let mut books = [book(1, opening), book(2, opening)];
        let (mut deposits, mut cards, mut bank) = ([opening; 2], [0i64; 2], 0i64);
        let mut sequences = [0u64; 2];
        for (at, step) in steps.iter().enumerate() {
            let before = books.clone();
            let Ok(postings) = apply(&mut books, step, i64::try_from(at).unwrap()) else {
                prop_assert_eq!(&books, &before, "a refusal left a trace: {:?}", step);
                continue;
            };
            for posting in postings {
                let owner = usize::try_from(posting.account.number() - 1).unwrap();
                sequences[owner] += 1;
                prop_assert_eq!(posting.sequence, sequences[owner]);
                let side = if posting.card.is_some() { &mut cards } else { &mut deposits };
                side[owner] += posting.amount.minor();
                prop_assert_eq!(posting.balance.minor(), deposits[owner]);
                if posting.card.is_some() {
                    prop_assert_eq!(posting.card_balance.minor(), cards[owner]);
                }
                if !posting.contra.is_customers() {
                    bank -= posting.amount.minor();
                }
            }
        }
        for (owner, book) in books.iter().enumerate() {
            prop_assert_eq!(book.balance.minor(), deposits[owner]);
            prop_assert_eq!(book.cards[0].spend.minor(), -cards[owner]);
            prop_assert!(book.cards[0].spend.minor() <= LIMIT);
            prop_assert_eq!(book.postings, sequences[owner]);
        }
        let total: i64 = deposits.iter().chain(&cards).sum();
        prop_assert_eq!(total + bank, 2 * opening);
    }

    #[test]
    fn a_hold_is_resolved_once(amount in 1i64..2000, part in -1i64..3000, at in 0i64..200) {
        let mut books = [book(1, 1000), book(2, 0)];
        let mut hold = hold(amount, 100);
        let [from, to] = &mut books;
        let authorised = authorise(from, to, &hold, Money::ZERO, Instant::default());
        prop_assert_eq!(authorised.is_ok(), amount <= 1000);
        prop_assume!(authorised.is_ok());
        prop_assert_eq!(from.available().minor(), 1000 - amount);

        let entry = entry(at, PostingKind::Transfer);
        let group = GroupId::new(1);
        let part = Money::from_minor(part);
        let posted = post_hold(from, to, &mut hold, part, group, [&entry, &entry]);
        let allowed = at < 100 && part.is_positive() && part.minor() <= amount;
        prop_assert_eq!(posted.is_ok(), allowed);
        if allowed {
            prop_assert_eq!((from.held, from.balance.minor()), (Money::ZERO, 1000 - part.minor()));
            let now = Instant::from_seconds(at);
            prop_assert_eq!(void_hold(from, &mut hold, now), Err(Refusal::HoldResolved(hold.id)));
            prop_assert_eq!(expire_hold(from, &mut hold, now), Ok(false));
        } else {
            prop_assert_eq!((from.held.minor(), from.balance.minor()), (amount, 1000));
            let expired = expire_hold(from, &mut hold, Instant::from_seconds(at));
            prop_assert_eq!(expired, Ok(at >= 100));
            prop_assert_eq!(from.held.is_zero(), at >= 100);
        }
    }
}

#[test]
fn a_card_declines_past_its_limit_its_time_and_when_blocked() {
    let buy = |book: &mut Book, amount, at| {
        purchase(book, 0, Money::from_minor(amount), &entry(at, PostingKind::Purchase))
    };
    let mut subject = book(1, 0);
    assert!(buy(&mut subject, LIMIT, 0).is_ok());
    assert_eq!(
        buy(&mut subject, 1, 0),
        Err(Refusal::LimitExceeded { limit: Money::from_minor(LIMIT), available: Money::ZERO })
    );
    let last = Day::from_number(30_000).unwrap().start().seconds() + 86_399;
    let mut subject = book(1, 0);
    assert!(buy(&mut subject, 1, last).is_ok());
    assert_eq!(buy(&mut subject, 1, last + 1), Err(Refusal::CardExpired(CardId::new(1))));
    subject.cards[0].status = CardStatus::Blocked;
    assert_eq!(buy(&mut subject, 1, last), Err(Refusal::CardBlocked(CardId::new(1))));
}

#[test]
fn frozen_and_closed_accounts_do_not_move() {
    for (status, refusal) in [
        (AccountStatus::Frozen, Refusal::AccountFrozen(AccountId::new(2))),
        (AccountStatus::Closed, Refusal::AccountClosed(AccountId::new(2))),
    ] {
        let mut books = [book(1, 100), book(2, 100)];
        books[1].status = status;
        for back in [false, true] {
            let step = Step::Transfer { back, amount: 1, overdraft: 0 };
            assert_eq!(apply(&mut books, &step, 0), Err(refusal));
        }
    }
}

#[test]
fn time_never_runs_backwards_in_a_book() {
    let mut subject = [book(1, 0), book(2, 0)];
    assert!(apply(&mut subject, &Step::Deposit(5), 10).is_ok());
    let late = apply(&mut subject, &Step::Deposit(5), 9);
    assert_eq!(late, Err(Refusal::OutOfOrder(AccountId::new(1))));
}
