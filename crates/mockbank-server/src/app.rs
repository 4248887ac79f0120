//! What every request shares.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use mockbank_bank::{AccountId, Day, UserId};
use mockbank_store::{RateCounter, Store, Teller};

use crate::answer::problem::Problem;
use crate::auth::memo::Memo;
use crate::auth::password::Passwords;
use crate::auth::secret::new_token_secret;
use crate::auth::token::{Known, Tokens};
use crate::clock::{BankClock, BankTime, Clock};
use crate::error::ServerError;
use crate::jobs::work::Jobs;
use crate::settings::Settings;
use crate::traffic::limit::Limits;
use crate::traffic::metrics::Metrics;
use crate::traffic::reads::Reads;
use crate::traffic::request_id::RequestIds;

/// Tokens that are remembered, of some 200 bytes each.
const KNOWN_TOKENS: usize = 1 << 14;

/// Accounts whose owners are remembered.
const KNOWN_OWNERS: usize = 1 << 16;

/// The bank that a server is the door of.
#[derive(Clone)]
pub struct Bank {
    /// Where its books are read.
    pub store: Arc<dyn Store>,
    /// Who carries orders out; without one the server only reads.
    pub teller: Option<Arc<dyn Teller>>,
    /// Who counts clients' requests for all processes that serve the same world; without one the
    /// server counts for itself.
    pub rates: Option<Arc<dyn RateCounter>>,
}

/// A server's parts.
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    teller: Option<Arc<dyn Teller>>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bank_clock: BankClock,
    pub(crate) tokens: Tokens,
    /// Tokens whose signature was checked, by their text.
    known_tokens: Memo<Box<str>, Known>,
    /// Who owns an account, which never changes.
    pub(crate) owners: Memo<AccountId, UserId>,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Option<Limits>,
    pub(crate) metrics: Metrics,
    pub(crate) reads: Arc<Reads>,
    pub(crate) request_ids: RequestIds,
    pub(crate) settings: Settings,
}

impl App {
    /// The parts of a server with these settings, whose metrics know these routes.
    pub(crate) fn new<'a>(
        bank: Bank,
        settings: &Settings,
        clock: Arc<dyn Clock>,
        routes: impl Iterator<Item = &'a str>,
    ) -> Result<Self, ServerError> {
        let made;
        let secret = if let Some(secret) = &settings.token_secret {
            secret.expose()
        } else {
            made = new_token_secret()?;
            &made
        };
        let lifetime = Duration::from_secs(settings.token_lifetime_seconds);
        let reads = Arc::new(Reads::new());
        if let Some(teller) = &bank.teller {
            teller.let_go_first(Arc::<Reads>::clone(&reads));
        }
        Ok(Self {
            store: bank.store,
            teller: bank.teller,
            jobs: Arc::new(Jobs::new(settings.simulation_threads)?),
            tokens: Tokens::new(secret.as_bytes(), lifetime)?,
            known_tokens: Memo::new(KNOWN_TOKENS),
            owners: Memo::new(KNOWN_OWNERS),
            passwords: Passwords::new(settings.password_threads, settings.password_queue, &reads)?,
            limits: Limits::new(&settings.rate_limits, &clock, bank.rates),
            metrics: Metrics::new(routes),
            reads,
            request_ids: RequestIds::new()?,
            bank_clock: BankClock::default(),
            clock,
            settings: settings.clone(),
        })
    }

    /// Who carries orders out.
    pub(crate) fn teller(&self) -> Result<&Arc<dyn Teller>, Problem> {
        self.teller.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "this server only reads")
                .with_code("read_only")
        })
    }

    /// Whose token it is, if it is one of ours and has not expired. The signature of one that comes
    /// again need not be computed again.
    pub(crate) fn user_of(&self, token: &str) -> Option<UserId> {
        let known = self.known_tokens.get(token).or_else(|| {
            let known = self.tokens.read(token)?;
            self.known_tokens.keep(token.into(), known);
            Some(known)
        })?;
        known.is_good(self.clock.now()).then_some(known.user)
    }

    /// Seconds of the machine's time since 1970.
    pub(crate) fn machine_seconds(&self) -> i64 {
        i64::try_from(self.clock.now().as_secs()).unwrap_or(i64::MAX)
    }

    /// The bank's time.
    pub(crate) async fn bank_time(&self) -> Result<BankTime, Problem> {
        Ok(self.bank_clock.now(&*self.store, self.clock.now()).await?)
    }

    /// The bank's day.
    pub(crate) async fn bank_day(&self) -> Result<Day, Problem> {
        Ok(self.bank_time().await?.instant.day())
    }
}
