//! What can be set about the server; every default stands here and nowhere else.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use mockbank_bank::Money;
use serde::Deserialize;

use crate::auth::admin_token::AdminTokenHash;

/// Settings of the server. Absent keys take their default, unknown keys are refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen: `127.0.0.1:5000`.
    pub listen: SocketAddr,
    /// Key that tokens are signed with, of at least 32 bytes; without one the tokens of this
    /// process are good for nothing after it.
    pub token_secret: Option<Secret>,
    /// How long a token is good, in seconds: 3600.
    pub token_lifetime_seconds: u64,
    /// How many requests a client may make.
    pub rate_limits: RateLimits,
    /// Whether one reverse proxy stands in front, so that a client's address is the last one of
    /// `X-Forwarded-For`: no. Never set it where clients can reach the server directly.
    pub trust_forwarded_for: bool,
    /// Origins whose pages may call the API, `*` for all: none.
    pub cors_origins: Vec<String>,
    /// Largest request body in bytes: 1 MiB.
    pub max_body_bytes: usize,
    /// How long a client may take for the head of a request, in seconds, and how long a connection
    /// may stand idle between two: 30.
    pub head_timeout_seconds: u64,
    /// How long a request may take, in seconds: 30.
    pub request_timeout_seconds: u64,
    /// Requests that are worked on at once; more are refused: 1024.
    pub max_concurrent_requests: usize,
    /// Passwords that are checked at once, each on a thread of its own: 1.
    pub password_threads: usize,
    /// Logins that wait for such a thread; more are refused: 64.
    pub password_queue: usize,
    /// What admin tokens are checked against; without it nobody can administer.
    #[serde(skip)]
    pub admin_token: Option<AdminTokenHash>,
    /// Limits that customers may choose for their cards.
    #[serde(skip)]
    pub card_limits: CardLimits,
    /// Threads of the simulation when time passes, 0 for one per core: 0.
    pub simulation_threads: usize,
    /// How long open requests may go on after the server was told to stop, in seconds: 10.
    pub shutdown_grace_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 5000)),
            token_secret: None,
            token_lifetime_seconds: 3600,
            rate_limits: RateLimits::default(),
            trust_forwarded_for: false,
            cors_origins: Vec::new(),
            max_body_bytes: 1 << 20,
            head_timeout_seconds: 30,
            request_timeout_seconds: 30,
            max_concurrent_requests: 1024,
            password_threads: 1,
            password_queue: 64,
            admin_token: None,
            card_limits: CardLimits::default(),
            simulation_threads: 0,
            shutdown_grace_seconds: 10,
        }
    }
}

/// Limits that customers may choose for their cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardLimits {
    /// The least: 100.00.
    pub least: Money,
    /// The most: 25,000.00.
    pub most: Money,
    /// That of a card for which none is chosen: 5,000.00.
    pub default: Money,
}

impl CardLimits {
    /// Whether they do not contradict themselves.
    pub(crate) fn fit_together(self) -> bool {
        self.least.is_positive() && self.least <= self.default && self.default <= self.most
    }
}

impl Default for CardLimits {
    fn default() -> Self {
        Self {
            least: Money::from_minor(10_000),
            most: Money::from_minor(2_500_000),
            default: Money::from_minor(500_000),
        }
    }
}

/// How many requests a client may make; clients are told apart by their address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Whether there are limits at all: yes.
    pub enabled: bool,
    /// Requests a day: 2000.
    pub per_day: NonZeroU32,
    /// Requests an hour: 500.
    pub per_hour: NonZeroU32,
    /// Logins a minute: 5.
    pub login_per_minute: NonZeroU32,
    /// Pages of transactions a minute: 20.
    pub transactions_per_minute: NonZeroU32,
    /// Clients that each limit remembers; beyond that the quietest are forgotten: 65,536.
    pub max_clients: usize,
}

impl Default for RateLimits {
    fn default() -> Self {
        const fn count(requests: u32) -> NonZeroU32 {
            NonZeroU32::MIN.saturating_add(requests - 1)
        }
        Self {
            enabled: true,
            per_day: count(2000),
            per_hour: count(500),
            login_per_minute: count(5),
            transactions_per_minute: count(20),
            max_clients: 65_536,
        }
    }
}

/// A text that never stands in a log.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(...)")
    }
}
