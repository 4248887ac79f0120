//! `mockbank serve`: the banking API over a world.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use mockbank_server::{RateLimits, Secret, Settings};
use mockbank_store::Store as _;
use mockbank_store::sqlite::SqliteStore;
use tokio::net::TcpListener;

use crate::cli::{ServerArgs, Shared};
use crate::output;

/// Under which the secret that tokens are signed with is kept with the world.
pub(crate) const TOKEN_SECRET: &str = "token_secret";

/// Password of the customers that the simulation makes.
pub(crate) const DEFAULT_PASSWORD: &str = "password123";

/// Runs the command.
pub(crate) fn run(shared: &Shared, args: &ServerArgs) -> anyhow::Result<()> {
    let store = SqliteStore::open(&shared.data)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(store, args))
}

async fn serve(store: SqliteStore, args: &ServerArgs) -> anyhow::Result<()> {
    let mut settings = settings(args);
    if settings.token_secret.is_none() {
        settings.token_secret = store.setting(TOKEN_SECRET).await?.map(Secret::new);
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another --listen", args.listen))?;
    output::text(&greeting(listener.local_addr()?))?;
    let stop = mockbank_server::shutdown_signal();
    Ok(mockbank_server::serve(Arc::new(store), &settings, listener, stop).await?)
}

fn settings(args: &ServerArgs) -> Settings {
    Settings {
        listen: args.listen,
        token_secret: args.token_secret.as_deref().map(Secret::new),
        token_lifetime_seconds: args.token_lifetime,
        rate_limits: RateLimits {
            enabled: !args.no_rate_limit,
            per_day: args.limit_per_day,
            per_hour: args.limit_per_hour,
            login_per_minute: args.limit_logins_per_minute,
            transactions_per_minute: args.limit_transactions_per_minute,
            ..RateLimits::default()
        },
        trust_forwarded_for: args.trust_forwarded_for,
        cors_origins: args.cors_origins.clone(),
        max_body_bytes: args.max_body,
        request_timeout_seconds: args.request_timeout,
        max_concurrent_requests: args.max_concurrent_requests,
        password_threads: args.password_threads,
        password_queue: args.password_queue,
        shutdown_grace_seconds: args.shutdown_grace,
    }
}

/// Where the bank is open, and a login that works.
fn greeting(address: SocketAddr) -> String {
    // A browser cannot go to the address that stands for all of a machine's own.
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
        other => other.to_string(),
    };
    format!(
        "Mock-Bank is open at http://{host}\n\
         \x20 API by hand   http://{host}/apidocs/\n\
         \x20 log in as     user1, password {DEFAULT_PASSWORD}\n\
         \n\
         curl -s http://{host}/login -H 'Content-Type: application/json' \
         -d '{{\"username\": \"user1\", \"password\": \"{DEFAULT_PASSWORD}\"}}'\n"
    )
}
