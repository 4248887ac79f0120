//! What every teller and store must do with jobs.

use mockbank_store::{JobEntry, JobState, Store, Teller};

use crate::reads::{Verdict, ok, same};

async fn begin(teller: &dyn Teller) -> Result<Box<dyn JobEntry>, String> {
    let body = |number| format!("job {number} begins").into_bytes();
    ok(teller.begin_job(Box::new(body)).await)
}

/// What is told of a job to whoever asks.
async fn is_told(store: &dyn Store, number: i64, state: JobState, text: &str) -> Verdict {
    let record = ok(store.job(number).await)?.ok_or("a job is not known")?;
    let told = (record.state, String::from_utf8_lossy(&record.body).into_owned());
    same("what is told of a job", &told, &(state, text.to_owned()))
}

/// Jobs that end, that never begin, and that are left in the middle.
pub(crate) async fn story(teller: &dyn Teller, store: &dyn Store) -> Verdict {
    let first = begin(teller).await?;
    let second = begin(teller).await?;
    let (number, other) = (first.number(), second.number());
    is_told(store, number, JobState::Running, &format!("job {number} begins")).await?;
    ok(first.keep(b"half".to_vec(), false).await)?;
    is_told(store, number, JobState::Running, "half").await?;
    ok(first.keep(b"whole".to_vec(), true).await)?;
    drop(first);
    is_told(store, other, JobState::Running, &format!("job {other} begins")).await?;
    ok(second.remove().await)?;
    drop(second);
    same("a job that did nothing", &ok(store.job(other).await)?, &None)?;
    let third = begin(teller).await?;
    let left = third.number();
    if left <= other || other <= number {
        return Err(format!("jobs got the numbers {number}, {other}, {left}"));
    }
    drop(third);
    // Behind what the drop had begun.
    ok(teller.with_writer(Box::new(|_| ())).await)?;
    is_told(store, left, JobState::Interrupted, &format!("job {left} begins")).await?;
    is_told(store, number, JobState::Ended, "whole").await?;
    same("a job that nobody began", &ok(store.job(left + 1).await)?, &None)
}
