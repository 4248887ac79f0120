//! A server over the small world, and a client that talks to it without a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use mockbank_server::{AdminTokenHash, Bank, Clock, Secret, Settings, router_with_clock};
use mockbank_store::sqlite::SqliteTeller;
use mockbank_store::{Teller, TellerSettings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::bank::{self, PASSWORD};

/// The key that the server under test signs with.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The token that the server under test takes for its administrator's.
pub(crate) const ADMIN_TOKEN: &str = "admin_of_the_small_world";

/// The machine's time when a test starts.
pub(crate) const NOW: u64 = 1_750_000_000;

/// A server, and what it stands on.
pub(crate) struct TestServer {
    pub(crate) router: Router,
    /// Who carries orders out.
    pub(crate) teller: Option<Arc<dyn Teller>>,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

/// A clock that stands until it is moved.
struct ManualClock(AtomicU64);

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl TestServer {
    /// Without rate limits.
    pub(crate) fn new() -> Self {
        let mut settings = Settings::default();
        settings.rate_limits.enabled = false;
        Self::with(settings)
    }

    /// Without rate limits, and without anybody to carry orders out.
    pub(crate) fn reading_only() -> Self {
        let mut settings = Settings::default();
        settings.rate_limits.enabled = false;
        Self::start(settings, None)
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::start(settings, Some(TellerSettings::default()))
    }

    /// Without rate limits, and with room for so few orders in the line.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut settings = Settings::default();
        settings.rate_limits.enabled = false;
        Self::start(settings, Some(TellerSettings { capacity, ..TellerSettings::default() }))
    }

    fn start(mut settings: Settings, teller: Option<TellerSettings>) -> Self {
        settings.token_secret = Some(Secret::new(SECRET));
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(bank::open(folder.path()));
        let open = |settings| SqliteTeller::open(folder.path(), settings).unwrap();
        let teller = teller.map(|settings| Arc::new(open(settings)) as Arc<dyn Teller>);
        settings.admin_token = Some(AdminTokenHash::of(ADMIN_TOKEN));
        settings.simulation_threads = 1;
        let bank = Bank { store, teller: teller.clone(), rates: None };
        let clock = Arc::new(ManualClock(AtomicU64::new(NOW)));
        let router = router_with_clock(bank, &settings, clock.clone()).unwrap();
        Self { router, teller, clock, _folder: folder }
    }

    /// Lets time pass on the machine.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// As `user1` or `user2`.
    pub(crate) async fn get_as(&self, username: &str, path: &str) -> Answer {
        self.get_with(&self.token(username).await, path).await
    }

    /// Sends a body of JSON.
    pub(crate) async fn write(
        &self,
        method: &str,
        token: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends a body that is declared to be JSON.
    pub(crate) async fn send_text(
        &self,
        method: &str,
        token: &str,
        path: &str,
        body: &str,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Lets the bank's time pass, and gives the job when it is done.
    pub(crate) async fn pass_time(&self, time: &Value) -> Value {
        self.job("/admin/clock/advance", time).await
    }

    /// Checks the whole world, of which everything must hold.
    pub(crate) async fn verify(&self) {
        let job = self.job("/admin/verify", &json!({})).await;
        assert_eq!(job["report"]["holds"], true, "{job}");
    }

    async fn job(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(ADMIN_TOKEN, path, body).await;
        answer.done(202);
        let location = answer.header("location").unwrap();
        loop {
            let job = self.get_with(ADMIN_TOKEN, location).await.ok();
            if job["status"] != "RUNNING" {
                assert_eq!(job["status"], "DONE", "{job}");
                return job;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.write("POST", token, path, &[], body).await
    }

    /// The same with an idempotency key.
    pub(crate) async fn post_once(
        &self,
        token: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Answer {
        self.write("POST", token, path, &[("idempotency-key", key)], body).await
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str) -> Answer {
        self.post_login(json!({"username": username, "password": password}).to_string()).await
    }

    pub(crate) async fn post_login(&self, body: impl Into<Body>) -> Answer {
        let request = Request::post("/login").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn token(&self, username: &str) -> String {
        let answer = self.log_in(username, PASSWORD).await;
        answer.json()["token"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.json()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn done(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.json()
    }

    /// The code of an answer that must be a refusal.
    #[track_caller]
    pub(crate) fn code(&self, status: u16) -> String {
        self.refusal(status);
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The detail of an answer that must be a refusal in the form of problem details.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["type"].as_str().unwrap().starts_with("urn:mock-bank:problem:"));
        assert!(problem["title"].is_string());
        assert_eq!(problem["error"], problem["detail"]);
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        assert!(self.header("x-bank-time").is_some());
        problem["detail"].as_str().unwrap().to_owned()
    }
}
