//! The suite of every teller over `PostgreSQL`, and that it catches what is broken here too.

use std::sync::Arc;

use mockbank_bank::counter::Policy;
use mockbank_bank::{AccountKind, Money};
use mockbank_store::TellerSettings;
use mockbank_store::postgres::{PostgresStore, PostgresTeller};
use mockbank_store::{IfPresent, Teller};

use super::sample::Sample;
use super::teller::broken::{Broken, Fault};
use super::teller::{self, Counter, Disk};
use super::throwaway::Server;

/// A database whose commits fail by a check that waits until then.
struct PostgresDisk {
    server: Arc<Server>,
    url: String,
}

impl Disk for PostgresDisk {
    fn fail_commits(&self, fail: bool) {
        let sql = if fail {
            "CREATE OR REPLACE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'the disk is gone'; END $$;
             CREATE CONSTRAINT TRIGGER fail_with_posting AFTER INSERT ON mockbank.posting
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail()"
        } else {
            "DROP TRIGGER IF EXISTS fail_with_posting ON mockbank.posting"
        };
        self.server.query(&self.url, sql);
    }
}

async fn counter(server: &Arc<Server>, settings: TellerSettings) -> Counter {
    let (server, url) = (Arc::clone(server), server.database());
    let world = Sample::new(3).world;
    let building = PostgresStore::build(&url, &world, IfPresent::Refuse).await.unwrap();
    building.finish().unwrap();
    let mut writer = PostgresStore::open_for_writing(&url).await.unwrap();
    teller::add_customers(&mut writer, world.start.start());
    drop(writer);
    let store = Arc::new(PostgresStore::open(&url).await.unwrap());
    let teller = Arc::new(PostgresTeller::open(&url, settings).await.unwrap());
    Counter { teller, store, disk: Box::new(PostgresDisk { server, url }) }
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn postgres_carries_out() {
    let server = Arc::new(Server::start());
    let counter = counter(&server, TellerSettings::default()).await;
    if let Err(wrong) = teller::story::story(&counter).await {
        panic!("{wrong}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn broken_tellers_are_caught() {
    let server = Arc::new(Server::start());
    for fault in Fault::ALL {
        let mut settings = TellerSettings::default();
        if fault == Fault::AllowsOverdraft {
            let overdraft = Money::from_minor(teller::OPENING * 100);
            settings.policy = Policy::default().with_overdraft(AccountKind::Checking, overdraft);
        }
        let mut counter = counter(&server, settings).await;
        let store = Arc::clone(&counter.store);
        counter.teller = Arc::new(Broken::new(counter.teller, store, fault)) as Arc<dyn Teller>;
        let verdict = teller::story::story(&counter).await;
        assert!(verdict.is_err(), "{fault:?} was not caught");
    }
}
