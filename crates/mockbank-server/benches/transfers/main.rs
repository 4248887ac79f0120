//! Durable transfers over HTTP, beside the limit: a writer loop that commits in groups and does
//! nothing else, and the same with a commit for each transfer.
//!
//! ```text
//! cargo bench -p mockbank-server --bench transfers
//! ```
//!
//! Every server is a process of its own. CPU time is what the kernel says of all of its threads
//! (`/proc/PID/task/*/schedstat`, so Linux only).

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

mod limit;
mod load;
mod world;

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mockbank_server::{Bank, Secret, Settings};
use mockbank_store::sqlite::{SqliteStore, SqliteTeller, TellerSettings};
use tokio::net::TcpListener;

use load::{Figures, Shape};

/// What the server signs with.
const SECRET: &str = "a secret for the time of a benchmark";

/// Clients, each with one transfer under way.
const CLIENTS: usize = 64;

/// How long each is measured.
const TIME: Duration = Duration::from_secs(3);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [server, folder] = arguments.as_slice()
        && server == "bank-server"
    {
        return serve(Path::new(folder));
    }
    println!("durable transfers, {CLIENTS} clients");
    println!("{:<34} {:>10} {:>12} {:>9} {:>9}", "", "a second", "/CPU-second", "p50 ms", "p99 ms");
    for (name, shape) in [
        ("HTTP, 10,000 accounts", Shape::Single { accounts: world::ACCOUNTS }),
        ("HTTP, hot pair", Shape::Single { accounts: 2 }),
        ("HTTP, batches of 100", Shape::Batch { accounts: world::ACCOUNTS, size: 100 }),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = world::build(folder.path());
        let server = Server::start(folder.path());
        load::run(server.address, &tokens, shape, TIME / 3);
        let before = server.cpu_time();
        let figures = load::run(server.address, &tokens, shape, TIME);
        report(name, &figures, server.cpu_time().saturating_sub(before));
    }
    for (name, grouped) in
        [("limit: groups, no rules, no HTTP", true), ("a commit for each", false)]
    {
        let (figures, used) = limit::run(grouped, TIME);
        report(name, &figures, used);
    }
}

fn report(name: &str, figures: &Figures, used: Duration) {
    let done = f64::from(figures.done);
    println!(
        "{name:<34} {:>10.0} {:>12.0} {:>9.2} {:>9.2}",
        done / TIME.as_secs_f64(),
        done / used.as_secs_f64(),
        figures.percentile(50),
        figures.percentile(99),
    );
}

/// Runs the server until it is killed; says on which port.
fn serve(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
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
    fn start(folder: &Path) -> Self {
        let program = std::env::current_exe().expect("a program");
        let mut process = Command::new(program)
            .args(["bank-server".as_ref(), folder.as_os_str()])
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
