//! The command line: what can be said, and how it is explained.

mod bank;
mod compare;
mod files;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::{BoolishValueParser, RangedU64ValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mockbank_bank::Day;

pub(crate) use bank::BankArgs;
pub(crate) use compare::{Compare, RowFormat};
pub(crate) use files::{Export, Files, Generate, Merge, Month, Statement, StatementFormat};

const AFTER_HELP: &str = "\
Every setting is taken from its flag, else from the environment, else from the settings file, \
else from its default. 'mockbank settings' shows which one holds and why.

Exit codes: 0 done; 1 failed, or a check found something; 2 wrong use; 130 interrupted.";

/// A self-hosted mock bank with a simulated world behind it.
#[derive(Debug, Parser)]
#[command(name = "mockbank", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) shared: Shared,
    /// What to do; without it, the dashboard opens at a terminal, and the help is shown elsewhere.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What holds for every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings of every command")]
pub(crate) struct Shared {
    /// Settings file [default: ./mockbank.toml where there is one]
    #[arg(long, global = true, value_name = "FILE", env = "MOCKBANK_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Folder that holds the world
    #[arg(long, global = true, value_name = "DIR", env = "MOCKBANK_DATA")]
    #[arg(default_value = "./mock_data")]
    pub(crate) data: PathBuf,
    /// URL of the database that holds the world in place of a folder.
    #[arg(long, global = true, value_name = "URL", env = "MOCKBANK_DATABASE_URL")]
    #[arg(hide_env_values = true)]
    #[arg(help = "PostgreSQL database that holds the world in place of a folder")]
    pub(crate) database: Option<String>,
    /// Threads of the simulation, 0 for one per core; the world is the same with any number
    #[arg(long, global = true, value_name = "N", env = "MOCKBANK_THREADS", default_value_t = 0)]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(0..=1024))]
    #[arg(allow_negative_numbers = true)]
    pub(crate) threads: usize,
    /// What to log: a level, or levels for parts such as `info,mockbank_store=debug`
    #[arg(long, global = true, value_name = "FILTER", env = "MOCKBANK_LOG")]
    #[arg(default_value = "info")]
    pub(crate) log: String,
    /// Form of the log on standard error
    #[arg(long, global = true, value_name = "FORM", env = "MOCKBANK_LOG_FORMAT")]
    #[arg(value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a world by a preset, 'classic' or 'realistic': customers, accounts, their first days
    Init(Init),
    /// Let time pass: payroll, spending and bills until the new date
    Evolve(Evolve),
    /// Show the clock, the counts and the balances
    Stats(Stats),
    /// Recompute every balance, check both sides of every movement and the sum of the ledger
    Verify(Verify),
    /// Serve the banking API over the world in the data folder
    Serve(Serve),
    /// Make a world if there is none, then serve it
    Up(Up),
    /// Copy the world into a file, also while it is served
    Backup(Backup),
    /// Put the world of a backup into the data folder
    Restore(Restore),
    /// Write a world of any size straight to files, without a database
    Generate(Generate),
    /// Make one manifest of the shards that 'generate' wrote into folders of their own
    Merge(Merge),
    /// Write the stored world to files
    Export(Export),
    /// Measure the stored world beside published figures, on a page of HTML
    Report(Report),
    /// Show two worlds line by line: two stored ones, or one with and without a change
    Compare(Compare),
    /// Write a month's statement of an account or a card, for accounting programs
    Statement(Statement),
    /// Show every setting, its value, and where the value comes from
    Settings(Settings),
}

/// Which world to make.
#[derive(Debug, Args)]
#[command(next_help_heading = "The world")]
pub(crate) struct WorldArgs {
    /// Rules of the world: a built-in preset ('classic' or 'realistic'), or a TOML file
    #[arg(long, value_name = "NAME|FILE", env = "MOCKBANK_PRESET", default_value = "classic")]
    pub(crate) preset: String,
    /// Customers to begin with
    #[arg(long, value_name = "N", env = "MOCKBANK_USERS", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    pub(crate) users: u32,
    /// Days to simulate at once
    #[arg(long, value_name = "N", env = "MOCKBANK_DAYS", default_value_t = 30)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) days: u16,
    /// First day of the world
    #[arg(long, value_name = "YYYY-MM-DD", env = "MOCKBANK_START", default_value = "2025-01-01")]
    #[arg(value_parser = Day::parse)]
    pub(crate) start: Day,
    /// Seed of all chance: the same seed makes the same world
    #[arg(long, value_name = "N", env = "MOCKBANK_SEED", default_value_t = 1)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) seed: u64,
}

/// How to serve.
#[derive(Debug, Args)]
#[command(next_help_heading = "The server")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct ServerArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "MOCKBANK_LISTEN")]
    #[arg(value_parser = socket, default_value_t = defaults().listen)]
    pub(crate) listen: SocketAddr,
    /// Answer as fast as possible, without limits on the rate of requests
    #[arg(long, env = "MOCKBANK_NO_RATE_LIMIT", value_parser = BoolishValueParser::new())]
    pub(crate) no_rate_limit: bool,
    /// Count clients' requests in this process alone, not in the database for all processes
    #[arg(long, env = "MOCKBANK_LOCAL_RATE_LIMITS", value_parser = BoolishValueParser::new())]
    pub(crate) local_rate_limits: bool,
    /// Requests that a client may make in a day
    #[arg(long, value_name = "N", env = "MOCKBANK_LIMIT_PER_DAY")]
    #[arg(default_value_t = defaults().rate_limits.per_day)]
    pub(crate) limit_per_day: NonZeroU32,
    /// Requests that a client may make in an hour
    #[arg(long, value_name = "N", env = "MOCKBANK_LIMIT_PER_HOUR")]
    #[arg(default_value_t = defaults().rate_limits.per_hour)]
    pub(crate) limit_per_hour: NonZeroU32,
    /// Logins that a client may try in a minute
    #[arg(long, value_name = "N", env = "MOCKBANK_LIMIT_LOGINS_PER_MINUTE")]
    #[arg(default_value_t = defaults().rate_limits.login_per_minute)]
    pub(crate) limit_logins_per_minute: NonZeroU32,
    /// Pages of transactions that a client may read in a minute
    #[arg(long, value_name = "N", env = "MOCKBANK_LIMIT_TRANSACTIONS_PER_MINUTE")]
    #[arg(default_value_t = defaults().rate_limits.transactions_per_minute)]
    pub(crate) limit_transactions_per_minute: NonZeroU32,
    /// Take clients' addresses from X-Forwarded-For: only behind a proxy that sets it
    #[arg(long, env = "MOCKBANK_TRUST_FORWARDED_FOR", value_parser = BoolishValueParser::new())]
    pub(crate) trust_forwarded_for: bool,
    /// Origins whose pages may call the API, separated by commas; * for all
    #[arg(long, value_name = "ORIGINS", env = "MOCKBANK_CORS_ORIGINS", value_delimiter = ',')]
    pub(crate) cors_origins: Vec<String>,
    /// Key that tokens are signed with, of at least 32 bytes [default: a random one, kept with the
    /// world]
    #[arg(long, value_name = "SECRET", env = "MOCKBANK_TOKEN_SECRET", hide_env_values = true)]
    pub(crate) token_secret: Option<String>,
    /// Token for administration, in place of the one that is kept with the world
    #[arg(long, value_name = "TOKEN", env = "MOCKBANK_ADMIN_TOKEN", hide_env_values = true)]
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) admin_token: Option<String>,
    /// Make a new admin token in place of the one that is kept with the world, and print it
    #[arg(long)]
    pub(crate) new_admin_token: bool,
    /// Serve the world without writing to it, also while another process does
    #[arg(long, env = "MOCKBANK_READ_ONLY", value_parser = BoolishValueParser::new())]
    pub(crate) read_only: bool,
    /// Seconds for which a token is good
    #[arg(long, value_name = "SECONDS", env = "MOCKBANK_TOKEN_LIFETIME")]
    #[arg(default_value_t = defaults().token_lifetime_seconds)]
    pub(crate) token_lifetime: u64,
    /// Largest body of a request in bytes
    #[arg(long, value_name = "BYTES", env = "MOCKBANK_MAX_BODY")]
    #[arg(default_value_t = defaults().max_body_bytes)]
    pub(crate) max_body: usize,
    /// Seconds that a client may take for the head of a request, or leave a connection idle
    #[arg(long, value_name = "SECONDS", env = "MOCKBANK_HEAD_TIMEOUT")]
    #[arg(default_value_t = defaults().head_timeout_seconds)]
    pub(crate) head_timeout: u64,
    /// Seconds that a request may take
    #[arg(long, value_name = "SECONDS", env = "MOCKBANK_REQUEST_TIMEOUT")]
    #[arg(default_value_t = defaults().request_timeout_seconds)]
    pub(crate) request_timeout: u64,
    /// Requests that are worked on at once; more are refused
    #[arg(long, value_name = "N", env = "MOCKBANK_MAX_CONCURRENT_REQUESTS")]
    #[arg(default_value_t = defaults().max_concurrent_requests)]
    pub(crate) max_concurrent_requests: usize,
    /// Passwords that are checked at once
    #[arg(long, value_name = "N", env = "MOCKBANK_PASSWORD_THREADS")]
    #[arg(default_value_t = defaults().password_threads)]
    pub(crate) password_threads: usize,
    /// Logins that wait for their check; more are refused
    #[arg(long, value_name = "N", env = "MOCKBANK_PASSWORD_QUEUE")]
    #[arg(default_value_t = defaults().password_queue)]
    pub(crate) password_queue: usize,
    /// Seconds for which open requests may go on when the server stops
    #[arg(long, value_name = "SECONDS", env = "MOCKBANK_SHUTDOWN_GRACE")]
    #[arg(default_value_t = defaults().shutdown_grace_seconds)]
    pub(crate) shutdown_grace: u64,
    #[command(flatten)]
    pub(crate) bank: BankArgs,
}

/// Reads an address with a port.
fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "it must be an address of this machine and a port, as in 127.0.0.1:5000".to_owned()
    })
}

/// The server's own defaults: they stand there and nowhere else.
fn defaults() -> mockbank_server::Settings {
    mockbank_server::Settings::default()
}

/// `mockbank init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    /// Replace the world in the data folder without asking
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank evolve`
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the names of settings must differ from these")]
#[command(group = clap::ArgGroup::new("time").required(true))]
pub(crate) struct Evolve {
    /// Days that pass
    #[arg(long = "days", value_name = "N", group = "time")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_535), allow_negative_numbers = true)]
    pub(crate) evolve_days: Option<u32>,
    /// Hours that pass
    #[arg(long = "hours", value_name = "N", group = "time")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_572_840), allow_negative_numbers = true)]
    pub(crate) evolve_hours: Option<u32>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank stats`
#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// Balances to list, 0 for all of them
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) rows: u64,
    /// Also read everything and print the hash of the world's content
    #[arg(long)]
    pub(crate) content_hash: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Page to write
    #[arg(long = "out", value_name = "FILE", default_value = "report.html")]
    pub(crate) report_out: PathBuf,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `mockbank serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// `mockbank up`
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// `mockbank backup`
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// File to write; it must not be there yet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `mockbank restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// File that 'mockbank backup' wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Replace the world in the data folder
    #[arg(long)]
    pub(crate) force: bool,
}

/// `mockbank settings`
#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How figures are printed.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
