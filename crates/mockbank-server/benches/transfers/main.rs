//! Durable transfers over HTTP, beside two limits: a bare handler before a writer loop that writes
//! the same rows in groups and judges nothing, and that loop alone. A loop with a commit for each
//! transfer shows what groups are good for.
//!
//! ```text
//! cargo bench -p mockbank-server --bench transfers
//! cargo bench -p mockbank-server --bench transfers -- --sync-delay 5 --clients 256
//! ```
//!
//! The second makes every sync of the disk take 5 ms more, for all sides, and lets 256 clients work
//! in place of 64: what one commit carries grows with those who wait for it.
//!
//! Every server is a process of its own. CPU time is what the kernel says of all of its threads
//! (`/proc/PID/task/*/schedstat`, so Linux only). What is compared takes turns, and what is printed
//! are the medians of the turns and of the ratios within them.

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

mod limit;
mod load;
#[path = "../common/process.rs"]
mod process;
mod slow_disk;
mod world;
mod writer;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mockbank_server::{Bank, Secret, Settings};
use mockbank_store::TellerSettings;
use mockbank_store::sqlite::{SqliteStore, SqliteTeller};
use tempfile::TempDir;
use tokio::net::TcpListener;

use load::{Figures, Shape};
use process::{Server, median};

/// What the servers sign with.
const SECRET: &str = "a secret for the time of a benchmark";

/// Clients, each with one transfer under way.
static CLIENTS: LazyLock<usize> =
    LazyLock::new(|| option("--clients").map_or(64, |text| text.parse().expect("a number")));

/// How long a turn takes.
const TURN: Duration = Duration::from_millis(1200);

/// Turns of each.
const TURNS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [server, folder] = arguments.as_slice()
        && server.ends_with("-server")
    {
        return serve(server, Path::new(folder));
    }
    if let Some(delay) = option("--sync-delay")
        && !slow_disk::is_there()
    {
        std::process::exit(slow_disk::measure_on(&delay).code().unwrap_or(1));
    }
    let single = Shape::Single { accounts: world::ACCOUNTS };
    let mut servers = [
        Measured::new("HTTP, 10,000 accounts", "bank-server", single),
        Measured::new("limit: bare HTTP, no rules", "limit-server", single),
        Measured::new("HTTP, hot pair", "bank-server", Shape::Single { accounts: 2 }),
        Measured::new(
            "HTTP, batches of 100",
            "bank-server",
            Shape::Batch { accounts: world::ACCOUNTS, size: 100 },
        ),
    ];
    for server in &servers {
        // Connections, statements and caches, before anything counts.
        server.run(TURN / 3);
    }
    let mut loops = [("limit: no HTTP, no rules", true), ("a commit for each transfer", false)]
        .map(|(name, grouped)| (name, grouped, Vec::new()));
    for _ in 0..TURNS {
        for server in &mut servers {
            server.measure();
        }
        for (_, grouped, turns) in &mut loops {
            let (figures, used) = writer::run(*grouped, TURN);
            turns.push(Turn::new(&figures, used));
        }
    }
    println!("durable transfers, {} clients", *CLIENTS);
    println!("{:<30} {:>9} {:>12} {:>8} {:>8}", "", "a second", "/CPU-second", "p50 ms", "p99 ms");
    let [bank, bare, hot, batch] = servers.map(|server| (server.name, server.turns));
    let [alone, each] = loops.map(|(name, _, turns)| (name, turns));
    for (name, turns) in [&bank, &hot, &batch, &bare, &alone, &each] {
        report(name, turns);
    }
    println!();
    println!("{:<46} {:>9} {:>12}", "", "a second", "/CPU-second");
    for (name, (_, ones), (_, others)) in [
        ("10,000 accounts to the limit over HTTP", &bank, &bare),
        ("10,000 accounts to the loop alone", &bank, &alone),
        ("hot pair to 10,000 accounts", &hot, &bank),
        ("batches to single transfers", &batch, &bank),
        ("10,000 accounts to a commit for each transfer", &bank, &each),
    ] {
        let ratio = |figure: fn(&Turn) -> f64| {
            let pairs = ones.iter().zip(others);
            median(pairs.map(|(one, other)| figure(one) / figure(other)).collect())
        };
        let (rate, per_cpu) = (ratio(|turn| turn.rate), ratio(|turn| turn.per_cpu_second));
        println!("{name:<46} {rate:>9.2} {per_cpu:>12.2}");
    }
}

/// What stands behind an option on the command line.
fn option(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

/// What came of a turn.
struct Turn {
    /// Transfers a second.
    rate: f64,
    /// Transfers a second of CPU time.
    per_cpu_second: f64,
    /// Median of the latencies in milliseconds.
    p50: f64,
    /// 99th percentile of the latencies in milliseconds.
    p99: f64,
}

impl Turn {
    fn new(figures: &Figures, used: Duration) -> Self {
        let done = f64::from(figures.done);
        Self {
            rate: done / figures.elapsed.as_secs_f64(),
            per_cpu_second: done / used.as_secs_f64(),
            p50: figures.percentile(50),
            p99: figures.percentile(99),
        }
    }
}

/// Prints the medians of the turns.
fn report(name: &str, turns: &[Turn]) {
    let of = |figure: fn(&Turn) -> f64| median(turns.iter().map(figure).collect());
    let (rate, per_cpu) = (of(|turn| turn.rate), of(|turn| turn.per_cpu_second));
    let (p50, p99) = (of(|turn| turn.p50), of(|turn| turn.p99));
    println!("{name:<30} {rate:>9.0} {per_cpu:>12.0} {p50:>8.2} {p99:>8.2}");
}

/// A server with its own world, and what was measured of it.
struct Measured {
    name: &'static str,
    shape: Shape,
    tokens: Vec<String>,
    turns: Vec<Turn>,
    process: Server,
    /// Goes after the server that works in it.
    _folder: TempDir,
}

impl Measured {
    fn new(name: &'static str, server: &str, shape: Shape) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = world::build(folder.path());
        let process = Server::start(server, folder.path());
        Self { name, shape, tokens, turns: Vec::new(), process, _folder: folder }
    }

    /// Has the clients send orders for so long.
    fn run(&self, time: Duration) -> Figures {
        load::run(self.process.address, &self.tokens, self.shape, *CLIENTS, time)
    }

    fn measure(&mut self) {
        let before = self.process.cpu_time();
        let figures = self.run(TURN);
        let used = self.process.cpu_time().saturating_sub(before);
        self.turns.push(Turn::new(&figures, used));
    }
}

/// Runs one of the servers until it is killed; says on which port.
fn serve(server: &str, folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        if server == "limit-server" {
            return limit::serve(listener, folder).await;
        }
        let mut settings = Settings::default();
        settings.rate_limits.enabled = false;
        settings.token_secret = Some(Secret::new(SECRET));
        // Batches of many clients wait too.
        let settings_of_teller = TellerSettings { capacity: 1 << 17, ..TellerSettings::default() };
        let teller = SqliteTeller::open(folder, settings_of_teller).expect("a teller");
        let store = Arc::new(SqliteStore::open(folder).expect("the world"));
        let bank = Bank { store, teller: Some(Arc::new(teller)), rates: None };
        let never = std::future::pending();
        mockbank_server::serve(bank, &settings, listener, never).await.expect("serves");
    });
}

/// CPU time that the calling thread has used.
fn own_cpu_time() -> Duration {
    process::used(Path::new("/proc/thread-self")).expect("a thread of Linux")
}
