//! What becomes of a database around a world: made, replaced, locked, lost and found again.

use mockbank_bank::Day;
use mockbank_store::postgres::PostgresStore;
use mockbank_store::{IfPresent, NewWorld, Store as _, StoreError, Writer as _};
use tokio_postgres::NoTls;

use super::sample::Sample;
use super::throwaway::Server;
use super::{empty_world, writes};

fn named(preset: &str) -> NewWorld {
    NewWorld { preset: preset.to_owned(), ..Sample::new(1).world }
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn a_world_is_there_as_a_whole_or_not_at_all() {
    let server = Server::start();
    let url = server.database();
    let missing = PostgresStore::open(&url).await;
    assert!(matches!(missing, Err(StoreError::NoWorld(_))), "{missing:?}");

    let building = PostgresStore::build(&url, &named("first"), IfPresent::Refuse).await.unwrap();
    let unfinished = PostgresStore::open(&url).await;
    assert!(matches!(unfinished, Err(StoreError::NoWorld(_))), "{unfinished:?}");
    drop(building);
    let dropped = PostgresStore::open(&url).await;
    assert!(matches!(dropped, Err(StoreError::NoWorld(_))), "{dropped:?}");

    let building = PostgresStore::build(&url, &named("second"), IfPresent::Refuse).await.unwrap();
    building.finish().unwrap();
    let refused = PostgresStore::build(&url, &named("third"), IfPresent::Refuse).await;
    assert!(matches!(refused, Err(StoreError::WorldExists(_))), "{refused:?}");
    let replacing = PostgresStore::build(&url, &named("third"), IfPresent::Replace).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    assert_eq!(store.world().await.unwrap().preset, "second");
    replacing.finish().unwrap();
    assert_eq!(store.world().await.unwrap().preset, "third");
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn one_writes_at_a_time_and_others_learn_who() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let first = PostgresStore::open_for_writing(&url).await.unwrap();
    let refused = PostgresStore::open_for_writing(&url).await.unwrap_err().to_string();
    let process = format!("process {}", std::process::id());
    assert!(refused.contains("another process is writing"), "{refused}");
    assert!(refused.contains(&process), "{refused}");
    drop(first);
    PostgresStore::open_for_writing(&url).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn what_was_posted_can_not_be_changed() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let mut sample = Sample::new(3);
    let mut step = writer.begin().unwrap();
    step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    writes::live(&mut *step, &mut sample, 3, &mut Vec::new()).unwrap();
    step.commit(sample.clock).unwrap();

    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    for change in [
        "UPDATE mockbank.posting SET amount = amount + 1",
        "DELETE FROM mockbank.posting",
        "TRUNCATE mockbank.posting",
        "UPDATE mockbank.seal SET postings = 1",
        "DELETE FROM mockbank.seal",
    ] {
        let refused = client.batch_execute(change).await.unwrap_err();
        let said = refused.as_db_error().unwrap().message();
        assert!(said.contains("append-only"), "{change}: {said}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn a_world_of_the_first_format_gets_its_sums() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    let mut sample = Sample::new(3);
    let mut step = writer.begin().unwrap();
    step.add_customers(&sample.users, &sample.accounts, &sample.cards).unwrap();
    writes::live(&mut *step, &mut sample, 30, &mut Vec::new()).unwrap();
    step.commit(sample.clock).unwrap();
    drop(writer);
    let store = PostgresStore::open(&url).await.unwrap();
    let all = || Day::default()..=Day::MAX;
    let before = (store.ledger().await.unwrap(), store.daily_totals(all()).await.unwrap());
    assert!(before.0.deposits > 0 && before.0.card_debt > 0 && before.1.len() > 30);

    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let back = "DROP TABLE mockbank.job, mockbank.daily_total, mockbank.teller,
                    mockbank.idempotency;
                ALTER TABLE mockbank.world ADD COLUMN customers bigint,
                    ADD COLUMN accounts bigint, ADD COLUMN cards bigint,
                    ADD COLUMN transactions bigint;
                UPDATE mockbank.world w SET customers = c.customers, accounts = c.accounts,
                    cards = c.cards, transactions = c.transactions FROM mockbank.counts c;
                DROP TABLE mockbank.counts;
                UPDATE mockbank.format SET version = 1";
    client.batch_execute(back).await.unwrap();
    let refused = PostgresStore::open(&url).await.unwrap_err().to_string();
    assert!(refused.contains("a command that writes"), "{refused}");
    PostgresStore::open_for_writing(&url).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    let after = (store.ledger().await.unwrap(), store.daily_totals(all()).await.unwrap());
    assert_eq!(after, before);
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn reads_go_on_after_the_server_was_restarted() {
    let server = Server::start();
    let url = server.database();
    empty_world(&url).await;
    let store = PostgresStore::open(&url).await.unwrap();
    let before = store.world().await.unwrap();
    server.stop();
    assert!(matches!(store.world().await, Err(StoreError::Database(_))));
    server.run();
    assert_eq!(store.world().await.unwrap(), before);
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn a_schema_of_another_program_is_left_alone() {
    let server = Server::start();
    let url = server.database();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE SCHEMA mockbank CREATE TABLE theirs (number int)").await.unwrap();
    let read = PostgresStore::open(&url).await;
    assert!(matches!(read, Err(StoreError::NotOurs(_))), "{read:?}");
    let built = PostgresStore::build(&url, &named("ours"), IfPresent::Replace).await;
    assert!(matches!(built, Err(StoreError::NotOurs(_))), "{built:?}");
}
