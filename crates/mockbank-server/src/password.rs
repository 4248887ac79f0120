//! Passwords: argon2id, checked on a bounded number of threads.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

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
    /// Those that run.
    running: Arc<Semaphore>,
    /// Those that run or wait.
    admitted: Semaphore,
    /// What is checked where there is no such user, so that it takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Checks at most `threads` at once and lets `queue` more wait.
    pub(crate) fn new(threads: usize, queue: usize) -> Result<Self, ServerError> {
        let threads = threads.clamp(1, Semaphore::MAX_PERMITS);
        let admitted = threads.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| ServerError::Random(error.to_string()))?;
        Ok(Self {
            running: Arc::new(Semaphore::new(threads)),
            admitted: Semaphore::new(admitted),
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
        const FULL: &str = "too many passwords are waiting for their check";
        let _admitted = self.admitted.try_acquire().map_err(|_| Problem::overloaded(FULL))?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| Problem::overloaded(FULL))?;
        let work = move || {
            // Held until the work is done, even if the client has gone.
            let _running = running;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "work on a password failed");
            Problem::internal()
        })
    }
}

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
