//! Counters for Prometheus.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::StatusCode;
use matchit::Router;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the latencies, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// What the server counts.
pub(crate) struct Metrics {
    registry: Registry,
    routes: Router<Route>,
    elsewhere: Route,
    requests: Family<RequestLabels, Counter>,
    logins: Family<LoginLabels, Counter>,
    pub(crate) rate_limited: Counter,
    /// Requests that are worked on.
    pub(crate) in_flight: Gauge<u64, AtomicU64>,
}

/// A route's own metrics, found once for a request.
pub(crate) struct Route {
    label: Arc<String>,
    is_known: bool,
    latency: Histogram,
    /// Its requests by status; there are so few that they are looked through.
    requests: RwLock<Vec<(StatusCode, Counter)>>,
}

impl Route {
    /// Its path as the document has it; `None` for where no route fits.
    pub(crate) fn name(&self) -> Option<&str> {
        self.is_known.then_some(&self.label)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: Arc<String>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: Arc<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LoginLabels {
    outcome: LoginOutcome,
}

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum LoginOutcome {
    Accepted,
    Refused,
}

impl Metrics {
    /// Nothing counted yet, for these routes.
    pub(crate) fn new<'a>(routes: impl Iterator<Item = &'a str>) -> Self {
        let latencies = Family::<RouteLabel, Histogram, _>::new_with_constructor(histogram);
        let route = |name: &str, is_known| {
            let label = Arc::new(name.to_owned());
            let labels = RouteLabel { route: Arc::clone(&label) };
            let latency = latencies.get_or_create_owned(&labels);
            Route { label, is_known, latency, requests: RwLock::default() }
        };
        let elsewhere = route("elsewhere", false);
        let mut known = Router::new();
        for name in routes {
            // The API's own router takes the same paths by the same rules.
            known.insert(name, route(name, true)).expect("paths that can be told apart");
        }
        let (requests, logins, rate_limited, in_flight) = Default::default();
        let mut registry = Registry::with_prefix("mockbank");
        registry.register("requests", "Requests answered", Family::clone(&requests));
        registry.register_with_unit(
            "latency",
            "Time from the request's head to the answer's",
            Unit::Seconds,
            latencies,
        );
        registry.register("logins", "Logins", Family::clone(&logins));
        registry.register(
            "rate_limited",
            "Requests refused since their client made too many",
            Counter::clone(&rate_limited),
        );
        registry.register("in_flight", "Requests that are worked on", Gauge::clone(&in_flight));
        Self { registry, routes: known, elsewhere, requests, logins, rate_limited, in_flight }
    }

    /// The route that a request's path leads to.
    pub(crate) fn route(&self, path: &str) -> &Route {
        self.routes.at(path).map_or(&self.elsewhere, |found| found.value)
    }

    /// Counts a request.
    pub(crate) fn answered(&self, route: &Route, status: StatusCode, latency: Duration) {
        route.latency.observe(latency.as_secs_f64());
        let counted = route.requests.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = counted.iter().find(|(known, _)| *known == status) {
            counter.inc();
            return;
        }
        drop(counted);
        let labels = RequestLabels { route: Arc::clone(&route.label), status: status.as_u16() };
        let counter = self.requests.get_or_create_owned(&labels);
        counter.inc();
        let mut counted = route.requests.write().unwrap_or_else(PoisonError::into_inner);
        counted.push((status, counter));
    }

    /// Counts a login.
    pub(crate) fn login(&self, outcome: LoginOutcome) {
        self.logins.get_or_create(&LoginLabels { outcome }).inc();
    }

    /// All numbers in the text format of `OpenMetrics`.
    pub(crate) fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}
