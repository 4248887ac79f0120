//! `mockbank serve`: the banking API over a world.

use std::net::SocketAddr;

use anyhow::Context as _;
use mockbank_server::{AdminTokenHash, Bank, RateLimits, Secret, Settings};
use mockbank_store::Place;
use tokio::net::TcpListener;

use crate::cli::{ServerArgs, Shared};
use crate::failure::Usage;
use crate::output;

/// Under which the secret that tokens are signed with is kept with the world.
pub(crate) const TOKEN_SECRET: &str = "token_secret";

/// Under which the hash of the admin token is kept with the world.
const ADMIN_TOKEN: &str = "admin_token_hash";

/// Password of the customers that the simulation makes.
pub(crate) const DEFAULT_PASSWORD: &str = "password123";

/// Runs the command.
pub(crate) fn run(shared: &Shared, args: &ServerArgs) -> anyhow::Result<()> {
    let settings = settings(shared, args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(settings, &shared.place(), args))
}

async fn serve(mut settings: Settings, place: &Place, args: &ServerArgs) -> anyhow::Result<()> {
    if !args.read_only {
        // Where several processes start at once over one database, they agree on the secret of the
        // first.
        place.keep_setting(TOKEN_SECRET, &mockbank_server::new_token_secret()?).await?;
    }
    let store = place.open().await?;
    if settings.token_secret.is_none() {
        settings.token_secret = store.setting(TOKEN_SECRET).await?.map(Secret::new);
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}; choose another --listen", args.listen))?;
    let shared_limits = settings.rate_limits.enabled && !args.local_rate_limits;
    let rates = if shared_limits { place.rate_counter().await? } else { None };
    // Only now, since a token is shown once: nobody would see it if the server did not start.
    let token = if args.read_only { None } else { new_admin_token(place, args).await? };
    settings.admin_token = match &args.admin_token {
        Some(token) => Some(AdminTokenHash::of(token)),
        None => store.setting(ADMIN_TOKEN).await?.as_deref().and_then(AdminTokenHash::parse),
    };
    let teller =
        if args.read_only { None } else { Some(place.open_teller(args.bank.teller()).await?) };
    output::text(&greeting(listener.local_addr()?, token.as_deref()))?;
    let bank = Bank { store, teller, rates };
    let stop = mockbank_server::shutdown_signal();
    Ok(mockbank_server::serve(bank, &settings, listener, stop).await?)
}

/// Makes an admin token, if there is none or another one is wanted.
async fn new_admin_token(place: &Place, args: &ServerArgs) -> anyhow::Result<Option<String>> {
    if args.admin_token.is_some() {
        return Ok(None);
    }
    let token = mockbank_server::new_admin_token()?;
    let hash = AdminTokenHash::of(&token).to_string();
    if args.new_admin_token {
        place.put_setting(ADMIN_TOKEN, &hash).await?;
        return Ok(Some(token));
    }
    let kept = place.keep_setting(ADMIN_TOKEN, &hash).await?;
    Ok((kept == hash).then_some(token))
}

/// The settings as they were given, refused where no server can run with them.
pub(crate) fn settings(shared: &Shared, args: &ServerArgs) -> Result<Settings, Usage> {
    let settings = Settings {
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
    };
    mockbank_server::check(&settings).map_err(|error| Usage(error.into()))?;
    Ok(settings)
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
