//! The outermost layer: what is done for every request, whatever its route.
//!
//! One function instead of a tower of layers, so that a request pays for each duty once: its
//! number, the limits, the time allowed, panics, problem details, headers, metrics and the log.
//! It stands around the router and not within, where a layer costs each request several
//! allocations.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::Service as _;
use tower_http::cors::CorsLayer;
use tracing::Level;

use crate::answer::problem::Problem;
use crate::app::App;
use crate::routes::limit_class;
use crate::traffic::limit::{LimitClass, Verdict};
use crate::traffic::request_id::{self, REQUEST_ID};

/// Header that says the bank's time.
pub(crate) const BANK_TIME: HeaderName = HeaderName::from_static("x-bank-time");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The routes, with what is done around each of them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Edge {
    app: Arc<App>,
    routes: Router,
    /// No routes, behind what lets pages of other origins in, where any may come.
    cors: Option<Router>,
}

impl Edge {
    /// Stands around these routes, which let pages of other origins in by `cors`.
    pub(crate) fn new(app: Arc<App>, routes: Router, cors: Option<CorsLayer>) -> Self {
        let cors = cors.map(|cors| Router::new().layer(cors));
        Self { app, routes, cors }
    }

    /// The same as a router, for requests without a socket: their peer may stand in their
    /// extensions.
    pub(crate) fn into_router(self) -> Router {
        Router::new().fallback(move |request: Request| {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip());
            self.clone().answer(request, peer)
        })
    }

    /// Answers a request of a peer, come what may.
    pub(crate) async fn answer(self, request: Request, peer: IpAddr) -> Response {
        let Self { app, routes, cors } = self;
        let start = Instant::now();
        let id = app.request_ids.of(request.headers());
        let route = app.metrics.route(request.uri().path());
        let method = request.method().clone();
        // A browser asks before it calls. That is no call, and one that is refused would hide from
        // the page why.
        let class = match &cors {
            Some(_) if method == Method::OPTIONS => LimitClass::Exempt,
            _ => limit_class(route.name()),
        };
        let origin = cors.zip(request.headers().get(header::ORIGIN).cloned());
        let path = tracing::enabled!(Level::INFO).then(|| request.uri().path().to_owned());

        let verdict = match &app.limits {
            Some(limits) => limits.check(class, client_address(&app, &request, peer)).await,
            None => Verdict::default(),
        };
        let mut response = if let Some(refusal) = &verdict.refusal {
            app.metrics.rate_limited.inc();
            refusal.clone().into_response()
        } else {
            admit(&app, class, request, routes).await
        };
        response = as_problem(response, &id);
        let status = response.status();
        if let Some((cors, origin)) = origin
            && (status.is_client_error() || status.is_server_error())
        {
            let shared = sharing(cors, origin).await;
            response.headers_mut().extend(shared);
        }
        if method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        let headers = response.headers_mut();
        verdict.write(headers);
        if let Ok(time) = app.bank_time().await {
            headers.insert(BANK_TIME, time.header);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

        let latency = start.elapsed();
        app.metrics.answered(route, status, latency);
        app.reads.answered(&method);
        if let Some(path) = path {
            tracing::info!(
                request_id = request_id::text(&id),
                %method,
                path,
                status = status.as_u16(),
                latency_us = latency.as_micros(),
                "request"
            );
        }
        headers.insert(REQUEST_ID, id);
        response
    }
}

/// Lets a request in if there is room for it and its body.
async fn admit(app: &App, class: LimitClass, request: Request, mut routes: Router) -> Response {
    let in_flight = InFlight::enter(app);
    let room = u64::try_from(app.settings.max_concurrent_requests).unwrap_or(u64::MAX);
    if in_flight.count > room && class != LimitClass::Exempt {
        return Problem::overloaded("the server is working on too many requests").into_response();
    }
    let max_body = u64::try_from(app.settings.max_body_bytes).unwrap_or(u64::MAX);
    if request.body().size_hint().lower() > max_body {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    }
    let time = Duration::from_secs(app.settings.request_timeout_seconds);
    match tokio::time::timeout(time, caught(routes.call(request))).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the request took longer than {} s", time.as_secs()),
        )
        .into_response(),
    }
}

/// Runs a handler; a panic is a failure of the server that ends no other request.
async fn caught(handler: impl Future<Output = Result<Response, Infallible>>) -> Response {
    let mut handler = pin!(handler);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))) {
        Ok(poll) => poll.map(|Ok(response)| response),
        Err(panic) => {
            let message = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            tracing::error!(panic = message.unwrap_or("no message"), "a handler panicked");
            Poll::Ready(Problem::internal().into_response())
        }
    })
    .await
}

/// Puts what is refused or failed in the form of problem details.
fn as_problem(response: Response, id: &HeaderValue) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem =
        parts.extensions.remove::<Problem>().unwrap_or_else(|| Problem::of_status(status));
    problem.render(request_id::text(id), parts.headers)
}

/// The headers that let a page of another origin read an answer. What is refused here has not gone
/// by the routes, which would have added them.
async fn sharing(mut cors: Router, origin: HeaderValue) -> HeaderMap {
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(header::ORIGIN, origin);
    let Ok(response) = cors.call(request).await;
    let mut headers = response.into_parts().0.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers
}

/// A request that is worked on; counted until it is dropped, answered or not.
struct InFlight<'a> {
    app: &'a App,
    count: u64,
}

impl<'a> InFlight<'a> {
    fn enter(app: &'a App) -> Self {
        Self { app, count: app.metrics.in_flight.inc() + 1 }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.app.metrics.in_flight.dec();
    }
}

/// Whose limits a request counts against: the peer's, or what the trusted proxy says of it.
fn client_address(app: &App, request: &Request, peer: IpAddr) -> IpAddr {
    if app.settings.trust_forwarded_for {
        forwarded_for(request.headers()).unwrap_or(peer)
    } else {
        peer
    }
}

/// The last address: the proxy's own entry. Those before it are the client's word.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).into_iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
