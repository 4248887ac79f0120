//! An authenticated page of 20 transactions over HTTP, in requests per second of the server's CPU
//! time, beside the limit: a bare handler that does the same and nothing more.
//!
//! ```text
//! cargo bench -p mockbank-server --bench page -- [ROWS...]
//! ```
//!
//! Each server is a process of its own, so that what the client costs does not count: this
//! program starts itself again with the server's name. CPU time is what the kernel says of all of
//! its threads (`/proc/PID/task/*/schedstat`, so Linux only). The two take turns, and the medians
//! of the turns are compared.

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

#[path = "../common/allocator.rs"]
mod allocator;
mod limit;
mod load;
#[path = "../common/process.rs"]
mod process;
mod world;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mockbank_server::{Bank, Secret, Settings};
use mockbank_store::sqlite::SqliteStore;
use tokio::net::TcpListener;

use process::{Server, median};

/// What both servers sign with.
const SECRET: &str = "a secret for the time of a benchmark";

/// The worlds to measure, by number of postings: five customers, and ten million rows.
const WORLDS: [usize; 2] = [300, 10_000_000];

/// How long one server is asked before it is the other's turn.
const TURN: Duration = Duration::from_millis(1500);

/// Turns of each server.
const TURNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [server, folder] = arguments.as_slice()
        && server.ends_with("-server")
    {
        return serve(server, Path::new(folder));
    }
    let rows: Vec<usize> = arguments.iter().filter_map(|rows| rows.parse().ok()).collect();
    println!("authenticated page of 20, requests per CPU-second of the server");
    println!("{:>12} {:>12} {:>12} {:>8}", "rows", "mock-bank", "limit", "ratio");
    for rows in if rows.is_empty() { WORLDS.to_vec() } else { rows } {
        measure(rows);
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
        let store = Arc::new(SqliteStore::open(folder).expect("the world"));
        let never = std::future::pending();
        mockbank_server::serve(
            Bank { store, teller: None, rates: None },
            &settings,
            listener,
            never,
        )
        .await
        .expect("serves");
    });
}

fn measure(rows: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world::build(folder.path(), rows);
    let servers = ["bank-server", "limit-server"].map(|name| Server::start(name, folder.path()));
    let mut rates = [const { Vec::new() }; 2];
    for server in &servers {
        // Connections, statements and caches, before anything counts.
        load::run(server.address, &world, TURN / 3);
    }
    for _ in 0..TURNS {
        for (server, rates) in servers.iter().zip(&mut rates) {
            let before = server.cpu_time();
            let requests = load::run(server.address, &world, TURN);
            let used = server.cpu_time().saturating_sub(before);
            assert!(!used.is_zero(), "the kernel counts no time");
            rates.push(f64::from(requests) / used.as_secs_f64());
        }
    }
    let [ours, limit] = rates.map(median);
    println!("{rows:>12} {ours:>12.0} {limit:>12.0} {:>8.2}", ours / limit);
}
