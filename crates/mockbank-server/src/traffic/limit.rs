//! How many requests a client may make, by its address.
//!
//! Each limit is a generic cell rate algorithm: a client that was quiet for the whole period may
//! use all of it at once, and then gets it back evenly over the period.
//!
//! Processes that share a database count there, together. While it does not answer, each counts
//! for itself, from nothing.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use mockbank_store::{Counted, Rate, RateCounter};

use crate::answer::problem::Problem;
use crate::clock::Clock;
use crate::settings::RateLimits;

/// Header that says which limits there are.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Header that says what is left of the limit that is nearest.
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit");

/// Which limits a request counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitClass {
    /// None: what watches the server must always get an answer.
    Exempt,
    /// Those for everything.
    General,
    /// Those for everything, and the one for logins.
    Login,
    /// Those for everything, and the one for lists of transactions.
    Transactions,
}

/// How long a process counts for itself once the shared counter has failed.
const SHARED_PAUSE: Duration = Duration::from_secs(1);

/// The limits of a server.
pub(crate) struct Limits {
    general: LimitSet,
    login: LimitSet,
    transactions: LimitSet,
    shared: Option<Shared>,
}

impl Limits {
    /// The limits of the settings, or `None` if they are off.
    /// `counter` counts for all processes, where there are several.
    pub(crate) fn new(
        settings: &RateLimits,
        clock: &Arc<dyn Clock>,
        counter: Option<Arc<dyn RateCounter>>,
    ) -> Option<Self> {
        if !settings.enabled {
            return None;
        }
        let limit = |name, requests, period| {
            Limit::new(name, requests, period, settings.max_clients, clock).map(Arc::new)
        };
        let day = limit("day", settings.per_day, Duration::from_hours(24))?;
        let hour = limit("hour", settings.per_hour, Duration::from_hours(1))?;
        let minute = Duration::from_mins(1);
        let login = limit("login", settings.login_per_minute, minute)?;
        let list = limit("transactions", settings.transactions_per_minute, minute)?;
        Some(Self {
            general: LimitSet::new(vec![hour.clone(), day.clone()]),
            login: LimitSet::new(vec![login, hour.clone(), day.clone()]),
            transactions: LimitSet::new(vec![list, hour, day]),
            shared: counter.map(|counter| Shared {
                counter,
                clock: Arc::clone(clock),
                failed_until: AtomicU64::new(0),
            }),
        })
    }

    /// Counts a request of `client`; refused where any of its limits is used up.
    pub(crate) async fn check(&self, class: LimitClass, client: IpAddr) -> Verdict {
        let limits = match class {
            LimitClass::Exempt => return Verdict::default(),
            LimitClass::General => &self.general,
            LimitClass::Login => &self.login,
            LimitClass::Transactions => &self.transactions,
        };
        let client = network(client);
        if let Some(shared) = &self.shared
            && let Some(counted) = shared.count(client, limits).await
        {
            return limits.verdict(&counted);
        }
        limits.check(client)
    }
}

/// A counter that several processes share.
struct Shared {
    counter: Arc<dyn RateCounter>,
    clock: Arc<dyn Clock>,
    /// Milliseconds of the clock until which nobody is sent to the counter.
    failed_until: AtomicU64,
}

impl Shared {
    /// Counts a request; `None` if the counter does not answer.
    async fn count(&self, client: IpAddr, limits: &LimitSet) -> Option<Counted> {
        let now = milliseconds(self.clock.now());
        let failed_until = self.failed_until.load(Ordering::Relaxed);
        if now < failed_until {
            return None;
        }
        match self.counter.count(&client.to_string(), &limits.rates).await {
            Ok(counted) => {
                if failed_until > 0 && self.failed_until.swap(0, Ordering::Relaxed) > 0 {
                    tracing::info!("the limits are shared again");
                }
                Some(counted)
            }
            Err(error) => {
                let until = now + milliseconds(SHARED_PAUSE);
                if self.failed_until.swap(until, Ordering::Relaxed) == 0 {
                    tracing::warn!(%error, "limits count in this process alone for now");
                }
                None
            }
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a request may go on, and what its client is told about the limits.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Why it may not.
    pub(crate) refusal: Option<Problem>,
    headers: Option<[HeaderValue; 2]>,
}

impl Verdict {
    /// Adds `RateLimit-Policy` and `RateLimit` of the IETF draft on rate limit headers.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        if let Some([policy, remaining]) = self.headers {
            headers.insert(POLICY, policy);
            headers.insert(REMAINING, remaining);
        }
    }
}

/// Limits that count together.
struct LimitSet {
    limits: Vec<Arc<Limit>>,
    rates: Vec<Rate>,
    policy: HeaderValue,
}

impl LimitSet {
    fn new(limits: Vec<Arc<Limit>>) -> Self {
        let policies: Vec<String> = limits
            .iter()
            .map(|limit| {
                let rate = limit.rate;
                format!("\"{}\";q={};w={}", rate.name, rate.requests, rate.period.as_secs())
            })
            .collect();
        let policy = header(&policies.join(", "));
        let rates = limits.iter().map(|limit| limit.rate).collect();
        Self { limits, rates, policy }
    }

    /// Counts a request in this process.
    fn check(&self, client: IpAddr) -> Verdict {
        let mut standings = Vec::with_capacity(self.limits.len());
        for limit in &self.limits {
            match limit.check(client) {
                Ok(left) => standings.push((limit.rate, left)),
                Err(wait) => return self.refused(limit.rate, wait),
            }
        }
        self.admitted(standings)
    }

    /// What the shared counter said.
    fn verdict(&self, counted: &Counted) -> Verdict {
        match counted {
            Counted::TooEarly { rate, wait } => {
                // The counter was asked about these rates and no others.
                self.refused(self.rates[*rate], *wait)
            }
            Counted::Within(until_free) => {
                let left = |rate: &Rate, until_free: &Duration| {
                    let used = until_free.as_micros().div_ceil(rate.gap().as_micros().max(1));
                    rate.requests.get().saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
                };
                let standings = self.rates.iter().zip(until_free);
                self.admitted(standings.map(|(rate, until_free)| (*rate, left(rate, until_free))))
            }
        }
    }

    fn refused(&self, rate: Rate, wait: Duration) -> Verdict {
        let wait = whole_seconds(wait).max(1);
        Verdict {
            refusal: Some(Problem::rate_limited(wait)),
            headers: Some([self.policy.clone(), remaining(rate.name, 0, wait)]),
        }
    }

    /// Tells of the rate that has the fewest requests left.
    fn admitted(&self, standings: impl IntoIterator<Item = (Rate, u32)>) -> Verdict {
        let nearest = standings.into_iter().min_by_key(|(_, left)| *left);
        let headers = nearest.map(|(rate, left)| {
            let used = rate.requests.get().saturating_sub(left);
            let reset = whole_seconds(rate.gap() * used);
            [self.policy.clone(), remaining(rate.name, left, reset)]
        });
        Verdict { refusal: None, headers }
    }
}

fn remaining(name: &str, left: u32, seconds: u64) -> HeaderValue {
    header(&format!("\"{name}\";r={left};t={seconds}"))
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// What counts as one client: an address of IPv4, and of IPv6 the 64 bits of network that a
/// single subscriber is given.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// A rate as this process counts it.
struct Limit {
    rate: Rate,
    limiter: RateLimiter<IpAddr, Clients, LimitClock, StateInformationMiddleware>,
}

impl Limit {
    fn new(
        name: &'static str,
        requests: NonZeroU32,
        period: Duration,
        max_clients: usize,
        clock: &Arc<dyn Clock>,
    ) -> Option<Self> {
        let rate = Rate { name, requests, period };
        let quota = Quota::with_period(rate.gap())?.allow_burst(requests);
        let clients = Clients::new(max_clients);
        let limiter = RateLimiter::new(quota, clients, LimitClock(Arc::clone(clock)));
        Some(Self { rate, limiter })
    }

    /// Requests left, or the time to wait.
    fn check(&self, client: IpAddr) -> Result<u32, Duration> {
        match self.limiter.check_key(&client) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(until) => Err(until.wait_time_from(self.limiter.clock().now())),
        }
    }
}

/// Rounded up.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// The server's clock as the limiter reads it.
#[derive(Clone)]
struct LimitClock(Arc<dyn Clock>);

impl GovernorClock for LimitClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.now())
    }
}

/// Parts of the clients' states that are locked on their own.
const SHARDS: usize = 16;

/// The states of a bounded number of clients.
struct Clients {
    shards: Vec<Mutex<HashMap<IpAddr, Nanos>>>,
    hasher: RandomState,
    max_in_shard: usize,
}

impl Clients {
    fn new(max_clients: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            max_in_shard: max_clients.div_ceil(SHARDS).max(2),
        }
    }
}

impl StateStore for Clients {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, client: &IpAddr, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let shard = self.hasher.hash_one(client) % (SHARDS as u64);
        let shard = &self.shards[usize::try_from(shard).unwrap_or_default()];
        let mut states = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, state) = decide(states.get(client).copied())?;
        if states.len() >= self.max_in_shard && !states.contains_key(client) {
            forget_the_quietest(&mut states);
        }
        states.insert(*client, state);
        Ok(outcome)
    }
}

/// Drops the half that has the least left to answer for, so that a flood of addresses costs its
/// own share and not memory.
fn forget_the_quietest(states: &mut HashMap<IpAddr, Nanos>) {
    let mut arrivals: Vec<Nanos> = states.values().copied().collect();
    let middle = arrivals.len() / 2;
    let (_, median, _) = arrivals.select_nth_unstable(middle);
    let median = *median;
    let mut surplus = states.len() - middle;
    states.retain(|_, arrival| {
        let drop = *arrival <= median && surplus > 0;
        surplus -= usize::from(drop);
        !drop
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Frozen;

    impl Clock for Frozen {
        fn now(&self) -> Duration {
            Duration::from_secs(1_750_000_000)
        }
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_before_a_busy_client() {
        let clock: Arc<dyn Clock> = Arc::new(Frozen);
        let requests = NonZeroU32::new(10).unwrap();
        let limit = Limit::new("test", requests, Duration::from_mins(1), 160, &clock).unwrap();
        let busy = IpAddr::from([10, 0, 0, 1]);
        for left in (0..10).rev() {
            assert_eq!(limit.check(busy), Ok(left));
        }
        for number in 0..10_000_u32 {
            let _ = limit.check(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(limit.check(busy), Err(Duration::from_secs(6)));
        let kept: usize =
            limit.limiter.into_state_store().shards.iter().map(|s| s.lock().unwrap().len()).sum();
        assert!(kept <= 160, "{kept}");
    }

    #[test]
    fn neighbours_in_a_network_of_ipv6_are_one_client() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:2"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
        assert_ne!(address("10.0.0.1"), address("10.0.0.2"));
    }
}
