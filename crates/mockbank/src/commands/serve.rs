//! `mockbank serve`: the banking API over a world.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use mockbank_server::{AdminTokenHash, Bank, RateLimits, Secret, Settings};
use mockbank_store::{Place, Store, Teller};
use tokio::net::TcpListener;

use crate::cli::{ServerArgs, Shared};
use crate::output;

/// Under which the secret that tokens are signed with is kept with the world.
pub(crate) const TOKEN_SECRET: &str = "token_secret";

/// Under which the hash of the admin token is kept with the world.
const ADMIN_TOKEN: &str = "admin_token_hash";

/// Password of the customers that the simulation makes.
pub(crate) const DEFAULT_PASSWORD: &str = "password123";

/// Runs the command.
pub(crate) fn run(shared: &Shared, args: &ServerArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let place = shared.place();
        let counter = if args.read_only { None } else { Some(Counter::open(&place, args).await?) };
        let store = place.open().await?;
        serve(store, counter, shared, args).await
    })
}

/// Who carries orders out, and the admin token if it was made just now, to be shown once.
struct Counter {
    teller: Arc<dyn Teller>,
    new_admin_token: Option<String>,
}

impl Counter {
    /// Makes the secrets that are not there yet, and opens the counter. Where several processes
    /// start at once over one database, they agree on the secrets of the first.
    async fn open(place: &Place, args: &ServerArgs) -> anyhow::Result<Self> {
        place.keep_setting(TOKEN_SECRET, &mockbank_server::new_token_secret()?).await?;
        let new_admin_token = match &args.admin_token {
            Some(_) => None,
            None => new_admin_token(place, args.new_admin_token).await?,
        };
        Ok(Self { teller: place.open_teller(args.bank.teller()).await?, new_admin_token })
    }
}

/// Makes an admin token, if there is none or another one is wanted.
async fn new_admin_token(place: &Place, replace: bool) -> anyhow::Result<Option<String>> {
    let token = mockbank_server::new_admin_token()?;
    let hash = AdminTokenHash::of(&token).to_string();
    if replace {
        place.put_setting(ADMIN_TOKEN, &hash).await?;
        return Ok(Some(token));
    }
    let kept = place.keep_setting(ADMIN_TOKEN, &hash).await?;
    Ok((kept == hash).then_some(token))
}

async fn serve(
    store: Arc<dyn Store>,
    counter: Option<Counter>,
    shared: &Shared,
    args: &ServerArgs,
) -> anyhow::Result<()> {
    let settings = with_secrets(settings(shared, args), &*store, args).await?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another --listen", args.listen))?;
    let (teller, token) = match counter {
        Some(Counter { teller, new_admin_token }) => (Some(teller), new_admin_token),
        None => (None, None),
    };
    output::text(&greeting(listener.local_addr()?, token.as_deref()))?;
    let shared_limits = settings.rate_limits.enabled && !args.local_rate_limits;
    let rates = if shared_limits { shared.place().rate_counter().await? } else { None };
    let bank = Bank { store, teller, rates };
    let stop = mockbank_server::shutdown_signal();
    Ok(mockbank_server::serve(bank, &settings, listener, stop).await?)
}

/// The settings with the secrets that were given, or else those that are kept with the world.
async fn with_secrets(
    mut settings: Settings,
    store: &dyn Store,
    args: &ServerArgs,
) -> anyhow::Result<Settings> {
    if settings.token_secret.is_none() {
        settings.token_secret = store.setting(TOKEN_SECRET).await?.map(Secret::new);
    }
    settings.admin_token = match &args.admin_token {
        Some(token) => Some(AdminTokenHash::of(token)),
        None => store.setting(ADMIN_TOKEN).await?.as_deref().and_then(AdminTokenHash::parse),
    };
    Ok(settings)
}

fn settings(shared: &Shared, args: &ServerArgs) -> Settings {
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
        head_timeout_seconds: args.head_timeout,
        request_timeout_seconds: args.request_timeout,
        max_concurrent_requests: args.max_concurrent_requests,
        password_threads: args.password_threads,
        password_queue: args.password_queue,
        shutdown_grace_seconds: args.shutdown_grace,
        simulation_threads: shared.threads,
        card_limits: args.bank.card_limits(),
        ..Settings::default()
    }
}

/// Where the bank is open, a login that works, and the admin token if it is new.
fn greeting(address: SocketAddr, admin_token: Option<&str>) -> String {
    // A browser cannot go to the address that stands for all of a machine's own.
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
        other => other.to_string(),
    };
    let admin = admin_token.map_or_else(String::new, |token| {
        format!("\x20 admin token   {token}\n\x20               (shown this once; keep it)\n")
    });
    format!(
        "Mock-Bank is open at http://{host}\n\
         \x20 API by hand   http://{host}/apidocs/\n\
         \x20 log in as     user1, password {DEFAULT_PASSWORD}\n\
         {admin}\n\
         curl -s http://{host}/login -H 'Content-Type: application/json' \
         -d '{{\"username\": \"user1\", \"password\": \"{DEFAULT_PASSWORD}\"}}'\n"
    )
}
