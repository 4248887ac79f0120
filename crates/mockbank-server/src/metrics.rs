//! Counters for Prometheus.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::StatusCode;
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
    routes: HashMap<String, Route>,
    elsewhere: Route,
    pub(crate) logins: Family<LoginLabels, Counter>,
    pub(crate) rate_limited: Counter,
    /// Requests that are worked on.
    pub(crate) in_flight: Gauge<u64, AtomicU64>,
}

/// The numbers of one route.
#[derive(Clone)]
struct Route {
    requests: Family<StatusLabel, Counter>,
    latency: Histogram,
}

impl Route {
    fn new() -> Self {
        Self { requests: Family::default(), latency: Histogram::new(BUCKETS) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: u16,
}

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct LoginLabels {
    pub(crate) outcome: LoginOutcome,
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
        let routes: HashMap<String, Route> =
            routes.map(|route| (route.to_owned(), Route::new())).collect();
        let elsewhere = Route::new();
        let mut registry = Registry::with_prefix("mockbank");
        let named = routes.iter().map(|(name, route)| (name.as_str(), route));
        for (name, route) in named.chain([("elsewhere", &elsewhere)]) {
            let label = ("route".into(), name.to_owned().into());
            let registry = registry.sub_registry_with_label(label);
            registry.register("requests", "Requests answered", route.requests.clone());
            let help = "Time from the request's head to the answer's";
            registry.register_with_unit("latency", help, Unit::Seconds, route.latency.clone());
        }
        let (logins, rate_limited, in_flight) =
            (Family::default(), Counter::default(), Gauge::default());
        registry.register("logins", "Logins", Family::clone(&logins));
        registry.register(
            "rate_limited",
            "Requests refused since their client made too many",
            rate_limited.clone(),
        );
        registry.register("in_flight", "Requests that are worked on", in_flight.clone());
        Self { registry, routes, elsewhere, logins, rate_limited, in_flight }
    }

    /// Counts a request; `route` is `None` where no route fits.
    pub(crate) fn answered(&self, route: Option<&str>, status: StatusCode, latency: Duration) {
        let known = route.and_then(|route| self.routes.get(route));
        let route = known.unwrap_or(&self.elsewhere);
        route.requests.get_or_create(&StatusLabel { status: status.as_u16() }).inc();
        route.latency.observe(latency.as_secs_f64());
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
