//! What a flood of logins or of transfers costs those who read.
//!
//! ```text
//! cargo bench -p mockbank-server --bench flood
//! ```
//!
//! Pages are read from one server, in turns: alone, while a flood runs against the same server,
//! and while the same flood runs against another server, with a world of its own. The flood and
//! its clients take as much of the machine in either case, so the ratio of the last two is what it
//! costs that the flood is in the same server; the ratio to the first is what readers see on this
//! machine. The medians of the turns are printed.

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

#[expect(dead_code, reason = "other benchmarks use the rest")]
#[path = "../common/process.rs"]
mod process;
#[path = "../page/load.rs"]
mod read;
#[expect(dead_code, reason = "another benchmark uses the rest")]
#[path = "../transfers/load.rs"]
mod transfers;
#[path = "../page/world.rs"]
mod world;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mockbank_server::{Bank, Secret, Settings};
use mockbank_store::sqlite::{SqliteStore, SqliteTeller, TellerSettings};
use tokio::net::TcpListener;

use process::{Server, median};
use world::World;

/// What the servers sign with.
const SECRET: &str = "a secret for the time of a benchmark";

/// Clients of a flood, each with a request under way.
const CLIENTS: usize = 32;

/// Postings of each world.
const ROWS: usize = 1_000_000;

/// How long a turn takes.
const TURN: Duration = Duration::from_millis(1200);

/// Turns of each.
const TURNS: usize = 7;

/// Who floods.
#[derive(Clone, Copy)]
enum Flood {
    Logins,
    Transfers,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [server, folder] = arguments.as_slice()
        && server == "bank-server"
    {
        return serve(Path::new(folder));
    }
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [world, _] = [&folders[0], &folders[1]].map(|folder| world::build(folder.path(), ROWS));
    let [own, other] = [&folders[0], &folders[1]].map(|f| Server::start("bank-server", f.path()));
    for server in [&own, &other] {
        // Connections, statements and caches, before anything counts.
        read::run(server.address, &world, TURN);
        Flood::Transfers.run(server.address, &world, Instant::now() + TURN / 3);
    }
    println!("pages a second, beside floods of {CLIENTS} clients");
    println!(
        "{:<10} {:>8} {:>12} {:>10} {:>14} {:>9} {:>9}",
        "flood", "alone", "same server", "elsewhere", "flood a second", "/elsewhere", "/alone"
    );
    for (name, flood) in [("logins", Flood::Logins), ("transfers", Flood::Transfers)] {
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            let alone = read::run(own.address, &world, TURN);
            let (same, floods) = beside(flood, own.address, own.address, &world);
            let (elsewhere, _) = beside(flood, own.address, other.address, &world);
            turns.push(
                [alone, same, elsewhere, floods].map(|count| f64::from(count) / TURN.as_secs_f64()),
            );
        }
        let of = |figure: fn(&[f64; 4]) -> f64| median(turns.iter().map(figure).collect());
        println!(
            "{name:<10} {:>8.0} {:>12.0} {:>10.0} {:>14.0} {:>9.2} {:>9.2}",
            of(|turn| turn[0]),
            of(|turn| turn[1]),
            of(|turn| turn[2]),
            of(|turn| turn[3]),
            of(|turn| turn[1] / turn[2]),
            of(|turn| turn[1] / turn[0]),
        );
    }
}

/// Pages that were read from one server while another, or the same, was flooded, and how many
/// requests the flood had answered.
fn beside(flood: Flood, server: SocketAddr, flooded: SocketAddr, world: &World) -> (u32, u32) {
    let end = Instant::now() + TURN;
    std::thread::scope(|scope| {
        let flood = scope.spawn(move || flood.run(flooded, world, end));
        let pages = read::run(server, world, TURN);
        (pages, flood.join().expect("a flood"))
    })
}

impl Flood {
    fn run(self, server: SocketAddr, world: &World, end: Instant) -> u32 {
        match self {
            Self::Logins => std::thread::scope(|scope| {
                let clients: Vec<_> =
                    (0..CLIENTS).map(|_| scope.spawn(move || log_in(server, end))).collect();
                clients.into_iter().map(|client| client.join().expect("a client")).sum()
            }),
            Self::Transfers => {
                let shape = transfers::Shape::Single { accounts: world.tokens.len() };
                let time = end.saturating_duration_since(Instant::now());
                transfers::run(server, &world.tokens, shape, time).done
            }
        }
    }
}

/// Logs in again and again.
fn log_in(server: SocketAddr, end: Instant) -> u32 {
    let mut connection = TcpStream::connect(server).expect("a connection");
    connection.set_nodelay(true).expect("a setting");
    let body = format!("{{\"username\":\"user1\",\"password\":\"{}\"}}", world::PASSWORD);
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut buffer = vec![0; 1 << 14];
    let mut answers = 0;
    while Instant::now() < end {
        connection.write_all(request.as_bytes()).expect("a request");
        let read = connection.read(&mut buffer).expect("an answer");
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200"), "a login was refused");
        answers += 1;
    }
    answers
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
