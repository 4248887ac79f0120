//! How many requests a client may make, by its address.
//!
//! Each limit is a generic cell rate algorithm: a client that was quiet for the whole period may
//! use all of it at once, and then gets it back evenly over the period.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock as GovernorClock;
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use crate::problem::Problem;
use crate::settings::RateLimits;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");

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

/// The limits of a server.
pub(crate) struct Limits {
    general: LimitSet,
    login: LimitSet,
    transactions: LimitSet,
}

impl Limits {
    /// The limits of the settings, or `None` if they are off.
    pub(crate) fn new(settings: &RateLimits, clock: &Arc<dyn Clock>) -> Option<Self> {
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
        })
    }

    /// Counts a request of `client`; refused where any of its limits is used up.
    pub(crate) fn check(&self, class: LimitClass, client: IpAddr) -> Verdict {
        match class {
            LimitClass::Exempt => Verdict::default(),
            LimitClass::General => self.general.check(client),
            LimitClass::Login => self.login.check(client),
            LimitClass::Transactions => self.transactions.check(client),
        }
    }
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
    policy: HeaderValue,
}

impl LimitSet {
    fn new(limits: Vec<Arc<Limit>>) -> Self {
        let policies: Vec<String> = limits
            .iter()
            .map(|limit| {
                format!("\"{}\";q={};w={}", limit.name, limit.requests, limit.period.as_secs())
            })
            .collect();
        let policy = header(&policies.join(", "));
        Self { limits, policy }
    }

    /// Tells of the limit that is nearest to being used up.
    fn check(&self, client: IpAddr) -> Verdict {
        let client = network(client);
        let mut nearest: Option<(u32, u64, &'static str)> = None;
        for limit in &self.limits {
            match limit.check(client) {
                Ok((left, reset)) => {
                    if nearest.is_none_or(|(least, ..)| left < least) {
                        nearest = Some((left, reset, limit.name));
                    }
                }
                Err(wait) => {
                    return Verdict {
                        refusal: Some(Problem::rate_limited(wait)),
                        headers: Some([self.policy.clone(), remaining(limit.name, 0, wait)]),
                    };
                }
            }
        }
        let headers =
            nearest.map(|(left, reset, name)| [self.policy.clone(), remaining(name, left, reset)]);
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

/// So many requests in so much time.
struct Limit {
    name: &'static str,
    requests: NonZeroU32,
    period: Duration,
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
        let quota = Quota::with_period(period / requests.get())?.allow_burst(requests);
        let clients = Clients::new(max_clients);
        let limiter = RateLimiter::new(quota, clients, LimitClock(Arc::clone(clock)));
        Some(Self { name, requests, period, limiter })
    }

    /// Requests left and seconds until all are back, or the seconds to wait.
    fn check(&self, client: IpAddr) -> Result<(u32, u64), u64> {
        match self.limiter.check_key(&client) {
            Ok(state) => Ok((state.remaining_burst_capacity(), self.until_all_are_back(&state))),
            Err(until) => {
                let wait = until.wait_time_from(self.limiter.clock().now());
                Err(whole_seconds(wait).max(1))
            }
        }
    }

    fn until_all_are_back(&self, state: &StateSnapshot) -> u64 {
        let used = self.requests.get().saturating_sub(state.remaining_burst_capacity());
        whole_seconds(self.period / self.requests.get() * used)
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
            assert_eq!(limit.check(busy).unwrap().0, left);
        }
        for number in 0..10_000_u32 {
            let _ = limit.check(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(limit.check(busy), Err(6));
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
