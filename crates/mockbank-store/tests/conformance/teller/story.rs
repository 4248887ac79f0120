//! The story that a teller must live through.

use mockbank_bank::command::{BatchMode, CardOrder, Command, ManualTarget};
use mockbank_bank::{AccountId, AccountKind, CardId, Currency, HoldId, Instant, Money, UserId};
use mockbank_store::{
    Answer, Audit, Idempotency, Page, Request, Result, Store, StoreError, Teller, Writer,
};

use super::{CUSTOMERS, Counter, OPENING, answer, give, key, order, transfer};
use crate::jobs;
use crate::reads::{Verdict, ok, same};

/// Seconds for which a key is kept.
const KEY_LIFETIME: i64 = 24 * 60 * 60;

/// Commands that are given at once.
const TOGETHER: i64 = 24;

/// All of it, on a new world.
pub(crate) async fn story(counter: &Counter) -> Verdict {
    let Counter { teller, store, disk } = counter;
    let (teller, store) = (&**teller, &**store);
    transfers_and_refusals(teller, store).await?;
    keys(teller, store).await?;
    groups(teller, store).await?;
    batches(teller, store).await?;
    holds(teller, store).await?;
    currencies(teller, store).await?;
    audit(teller, store).await?;
    jobs::story(teller, store).await?;
    clock(teller, store).await?;
    failing_disk(counter, teller, store).await?;
    disk.fail_commits(false);
    whole(store).await
}

async fn balance(store: &dyn Store, number: i64) -> Result<i64, String> {
    let account = ok(store.account(AccountId::new(number)).await)?;
    Ok(account.ok_or("an account is gone")?.balance.minor())
}

/// Whether nothing was invented or lost.
async fn whole(store: &dyn Store) -> Verdict {
    let ledger = ok(store.ledger().await)?;
    same("the deposits", &ledger.deposits, &i128::from(OPENING * CUSTOMERS))?;
    same("the ledger's sum", &ledger.sum(), &0)
}

/// All that a reader can see of what commands change.
async fn sight(store: &dyn Store) -> Result<String, String> {
    let page = Page { number: 1, size: 1000 };
    let mut sight = format!("{:?} {:?}", ok(store.world().await)?, ok(store.ledger().await)?);
    for number in 1..=CUSTOMERS {
        let id = AccountId::new(number);
        let account = ok(store.account(id).await)?;
        let held = ok(store.held(id).await)?;
        let holds = ok(store.holds_of(id, page).await)?;
        sight = format!("{sight} {account:?} {held:?} {:?}", holds.items);
    }
    Ok(format!("{sight} {:?}", ok(store.audit_log(page).await)?.items))
}

fn is_refused(answer: &Answer, code: &str) -> Verdict {
    let body = String::from_utf8_lossy(&answer.reply.body).into_owned();
    same("the refusal", &(answer.reply.status, &*body), &(409, code))
}

/// Gives a command that must be carried out now, and not answered from memory.
async fn carried(
    teller: &dyn Teller,
    command: Command,
    key: Option<Idempotency>,
) -> Result<Answer, String> {
    let done = ok(give(teller, command, key).await)?;
    same("the status and the replay", &(done.reply.status, done.replayed), &(201, false))?;
    Ok(done)
}

async fn transfers_and_refusals(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    carried(teller, transfer(1, 2, 10), None).await?;
    let balances = (balance(store, 1).await?, balance(store, 2).await?);
    same("balances behind a transfer", &balances, &(OPENING - 10, OPENING + 10))?;
    let before = sight(store).await?;
    for (command, code) in [
        (transfer(1, 2, OPENING), "insufficient_funds"),
        (transfer(1, 1, 5), "same_account"),
        (transfer(1, 99, 5), "unknown_account"),
        (transfer(1, 2, 0), "amount_not_positive"),
        (Command::VoidHold { hold: HoldId::new(99) }, "unknown_hold"),
    ] {
        is_refused(&ok(give(teller, command, None).await)?, code)?;
        same("what a refusal leaves", &sight(store).await?, &before)?;
    }
    Ok(())
}

async fn keys(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let before = balance(store, 2).await?;
    let first = carried(teller, transfer(1, 2, 10), Some(key("a"))).await?;
    for _ in 0..3 {
        let again = ok(give(teller, transfer(1, 2, 10), Some(key("a"))).await)?;
        same("a repeated answer", &(again.replayed, &again.reply), &(true, &first.reply))?;
    }
    same("the effect of a repeated command", &balance(store, 2).await?, &(before + 10))?;
    let other = Idempotency { fingerprint: [8; 32], ..key("a") };
    match give(teller, transfer(1, 2, 11), Some(other)).await {
        Err(StoreError::KeyReused) => {}
        other => return Err(format!("a key came with another request: {other:?}")),
    }
    let stranger = Idempotency { owner: "u_2".to_owned(), ..key("a") };
    carried(teller, transfer(1, 2, 10), Some(stranger)).await?;
    let late = |seconds| Idempotency { received_at: key("a").received_at + seconds, ..key("a") };
    let in_time = give(teller, transfer(1, 2, 10), Some(late(KEY_LIFETIME - 1))).await;
    same("a replay in time", &ok(in_time)?.replayed, &true)?;
    carried(teller, transfer(1, 2, 10), Some(late(KEY_LIFETIME))).await?;
    same("the effects of a key", &balance(store, 2).await?, &(before + 30))?;
    // What was refused may be tried again with the same key.
    let spare = balance(store, 3).await?;
    let refused = ok(give(teller, transfer(3, 1, spare + 1), Some(key("b"))).await)?;
    is_refused(&refused, "insufficient_funds")?;
    carried(teller, transfer(2, 3, 1), None).await?;
    carried(teller, transfer(3, 1, spare + 1), Some(key("b"))).await?;
    carried(teller, transfer(1, 3, spare), None).await?;
    Ok(())
}

/// Commands that come together, each with a key, and each of them twice.
async fn groups(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let before = (balance(store, 1).await?, balance(store, 4).await?);
    let commands = (0..TOGETHER * 2).map(|number| {
        let amount = number % TOGETHER + 1;
        give(teller, transfer(1, 4, amount), Some(key(&format!("together {amount}"))))
    });
    let mut answers = Vec::new();
    for done in join_all(commands.collect()).await {
        answers.push(ok(done)?);
    }
    let replayed = answers.iter().filter(|answer| answer.replayed).count();
    same("repetitions", &replayed, &usize::try_from(TOGETHER).unwrap_or_default())?;
    let (first, second) = answers.split_at(answers.len() / 2);
    for (first, second) in first.iter().zip(second) {
        same("the two answers to a key", &first.reply, &second.reply)?;
    }
    let mut bodies: Vec<_> = first.iter().map(|answer| &answer.reply.body).collect();
    bodies.sort();
    bodies.dedup();
    same("different answers", &bodies.len(), &first.len())?;
    let moved = TOGETHER * (TOGETHER + 1) / 2;
    let after = (balance(store, 1).await?, balance(store, 4).await?);
    same("balances behind a group", &after, &(before.0 - moved, before.1 + moved))?;
    whole(store).await
}

async fn batches(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let orders = vec![order(2, 3, 5), order(2, 3, OPENING * 10), order(2, 3, 7)];
    let before = sight(store).await?;
    let atomic = Command::Batch { mode: BatchMode::Atomic, orders: orders.clone() };
    is_refused(&ok(give(teller, atomic, None).await)?, "insufficient_funds")?;
    same("what a refused batch leaves", &sight(store).await?, &before)?;
    let balance_before = balance(store, 3).await?;
    let independent = Command::Batch { mode: BatchMode::Independent, orders };
    carried(teller, independent, Some(key("batch"))).await?;
    same("the effect of a batch", &balance(store, 3).await?, &(balance_before + 12))
}

async fn holds(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let held = async || {
        let held = ok(store.held(AccountId::new(4)).await)?;
        Ok::<_, String>(held.map(Money::minor))
    };
    let before = balance(store, 1).await?;
    let authorise = || Command::Authorise { order: order(4, 1, 300), expires_in: 3600 };
    for _ in 0..3 {
        carried(teller, authorise(), None).await?;
    }
    same("what is held", &held().await?, &Some(900))?;
    let of_user = ok(store.held_of(UserId::new(4)).await)?;
    let of_user: Vec<_> = of_user.iter().map(|(account, held)| (*account, held.minor())).collect();
    same("what is held of a customer", &of_user, &vec![(AccountId::new(4), 900)])?;
    same("what is held of another", &ok(store.held_of(UserId::new(1)).await)?, &Vec::new())?;
    let all = balance(store, 4).await? - 899;
    is_refused(&ok(give(teller, transfer(4, 1, all), None).await)?, "insufficient_funds")?;
    let [posted, voided, expired] = [1, 2, 3].map(HoldId::new);
    carried(teller, Command::PostHold { hold: posted, amount: None }, None).await?;
    carried(teller, Command::VoidHold { hold: voided }, None).await?;
    same("what is held", &held().await?, &Some(300))?;
    for hold in [posted, voided] {
        for command in [Command::PostHold { hold, amount: None }, Command::VoidHold { hold }] {
            is_refused(&ok(give(teller, command, None).await)?, "hold_resolved")?;
        }
    }
    same("what a hold moved", &balance(store, 1).await?, &(before + 300))?;
    pass(teller, 3600).await?;
    same("what is held", &held().await?, &Some(0))?;
    let late = Command::PostHold { hold: expired, amount: None };
    is_refused(&ok(give(teller, late, None).await)?, "hold_expired")?;
    whole(store).await
}

/// The bank's own accounts are the other side of accounts in the world's currency alone.
async fn currencies(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let foreign = AccountId::new(CUSTOMERS + 1);
    let open = || Command::OpenAccount {
        user: UserId::new(1),
        kind: AccountKind::Checking,
        currency: Currency::EUR,
    };
    carried(teller, open(), None).await?;
    carried(teller, open(), None).await?;
    let card = CardOrder {
        account: foreign,
        limit: Money::from_minor(OPENING),
        billing_day: 1,
        profile: "FRUGAL".to_owned(),
        last_four: 1234,
        valid_years: 1,
    };
    carried(teller, Command::IssueCard(card), None).await?;
    let by_hand = |target, amount| Command::Manual {
        target,
        amount: Money::from_minor(amount),
        description: Some("by hand".to_owned()),
    };
    let before = sight(store).await?;
    for (command, code) in [
        (by_hand(ManualTarget::Account(foreign), 50), "currency_mismatch"),
        (by_hand(ManualTarget::Account(foreign), -50), "currency_mismatch"),
        (by_hand(ManualTarget::Card(CardId::new(1)), -50), "currency_mismatch"),
        (transfer(1, CUSTOMERS + 1, 5), "currency_mismatch"),
        (transfer(CUSTOMERS + 1, CUSTOMERS + 2, 5), "insufficient_funds"),
    ] {
        is_refused(&ok(give(teller, command, None).await)?, code)?;
        same("what a refusal leaves", &sight(store).await?, &before)?;
    }
    carried(teller, by_hand(ManualTarget::Account(AccountId::new(1)), 50), None).await?;
    carried(teller, by_hand(ManualTarget::Account(AccountId::new(1)), -50), None).await?;
    carried(teller, Command::CloseAccount { account: foreign }, None).await?;
    let empty =
        ok(store.account(foreign).await)?.map(|account| (account.currency, account.balance));
    same("an account in another currency", &empty, &Some((Currency::EUR, Money::ZERO)))
}

async fn audit(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let audit = || Audit { actor: "admin".to_owned(), received_at: 5 };
    for amount in [1, OPENING * 10] {
        let command = transfer(1, 2, amount);
        let render = Box::new(answer);
        let request = Request { command, idempotency: None, audit: Some(audit()), render };
        ok(teller.execute(request).await)?;
    }
    ok(teller.record(audit(), "advance the clock".to_owned()).await)?;
    let log = ok(store.audit_log(Page { number: 1, size: 10 }).await)?;
    let lines: Vec<_> =
        log.items.iter().map(|entry| (&*entry.act, entry.refusal.as_deref())).collect();
    let expected = [
        ("advance the clock", None),
        ("transfer 10000.00 from acc_1 to acc_2", Some("insufficient_funds")),
        ("transfer 0.01 from acc_1 to acc_2", None),
    ];
    same("the audit log", &lines.as_slice(), &expected.as_slice())
}

/// Lets time pass without a posting.
async fn pass(teller: &dyn Teller, seconds: i64) -> Verdict {
    let act = move |writer: &mut dyn Writer| {
        let mut step = writer.begin().unwrap();
        let clock = step.world().unwrap().clock;
        step.commit(Instant::from_seconds(clock.seconds() + seconds)).unwrap();
    };
    ok(teller.with_writer(Box::new(act)).await)
}

async fn clock(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let before = ok(store.world().await)?.clock;
    pass(teller, 77).await?;
    let after = ok(store.world().await)?.clock;
    same("the clock", &after.seconds(), &(before.seconds() + 77))?;
    carried(teller, transfer(1, 2, 1), None).await?;
    let filter = mockbank_store::TransactionFilter::default();
    let page = Page { number: 1, size: 1 };
    let book = ok(store.transactions_of_account(AccountId::new(1), &filter, page).await)?;
    let latest = book.items.first().map(|line| line.posting.at);
    same("the date of a transfer", &latest, &Some(after))
}

/// A commit that fails takes its whole group with it, and the next goes on.
async fn failing_disk(counter: &Counter, teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let before = sight(store).await?;
    counter.disk.fail_commits(true);
    let commands = (0..TOGETHER)
        .map(|number| give(teller, transfer(1, 2, 3), Some(key(&format!("failing {number}")))));
    for failed in join_all(commands.collect()).await {
        match failed {
            Err(StoreError::Database(_)) => {}
            other => return Err(format!("a commit failed and the answer was {other:?}")),
        }
    }
    same("what a failed group leaves", &sight(store).await?, &before)?;
    counter.disk.fail_commits(false);
    let balance_before = balance(store, 2).await?;
    for number in 0..TOGETHER {
        carried(teller, transfer(1, 2, 3), Some(key(&format!("failing {number}")))).await?;
    }
    same("the effect", &balance(store, 2).await?, &(balance_before + 3 * TOGETHER))
}

/// Waits for all of some futures, which begin together.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}
