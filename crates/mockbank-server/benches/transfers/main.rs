//! Durable transfers over HTTP, beside two limits: a bare handler before a writer loop that writes
//! the same rows in groups and judges nothing, and that loop alone. A loop with a commit for each
//! transfer shows what groups are good for.
//!
//! ```text
//! cargo bench -p mockbank-server --bench transfers
//! ```
//!
//! Every server is a process of its own. CPU time is what the kernel says of all of its threads
//! (`/proc/PID/task/*/schedstat`, so Linux only). What is compared takes turns, and the medians of
//! the turns are printed.

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

mod limit;
mod load;
mod world;
mod writer;

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mockbank_server::{Bank, Secret, Settings};
use mockbank_store::sqlite::{SqliteStore, SqliteTeller, TellerSettings};
use tempfile::TempDir;
use tokio::net::TcpListener;

use load::{Figures, Shape};

/// What the servers sign with.
const SECRET: &str = "a secret for the time of a benchmark";

/// Clients, each with one transfer under way.
const CLIENTS: usize = 64;

/// How long a turn takes.
const TURN: Duration = Duration::from_millis(1500);

/// Turns of each.
const TURNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [server, folder] = arguments.as_slice()
        && server.ends_with("-server")
    {
        return serve(server, Path::new(folder));
    }
    let single = Shape::Single { accounts: world::ACCOUNTS };
    let mut servers = [
        Measured::new("HTTP, 10,000 accounts", "bank-server", single),
        Measured::new("HTTP, hot pair", "bank-server", Shape::Single { accounts: 2 }),
        Measured::new(
            "HTTP, batches of 100",
            "bank-server",
            Shape::Batch { accounts: world::ACCOUNTS, size: 100 },
        ),
        Measured::new("limit: bare HTTP, no rules", "limit-server", single),
    ];
    for server in &servers {
        // Connections, statements and caches, before anything counts.
        load::run(server.process.address, &server.tokens, server.shape, TURN / 3);
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
    println!("durable transfers, {CLIENTS} clients");
    println!("{:<30} {:>9} {:>12} {:>8} {:>8}", "", "a second", "/CPU-second", "p50 ms", "p99 ms");
    let [bank, hot, batch, bare] = servers.map(|server| report(server.name, &server.turns));
    let [alone, each] = loops.map(|(name, _, turns)| report(name, &turns));
    println!();
    println!("{:<46} {:>9} {:>12}", "", "a second", "/CPU-second");
    for (name, one, other) in [
        ("10,000 accounts to the limit over HTTP", &bank, &bare),
        ("10,000 accounts to the loop alone", &bank, &alone),
        ("hot pair to 10,000 accounts", &hot, &bank),
        ("batches to single transfers", &batch, &bank),
        ("10,000 accounts to a commit for each transfer", &bank, &each),
    ] {
        let (rate, per_cpu) = (one.rate / other.rate, one.per_cpu_second / other.per_cpu_second);
        println!("{name:<46} {rate:>9.2} {per_cpu:>12.2}");
    }
}

/// What came of a turn, or the medians of several.
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
            rate: done / TURN.as_secs_f64(),
            per_cpu_second: done / used.as_secs_f64(),
            p50: figures.percentile(50),
            p99: figures.percentile(99),
        }
    }
}

/// Prints the medians of the turns.
fn report(name: &str, turns: &[Turn]) -> Turn {
    let median = |figure: fn(&Turn) -> f64| {
        let mut figures: Vec<f64> = turns.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let turn = Turn {
        rate: median(|turn| turn.rate),
        per_cpu_second: median(|turn| turn.per_cpu_second),
        p50: median(|turn| turn.p50),
        p99: median(|turn| turn.p99),
    };
    let Turn { rate, per_cpu_second, p50, p99 } = turn;
    println!("{name:<30} {rate:>9.0} {per_cpu_second:>12.0} {p50:>8.2} {p99:>8.2}");
    turn
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

    fn measure(&mut self) {
        let before = self.process.cpu_time();
        let figures = load::run(self.process.address, &self.tokens, self.shape, TURN);
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
        let teller = SqliteTeller::open(folder, TellerSettings::default()).expect("a teller");
        let store = Arc::new(SqliteStore::open(folder).expect("the world"));
        let bank = Bank { store, teller: Some(Arc::new(teller)), rates: None };
        let never = std::future::pending();
        mockbank_server::serve(bank, &settings, listener, never).await.expect("serves");
    });
}

/// A server in a process of its own.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(name: &str, folder: &Path) -> Self {
        let program = std::env::current_exe().expect("a program");
        let mut process = Command::new(program)
            .args([name.as_ref(), folder.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its address");
        let address = line.trim().parse().expect("an address");
        Self { process, address }
    }

    fn cpu_time(&self) -> Duration {
        cpu_time(&self.process.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// CPU time that all threads of a process have used.
fn cpu_time(process: &str) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("a process of Linux");
    tasks.filter_map(|task| used(&task.ok()?.path())).sum()
}

/// CPU time that the calling thread has used.
fn own_cpu_time() -> Duration {
    used(Path::new("/proc/thread-self")).expect("a thread of Linux")
}

fn used(task: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(task.join("schedstat")).ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
