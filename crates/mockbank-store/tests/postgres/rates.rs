//! Counting the requests of clients, for several processes at once.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use mockbank_store::postgres::PostgresRates;
use mockbank_store::{Counted, Rate, RateCounter as _};

use crate::throwaway::Server;

/// So long that nothing comes back during a test.
const PERIOD: Duration = Duration::from_hours(1000);

fn rate(name: &'static str, requests: u32) -> Rate {
    Rate { name, requests: NonZeroU32::new(requests).unwrap(), period: PERIOD }
}

#[tokio::test]
#[ignore = "needs PostgreSQL's server programs"]
async fn a_request_counts_against_every_rate_or_none() {
    let server = Server::start();
    let url = server.database();
    let rates = PostgresRates::open(&url).await.unwrap();
    let both = [rate("narrow", 2), rate("wide", 3)];
    for used in 1..=2 {
        let Counted::Within(until_free) = rates.count("10.0.0.1", &both).await.unwrap() else {
            panic!("there was room for request {used}");
        };
        for (rate, until_free) in both.iter().zip(until_free) {
            let less = (rate.gap() * used).checked_sub(until_free).unwrap();
            assert!(less < Duration::from_mins(10), "{less:?} came back");
        }
    }
    let refused = rates.count("10.0.0.1", &both).await.unwrap();
    let Counted::TooEarly { rate: 0, wait } = refused else { panic!("{refused:?}") };
    let less = both[0].gap().checked_sub(wait).unwrap();
    assert!(less < Duration::from_mins(10), "{wait:?}");
    // The refusal took nothing of the wide rate.
    assert!(matches!(rates.count("10.0.0.1", &both[1..]).await, Ok(Counted::Within(_))));
    let refused = rates.count("10.0.0.1", &both[1..]).await.unwrap();
    assert!(matches!(refused, Counted::TooEarly { rate: 0, .. }), "{refused:?}");
    assert!(matches!(rates.count("10.0.0.2", &both).await, Ok(Counted::Within(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL's server programs"]
async fn processes_that_race_admit_no_request_too_many() {
    let server = Server::start();
    let url = server.database();
    let mut asking = Vec::new();
    for _ in 0..4 {
        let rates = Arc::new(PostgresRates::open(&url).await.unwrap());
        for _ in 0..8 {
            let rates = Arc::clone(&rates);
            asking.push(tokio::spawn(async move {
                let mut admitted = 0;
                for _ in 0..5 {
                    let counted = rates.count("10.0.0.1", &[rate("hundred", 100)]).await;
                    admitted += u32::from(matches!(counted.unwrap(), Counted::Within(_)));
                }
                admitted
            }));
        }
    }
    let mut admitted = 0;
    for asking in asking {
        admitted += asking.await.unwrap();
    }
    assert_eq!(admitted, 100);
}
