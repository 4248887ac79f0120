//! Passwords: argon2id, checked on a bounded number of threads that let all others go first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use mockbank_store::{Readers, Served};
use tokio::sync::{Semaphore, oneshot};

use crate::answer::problem::Problem;
use crate::error::ServerError;

/// While readers want the cores, a thread rests behind a piece of work for so many times as long as
/// the work took, which leaves it a fifth of a core. A lower priority alone leaves it most of one,
/// as the threads of readers sleep between two requests.
const REST: u32 = 4;

/// How long it is looked at readers before it is judged what they want.
const GLANCE: Duration = Duration::from_millis(50);

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
    /// Checks at most `threads` at once and lets `queue` more wait, beside these readers.
    pub(crate) fn new(
        threads: usize,
        queue: usize,
        readers: &Arc<impl Readers + 'static>,
    ) -> Result<Self, ServerError> {
        let threads = threads.clamp(1, Semaphore::MAX_PERMITS);
        let admitted = threads.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| ServerError::Random(error.to_string()))?;
        let (line, work) = channel();
        let work = Arc::new(Mutex::new(work));
        for _ in 0..threads {
            let (work, rest) = (Arc::clone(&work), Rest::new(Arc::clone(readers)));
            thread::Builder::new()
                .name("password".to_owned())
                .spawn(move || work_off(&work, rest))
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
fn work_off(work: &Mutex<Receiver<Work>>, mut rest: Rest<impl Readers>) {
    step_back();
    loop {
        // One of those that are idle waits for work, the others for their turn to.
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(next) = next else { return };
        let start = Instant::now();
        // One that panics leaves no answer behind, which its client is told.
        let _ = catch_unwind(AssertUnwindSafe(next));
        let rest = rest.behind(start.elapsed(), Instant::now());
        #[expect(clippy::disallowed_methods, reason = "the time is what others are left")]
        thread::sleep(rest);
    }
}

/// A thread's rests beside readers.
struct Rest<R> {
    readers: Arc<R>,
    /// When it was looked at them last, and what they had got.
    glance: (Instant, Served),
    /// Whether they wanted the cores then.
    are_wanted: bool,
}

impl<R: Readers> Rest<R> {
    fn new(readers: Arc<R>) -> Self {
        let glance = (Instant::now(), readers.so_far());
        Self { readers, glance, are_wanted: false }
    }

    /// How long to rest behind work that took so long and ended now.
    fn behind(&mut self, work: Duration, now: Instant) -> Duration {
        let (then, served) = self.glance;
        let passed = now.saturating_duration_since(then);
        if passed >= GLANCE {
            self.glance = (now, self.readers.so_far());
            self.are_wanted = self.glance.1.wants_cores(served, passed);
        }
        if self.are_wanted { work.saturating_mul(REST) } else { Duration::ZERO }
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

    /// Nobody who reads.
    struct Nobody;

    impl Readers for Nobody {
        fn so_far(&self) -> Served {
            Served::default()
        }
    }

    /// Readers of whom a test says what they got.
    struct Somebody(Mutex<Served>);

    impl Readers for Somebody {
        fn so_far(&self) -> Served {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn readers_go_first_only_while_they_want_the_cores() {
        let millis = Duration::from_millis;
        let readers = Arc::new(Somebody(Mutex::default()));
        let mut rest = Rest::new(Arc::clone(&readers));
        let start = rest.glance.0;
        assert_eq!(rest.behind(millis(20), start + millis(20)), Duration::ZERO);
        *readers.0.lock().unwrap() = Served { reads: 1000, busy: millis(90) };
        assert_eq!(rest.behind(millis(20), start + millis(100)), millis(80));
        // Too soon for another look.
        assert_eq!(rest.behind(millis(10), start + millis(149)), millis(40));
        // Nobody has read since.
        assert_eq!(rest.behind(millis(20), start + millis(150)), Duration::ZERO);
    }

    #[tokio::test]
    async fn only_the_right_password_of_somebody_fits() {
        let passwords = Passwords::new(1, 4, &Arc::new(Nobody)).unwrap();
        let hash = hash_password("password123").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = |password: &str, hash| passwords.verify(password.to_owned(), hash);
        assert!(fits("password123", Some(hash.clone())).await.unwrap());
        assert!(!fits("password124", Some(hash)).await.unwrap());
        assert!(!fits("password123", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_is_refused() {
        let passwords = Passwords::new(1, 1, &Arc::new(Nobody)).unwrap();
        let check = || passwords.verify("x".to_owned(), None);
        let (first, second, third) = tokio::join!(check(), check(), check());
        assert!(first.is_ok() && second.is_ok() && third.is_err());
    }
}
