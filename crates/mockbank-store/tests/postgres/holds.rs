//! Holds and the audit log, written as a teller would.

use mockbank_bank::{AccountId, HoldId, HoldState, Instant, Money};
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{Page, Store as _, Writer as _};
use tokio_postgres::NoTls;

use super::sample::Sample;
use super::throwaway::Server;
use super::{empty_world, writes};

const PAGE: Page = Page { number: 1, size: 10 };

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn holds_are_found_and_expire_with_the_step_that_passes_their_time() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let mut sample = Sample::new(3);
    let mut step = writer.begin().unwrap();
    step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    writes::live(&mut *step, &mut sample, 3, &mut Vec::new()).unwrap();
    step.commit(sample.clock).unwrap();

    let now = sample.clock.seconds();
    let (soon, later) = (now + 60, now + 10_000_000);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let held = format!(
        "INSERT INTO mockbank.hold (number, payer, payee, amount, authorised_at, expires_at, state)
         VALUES (1, 1, 2, 100, {now}, {soon}, 0), (2, 1, 2, 20, {now}, {soon}, 0),
             (3, 1, 3, 3, {now}, {later}, 0);
         UPDATE mockbank.account SET held = 123 WHERE number = 1;
         INSERT INTO mockbank.audit (number, at, received_at, actor, act)
         VALUES (1, {now}, 7, 'admin', 'first'), (2, {now}, 8, 'admin', 'second')"
    );
    client.batch_execute(&held).await.unwrap();

    let store = PostgresStore::open(&url).await.unwrap();
    let account = AccountId::new(1);
    let money = |minor| Some(Money::from_minor(minor));
    assert_eq!(store.held(account).await.unwrap(), money(123));
    let hold = store.hold(HoldId::new(1)).await.unwrap().unwrap();
    assert_eq!((hold.amount, hold.state), (Money::from_minor(100), HoldState::Pending));
    let log = store.audit_log(Page { number: 1, size: 1 }).await.unwrap();
    assert_eq!((log.total, log.items[0].act.as_str()), (2, "second"));

    let step = writer.begin().unwrap();
    step.commit(Instant::from_seconds(soon)).unwrap();
    assert_eq!(store.held(account).await.unwrap(), money(3));
    let holds = store.holds_of(account, PAGE).await.unwrap();
    let states: Vec<_> = holds.items.iter().map(|hold| (hold.id.number(), hold.state)).collect();
    let [pending, expired] = [HoldState::Pending, HoldState::Expired];
    assert_eq!((holds.total, states), (3, vec![(3, pending), (2, expired), (1, expired)]));
}
