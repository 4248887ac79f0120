//! Steps: kept whole or not at all, refused where they contradict themselves.

use std::slice::from_ref;

use mockbank_bank::rules::{Book, Entry, post_to_deposit};
use mockbank_bank::{
    Account, AccountId, AccountStatus, BankAccount, Instant, LedgerAccount, Money, Posting,
    PostingBatch, PostingKind, User, UserId,
};
use mockbank_store::{Books, Step, Store, StoreError, Writer};

use super::directory;
use super::expected::Expected;
use super::reads::{Verdict, check, ok, same};
use super::sample::Sample;

/// What is read must be right after a bulk step, after steps of a day each, after steps that
/// were dropped, and after steps that were refused.
pub(crate) async fn story(writer: &mut dyn Writer, store: &dyn Store) -> Verdict {
    let mut sample = Sample::new(3);
    let mut postings = Vec::new();
    let mut step = ok(writer.begin())?;
    ok(step.add_customers(&sample.users, &sample.accounts, &sample.cards))?;
    live(&mut *step, &mut sample, 120, &mut postings)?;
    ok(step.commit(sample.clock))?;
    check(store, &Expected { sample: &sample, postings: &postings }).await?;

    for _ in 0..3 {
        let mut step = ok(writer.begin())?;
        check_holders(&mut *step, &sample)?;
        live(&mut *step, &mut sample, 1, &mut postings)?;
        ok(step.commit(sample.clock))?;
    }
    let expected = Expected { sample: &sample, postings: &postings };
    check(store, &expected).await?;

    drop_a_step(writer)?;
    refuse_bad_steps(writer)?;
    refuse_newcomers_from_elsewhere(writer, &sample)?;
    check(store, &expected).await?;
    check_settings(writer, store).await?;
    check_old_snapshot(writer, store, sample).await?;
    directory::story(writer, store).await
}

/// Lives some days within a step.
pub(crate) fn live(
    step: &mut (dyn Step + Send),
    sample: &mut Sample,
    days: u16,
    postings: &mut Vec<Posting>,
) -> Verdict {
    let batch = sample.live(days);
    ok(step.append(&batch))?;
    ok(step.save(&sample.saved()))?;
    postings.extend(batch.iter());
    Ok(())
}

/// Customers come back with their books and memories, also in several parts.
fn check_holders(step: &mut (dyn Step + Send), sample: &Sample) -> Verdict {
    let mut after = 0;
    let mut books = Vec::new();
    loop {
        let holders = ok(step.holders(after, 3))?;
        let Some(last) = holders.last() else { break };
        after = last.user.id.number();
        for holder in holders {
            for (account, cards, book) in &holder.accounts {
                same("a holder's balance", &account.balance, &book.balance)?;
                same("a holder's cards", &cards.len(), &book.cards.len())?;
            }
            let own = holder.accounts.into_iter().map(|(_, _, book)| book).collect();
            books.push(Books { user: holder.user.id, books: own, memory: holder.memory });
        }
    }
    same("the holders' books", &books, &sample.saved())
}

fn drop_a_step(writer: &mut dyn Writer) -> Verdict {
    let mut step = ok(writer.begin())?;
    let (batch, mut books) = one_posting(&mut *step, Money::from_minor(-1000))?;
    let before = ok(step.inactive_users())?;
    same("the first is active", &before.contains(&books.user.number()), &false)?;
    books.books[0].status = AccountStatus::Frozen;
    let user = books.user.number();
    ok(step.append(&batch))?;
    ok(step.save(&[books]))?;
    same("the first is frozen", &ok(step.inactive_users())?, &[&[user][..], &before].concat())?;
    drop(step);
    Ok(())
}

/// Posts an amount to the first account.
pub(crate) fn post_to_the_first(writer: &mut dyn Writer, amount: Money) -> Verdict {
    let mut step = ok(writer.begin())?;
    let clock = ok(step.world())?.clock;
    let (batch, books) = one_posting(&mut *step, amount)?;
    ok(step.append(&batch))?;
    ok(step.save(&[books]))?;
    ok(step.commit(clock))
}

/// A manual posting on the first account, and the book behind it.
fn one_posting(
    step: &mut (dyn Step + Send),
    amount: Money,
) -> Result<(PostingBatch, Books), String> {
    let clock = ok(step.world())?.clock;
    let holder = ok(step.holders(0, 1))?.remove(0);
    let (_, _, mut book) = holder.accounts.into_iter().next().ok_or("the first has no account")?;
    let batch = manual_posting(&mut book, amount, clock)?;
    Ok((batch, Books { user: holder.user.id, books: vec![book], memory: holder.memory }))
}

/// Posts an amount to an account by hand.
fn manual_posting(book: &mut Book, amount: Money, at: Instant) -> Result<PostingBatch, String> {
    let entry = Entry {
        at,
        kind: PostingKind::Manual,
        category: 3,
        contra: LedgerAccount::Bank(BankAccount::ManualEntries),
        description: 2,
        place: 0,
        reference: None,
        group: None,
    };
    let posting = post_to_deposit(book, amount, &entry).map_err(|refusal| refusal.to_string())?;
    let mut batch = PostingBatch::default();
    batch.push(&posting);
    Ok(batch)
}

/// What is done to a good step to make it a bad one.
type Spoil = fn(&mut PostingBatch, &mut Books);

const BAD: [(&str, Spoil); 13] = [
    ("a gap", |batch, _| batch.sequence[0] += 1),
    ("a sequence twice", |batch, _| batch.sequence[0] -= 1),
    ("no amount", |batch, _| batch.amount[0] = 0),
    ("another amount", |batch, _| batch.amount[0] += 1),
    ("another balance", |batch, _| batch.balance[0] += 1),
    ("an unknown account", |batch, _| batch.account[0] = 999),
    ("an unknown category", |batch, _| batch.category[0] = 999),
    ("an unknown description", |batch, _| batch.description[0] = 999),
    ("an unknown place", |batch, _| batch.place[0] = 999),
    ("an unknown hub", |batch, _| batch.contra[0] = 999 << 2 | 1),
    ("one side of a transfer", |batch, _| batch.contra[0] = 2 << 2 | 2),
    ("a posting of the future", |batch, books| {
        batch.at[0] += 1;
        books.books[0].latest = Instant::from_seconds(batch.at[0]);
    }),
    ("a book elsewhere", |_, books| books.books[0].postings += 1),
];

fn refuse_bad_steps(writer: &mut dyn Writer) -> Verdict {
    for (what, spoil) in BAD {
        let mut step = ok(writer.begin())?;
        let clock = ok(step.world())?.clock;
        let (mut batch, mut books) = one_posting(&mut *step, Money::from_minor(-1000))?;
        spoil(&mut batch, &mut books);
        let result = step
            .append(&batch)
            .and_then(|()| step.save(&[books]))
            .and_then(|()| step.commit(clock));
        refused(what, result)?;
    }
    let mut step = ok(writer.begin())?;
    let clock = ok(step.world())?.clock;
    let (batch, _) = one_posting(&mut *step, Money::from_minor(-1000))?;
    ok(step.append(&batch))?;
    refused("a book that is not saved", step.commit(clock))?;

    let step = ok(writer.begin())?;
    let before = Instant::from_seconds(clock.seconds() - 1);
    refused("a clock that goes back", step.commit(before))?;

    let mut step = ok(writer.begin())?;
    let holder = ok(step.holders(0, 1))?.remove(0);
    refused("a customer twice", step.add_customers(&[holder.user], &[], &[]))?;
    refused("what comes after a failure", step.commit(clock))
}

/// What a new account's first postings start from is what it was opened with, and its owner is who
/// opened it.
fn refuse_newcomers_from_elsewhere(writer: &mut dyn Writer, sample: &Sample) -> Verdict {
    let number = sample.accounts.iter().map(|account| account.id.number()).max();
    let id = AccountId::new(number.unwrap_or(0) + 1);
    let (opened, other) = (Money::from_minor(5_000), Money::from_minor(6_000));
    let user = UserId::new(sample.users.len().cast_signed() as i64 + 1);
    let newcomer = User { id: user, username: "newcomer".to_owned(), ..sample.users[0].clone() };
    let account = Account {
        id,
        user,
        opening_balance: opened,
        balance: opened,
        postings: 0,
        ..sample.accounts[0].clone()
    };
    for (what, balance, owner) in [
        ("a new book that begins elsewhere", other, user),
        ("a new book of somebody else", opened, sample.users[0].id),
    ] {
        let mut step = ok(writer.begin())?;
        let clock = ok(step.world())?.clock;
        ok(step.add_customers(from_ref(&newcomer), from_ref(&account), &[]))?;
        let mut book = Book {
            account: id,
            status: AccountStatus::Active,
            currency: account.currency,
            balance,
            held: Money::ZERO,
            postings: 0,
            latest: Instant::default(),
            cards: Vec::new(),
        };
        let batch = manual_posting(&mut book, Money::from_minor(-1_000), clock)?;
        ok(step.append(&batch))?;
        let books = Books { user: owner, books: vec![book], memory: Vec::new() };
        refused(what, step.save(&[books]))?;
    }
    Ok(())
}

fn refused(what: &str, result: Result<(), StoreError>) -> Verdict {
    match result {
        Err(StoreError::InvalidStep(_)) => Ok(()),
        Err(error) => Err(format!("{what} was no invalid step but: {error}")),
        Ok(()) => Err(format!("{what} was kept")),
    }
}

async fn check_settings(writer: &mut dyn Writer, store: &dyn Store) -> Verdict {
    for value in ["one", "two"] {
        ok(writer.put_setting("secret", value))?;
        let found = ok(store.setting("secret").await)?;
        same("a setting", &found.as_deref(), &Some(value))?;
    }
    let mut step = ok(writer.begin())?;
    let clock = ok(step.world())?.clock;
    let user = ok(step.holders(0, 1))?.remove(0).user;
    ok(step.set_password(user.id, "his own"))?;
    ok(step.commit(clock))?;
    let found = ok(store.credentials(&user.username).await)?;
    same("his password", &found.map(|found| found.password_hash).as_deref(), &Some("his own"))
}

/// A snapshot does not see what is written after it was taken.
async fn check_old_snapshot(
    writer: &mut dyn Writer,
    store: &dyn Store,
    mut sample: Sample,
) -> Verdict {
    let mut snapshot = ok(store.snapshot().await)?;
    let before = ok(snapshot.world())?;
    let mut step = ok(writer.begin())?;
    live(&mut *step, &mut sample, 5, &mut Vec::new())?;
    ok(step.commit(sample.clock))?;
    same("an old snapshot", &ok(snapshot.world())?, &before)?;
    same("an old snapshot's ledger", &ok(snapshot.ledger())?.sum(), &0)?;
    same("the clock now", &ok(store.world().await)?.clock, &sample.clock)
}
