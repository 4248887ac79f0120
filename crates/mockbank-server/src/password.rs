//! Passwords: argon2id, checked on a bounded number of threads that let all others go first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, oneshot};

use crate::ServerError;
use crate::problem::Problem;

/// The hash of a password in the PHC string format: argon2id with the parameters that OWASP
/// recommends (19 MiB, two passes, one lane) and a random salt.
///
/// It takes some 20 ms of CPU by design.
pub fn hash_password(password: &str) -> Result<String, ServerError> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| ServerError::Password(error.to_string()))?;
    Ok(hash.to_string())
}

/// Checks and hashes passwords without holding up anything else.
pub(crate) struct Passwords {
    line: Sender<Work>,
    /// Work that runs or waits.
    admitted: Arc<Semaphore>,
    /// What is checked where there is no such user, so that it takes as long.
    nobody: Arc<str>,
}

/// A piece of work on a password.
type Work = Box<dyn FnOnce() + Send>;

impl Passwords {
    /// Checks at most `threads` at once and lets `queue` more wait.
    pub(crate) fn new(threads: usize, queue: usize) -> Result<Self, ServerError> {
        let threads = threads.clamp(1, Semaphore::MAX_PERMITS);
        let admitted = threads.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| ServerError::Random(error.to_string()))?;
        let (line, work) = channel();
        let work = Arc::new(Mutex::new(work));
        for _ in 0..threads {
            let work = Arc::clone(&work);
            thread::Builder::new()
                .name("password".to_owned())
                .spawn(move || work_off(&work))
                .map_err(|error| ServerError::Password(error.to_string()))?;
        }
        Ok(Self {
            line,
            admitted: Arc::new(Semaphore::new(admitted)),
            nobody: hash_password(&format!("{secret:?}"))?.into(),
        })
    }

    /// Whether `password` fits `hash`; without a hash it never does, after the same work.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let check = move || Argon2::default().verify_password(password.as_bytes(), &*hash).is_ok();
        let fits = self.run(check).await?;
        Ok(fits && known)
    }

    /// The hash of a password in the PHC string format.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || hash_password(&password)).await?.map_err(|error| {
            tracing::error!(%error, "a password was not hashed");
            Problem::internal()
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted
            .map_err(|_| Problem::overloaded("too many passwords are waiting for their check"))?;
        let (answer_to, answer) = oneshot::channel();
        let work = move || {
            // Held until the work is done, even if the client goes meanwhile.
            let _admitted = admitted;
            if !answer_to.is_closed() {
                // Whoever asked may have gone.
                let _ = answer_to.send(work());
            }
        };
        let failed = || {
            tracing::error!("work on a password failed");
            Problem::internal()
        };
        self.line.send(Box::new(work)).map_err(|_| failed())?;
        answer.await.map_err(|_| failed())
    }
}

/// Does the work that comes until no more can.
fn work_off(work: &Mutex<Receiver<Work>>) {
    step_back();
    loop {
        // One of those that are idle waits for work, the others for their turn to.
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(next) = next else { return };
        // One that panics leaves no answer behind, which its client is told.
        let _ = catch_unwind(AssertUnwindSafe(next));
    }
}

/// Lets every other thread go before the calling one, so that a flood of logins takes what is left
/// of the machine and not half of it: the scheduler gives a thread with this niceness a third of
/// what it gives the others.
#[cfg(target_os = "linux")]
fn step_back() {
    const NICENESS: i32 = 5;
    // On Linux the calling thread is meant, not the process.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "passwords are checked at the same priority as all else");
    }
}

/// Elsewhere a priority is the whole process's.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_somebody_fits() {
        let passwords = Passwords::new(1, 4).unwrap();
        let hash = hash_password("password123").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = |password: &str, hash| passwords.verify(password.to_owned(), hash);
        assert!(fits("password123", Some(hash.clone())).await.unwrap());
        assert!(!fits("password124", Some(hash)).await.unwrap());
        assert!(!fits("password123", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_is_refused() {
        let passwords = Passwords::new(1, 1).unwrap();
        let check = || passwords.verify("x".to_owned(), None);
        let (first, second, third) = tokio::join!(check(), check(), check());
        assert!(first.is_ok() && second.is_ok() && third.is_err());
    }
}
