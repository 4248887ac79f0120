//! Everything that can be read of a world, held against what was written.

use std::fmt::Debug;

use mockbank_bank::reference::{PostingRef, Stream};
use mockbank_bank::{
    AccountId, AccountKind, CardId, Currency, Day, Money, Posting, PostingBatch, TransactionId,
    UserId,
};
use mockbank_store::{
    AccountFilter, Counts, Listing, Order, Page, Store, StoreError, Transaction, TransactionFilter,
    WorldInfo,
};

use super::expected::Expected;

/// The first thing that a store got wrong.
pub(crate) type Verdict = Result<(), String>;

/// Nobody has this number.
const NOBODY: i64 = 1_000_000;

const ALL: Page = Page { number: 1, size: u64::MAX };

/// Finds the first answer that is not what it must be.
pub(crate) async fn check(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    check_world(store, expected).await?;
    check_customers(store, expected).await?;
    check_accounts(store, expected).await?;
    check_cards(store, expected).await?;
    check_lists(store, expected).await?;
    check_transactions(store, expected).await?;
    check_daily_totals(store, expected).await?;
    let ledger = ok(store.ledger().await)?;
    same("the ledger", &ledger, &expected.ledger())?;
    same("the ledger's sum", &ledger.sum(), &0)?;
    check_snapshot(store, expected).await
}

async fn check_world(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    let sample = expected.sample;
    let world = WorldInfo {
        seed: sample.world.seed,
        model: sample.world.model,
        preset: sample.world.preset.clone(),
        preset_text: sample.world.preset_text.clone(),
        currency: sample.world.currency,
        population: sample.world.population,
        start: sample.world.start,
        clock: sample.clock,
        counts: Counts {
            users: sample.users.len() as u64,
            accounts: sample.accounts.len() as u64,
            cards: sample.cards.len() as u64,
            transactions: expected.postings.len() as u64,
        },
    };
    same("the world", &ok(store.world().await)?, &world)?;
    same("the catalogue", &*ok(store.catalog().await)?, expected.catalog())?;
    same("a setting", &ok(store.setting("none").await)?, &None)
}

async fn check_customers(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    for user in &expected.sample.users {
        same("a user", &ok(store.user(user.id).await)?.as_ref(), &Some(user))?;
        let credentials = ok(store.credentials(&user.username).await)?;
        let default = &expected.sample.world.default_password_hash;
        let found = credentials.map(|found| (found.user, found.password_hash));
        same("credentials", &found, &Some((user.id, default.clone())))?;
    }
    same("nobody", &ok(store.user(UserId::new(NOBODY)).await)?, &None)?;
    same("no credentials", &ok(store.credentials("' OR 1=1 --").await)?, &None)
}

async fn check_accounts(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    let sample = expected.sample;
    let accounts: Vec<_> = sample.accounts.iter().map(|a| expected.account(a.id)).collect();
    for account in &accounts {
        same("an account", &ok(store.account(account.id).await)?.as_ref(), &Some(account))?;
    }
    same("no account", &ok(store.account(AccountId::new(NOBODY)).await)?, &None)?;
    let kinds = [None, Some(AccountKind::Checking), Some(AccountKind::Savings)];
    let currencies = [None, Some(Currency::USD), Some(Currency::EUR)];
    for (kind, currency) in kinds.into_iter().flat_map(|k| currencies.map(|c| (k, c))) {
        let user = sample.users[0].id;
        let own: Vec<_> = accounts
            .iter()
            .filter(|a| a.user == user && kind.is_none_or(|kind| a.kind == kind))
            .filter(|a| currency.is_none_or(|currency| a.currency == currency))
            .cloned()
            .collect();
        let filter = AccountFilter { kind, currency };
        let listing = ok(store.accounts_of(user, &filter, ALL).await)?;
        same("a user's accounts", &listing, &Listing { total: own.len() as u64, items: own })?;
    }
    let page = Page { number: 2, size: 2 };
    let listing = ok(store.accounts(page).await)?;
    same("the number of accounts", &listing.total, &(accounts.len() as u64))?;
    let found: Vec<_> =
        listing.items.into_iter().map(|line| (line.username, line.account)).collect();
    let lines = accounts[2..4].iter().map(|a| (format!("user{}", a.user.number()), a.clone()));
    same("everybody's accounts", &found, &lines.collect())
}

async fn check_cards(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    let cards: Vec<_> = expected.sample.cards.iter().map(|c| expected.card(c.id)).collect();
    for card in &cards {
        same("a card", &ok(store.card(card.id).await)?.as_ref(), &Some(card))?;
    }
    same("no card", &ok(store.card(CardId::new(NOBODY)).await)?, &None)?;
    for account in &expected.sample.accounts {
        let own = cards.iter().filter(|card| card.account == account.id).cloned().collect();
        same("an account's cards", &ok(store.cards_of(account.id).await)?, &own)?;
    }
    Ok(())
}

async fn check_lists(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    for filter in filters(expected) {
        for page in pages() {
            for account in &expected.sample.accounts {
                let found = store.transactions_of_account(account.id, &filter, page).await;
                let (total, items) = expected.page(|p| p.account == account.id, &filter, page);
                let found = ok(found)?;
                same_page(expected, &found, total, items, (&filter, page, account.id))?;
                let both = store.account_with_transactions(account.id, &filter, page).await;
                let both_expected = Some((expected.account(account.id), found));
                same("an account with its page", &ok(both)?, &both_expected)?;
            }
            for card in &expected.sample.cards {
                let found = store.transactions_of_card(card.id, &filter, page).await;
                let (total, items) = expected.page(|p| p.card == Some(card.id), &filter, page);
                same_page(expected, &ok(found)?, total, items, (&filter, page, card.id))?;
            }
        }
    }
    let filter = TransactionFilter::default();
    let nobody = AccountId::new(NOBODY);
    let listing = ok(store.transactions_of_account(nobody, &filter, ALL).await)?;
    same("nobody's transactions", &listing, &Listing { total: 0, items: Vec::new() })?;
    let both = ok(store.account_with_transactions(nobody, &filter, ALL).await)?;
    same("nobody with a page", &both, &None)
}

fn pages() -> Vec<Page> {
    let small = (1..=5).map(|number| Page { number, size: 7 });
    let ends = [ALL, Page { number: u64::MAX, size: u64::MAX }, Page { number: 1, size: 1 }];
    small.chain(ends).collect()
}

/// Each filter alone, and all together, oldest and newest first.
fn filters(expected: &Expected) -> Vec<TransactionFilter> {
    let start = expected.sample.world.start;
    let day = |days| Some(start.plus(days).unwrap());
    let none = TransactionFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let searches = ["CAFÉ zoë", "%", "_", "'; DROP TABLE posting; --", "nothing like it", ""];
    let mut filters = vec![
        none(),
        TransactionFilter { category: text("Food & Dining"), ..none() },
        TransactionFilter { category: text("food & dining"), ..none() },
        TransactionFilter { from: day(9), ..none() },
        TransactionFilter { to: day(9), ..none() },
        TransactionFilter { from: day(3), to: day(12), ..none() },
        TransactionFilter { from: day(12), to: day(3), ..none() },
        TransactionFilter { from: Some(Day::MAX), to: Some(Day::MAX), ..none() },
        TransactionFilter { min_amount: Some(Money::from_minor(5000)), ..none() },
        TransactionFilter { min_amount: Some(Money::from_minor(i64::MAX)), ..none() },
        TransactionFilter {
            category: text("Food & Dining"),
            search: text("wool_"),
            from: day(2),
            to: day(25),
            min_amount: Some(Money::from_minor(2000)),
            order: Order::Ascending,
        },
    ];
    filters.extend(searches.map(|search| TransactionFilter { search: text(search), ..none() }));
    let oldest_first: Vec<_> = filters
        .iter()
        .map(|filter| TransactionFilter { order: Order::Ascending, ..filter.clone() })
        .collect();
    filters.extend(oldest_first);
    filters
}

fn same_page(
    expected: &Expected,
    found: &Listing<Transaction>,
    total: u64,
    items: Vec<Posting>,
    asked: impl Debug,
) -> Verdict {
    let items = items.into_iter().map(|posting| with_texts(expected, posting)).collect();
    same(&format!("the page {asked:?}"), found, &Listing { total, items })
}

fn with_texts(expected: &Expected, posting: Posting) -> Transaction {
    let catalog = expected.catalog();
    Transaction {
        posting,
        category: catalog.categories[usize::from(posting.category)].as_str().into(),
        description: catalog.descriptions[posting.description as usize].as_str().into(),
        location: catalog.places[posting.place as usize].as_str().into(),
    }
}

async fn check_transactions(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    for posting in expected.postings {
        let id = posting.transaction_id();
        let found = ok(store.transaction(id).await)?;
        same("a transaction", &found, &Some(with_texts(expected, *posting)))?;
        let another_day = TransactionId { day: id.day.plus(1).unwrap(), ..id };
        same("another day's", &ok(store.transaction(another_day).await)?, &None)?;
        let nobodys = TransactionId { account: AccountId::new(NOBODY), ..id };
        same("nobody's", &ok(store.transaction(nobodys).await)?, &None)?;
    }
    for stream in [Stream::COMMANDS, Stream::from_code(255)] {
        let reference = PostingRef::new(stream, PostingRef::MAX_INDEX).unwrap();
        let id = TransactionId { reference, ..expected.postings[0].transaction_id() };
        same("no transaction", &ok(store.transaction(id).await)?, &None)?;
    }
    Ok(())
}

async fn check_daily_totals(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    let all = Day::default()..=Day::MAX;
    let totals = expected.daily_totals();
    same("the daily totals", &ok(store.daily_totals(all.clone()).await)?, &totals)?;
    let start = expected.sample.world.start;
    let some = start.plus(9).unwrap()..=start.plus(12).unwrap();
    let within = totals.iter().filter(|total| some.contains(&total.day)).copied().collect();
    same("some days' totals", &ok(store.daily_totals(some).await)?, &within)?;
    let mut snapshot = ok(store.snapshot().await)?;
    same("a snapshot's daily totals", &ok(snapshot.daily_totals(all))?, &totals)?;
    let none = Day::MAX..=start;
    same("the totals of no days", &ok(store.daily_totals(none).await)?, &Vec::new())
}

async fn check_snapshot(store: &dyn Store, expected: &Expected<'_>) -> Verdict {
    let mut snapshot = ok(store.snapshot().await)?;
    let sample = expected.sample;
    same("a snapshot's clock", &ok(snapshot.world())?.clock, &sample.clock)?;
    same("a snapshot's ledger", &ok(snapshot.ledger())?, &expected.ledger())?;
    let users = read_all(|after, limit| snapshot.users(after, limit), |user| user.id.number())?;
    same("a snapshot's users", &users, &sample.users)?;
    let accounts = read_all(|after, limit| snapshot.accounts(after, limit), |a| a.id.number())?;
    let all = sample.accounts.iter().map(|a| expected.account(a.id)).collect();
    same("a snapshot's accounts", &accounts, &all)?;
    let cards = read_all(|after, limit| snapshot.cards(after, limit), |card| card.id.number())?;
    let all = sample.cards.iter().map(|card| expected.card(card.id)).collect();
    same("a snapshot's cards", &cards, &all)?;

    let last = sample.accounts[2].id.number();
    for last in [last, i64::MAX] {
        let mut found = PostingBatch::default();
        let mut after = (0, 0);
        loop {
            let before = found.len();
            ok(snapshot.postings(after, last, 7, &mut found))?;
            if found.len() == before {
                break;
            }
            after = (found.account[found.len() - 1], found.sequence[found.len() - 1]);
        }
        let mut all: Vec<_> =
            expected.postings.iter().filter(|p| p.account.number() <= last).copied().collect();
        all.sort_by_key(|posting| (posting.account, posting.sequence));
        same("a snapshot's postings", &found.iter().collect(), &all)?;
    }
    for (number, text) in (0..).zip(&expected.catalog().descriptions) {
        same("a description", &*ok(snapshot.description(number))?, text.as_str())?;
    }
    Ok(())
}

fn read_all<T>(
    mut read: impl FnMut(i64, usize) -> Result<Vec<T>, StoreError>,
    number: impl Fn(&T) -> i64,
) -> Result<Vec<T>, String> {
    let mut all = Vec::new();
    loop {
        let part = ok(read(all.last().map_or(0, &number), 2))?;
        if part.is_empty() {
            return Ok(all);
        }
        all.extend(part);
    }
}

pub(crate) fn ok<T>(answer: Result<T, StoreError>) -> Result<T, String> {
    answer.map_err(|error| error.to_string())
}

pub(crate) fn same<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, expected: &T) -> Verdict {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} is {found:?} instead of {expected:?}"))
}
