//! What a flood of logins or of transfers costs those who read.
//!
//! ```text
//! cargo bench -p mockbank-server --bench flood
//! ```
//!
//! In turns, pages are read from one server alone, while a flood runs against the same server, and
//! while the same flood runs against another server, with a world of its own; and the flood runs
//! alone. Both have clients that take their part of the same machine, so the ratio to the pages
//! read elsewhere is what it costs that the flood is in the same server; the ratio to the pages
//! read alone is what readers see on this machine. What is left to the flood, and how long its
//! answers then take, stands beside it.
//!
//! Turns are short and alternate, as other work on the machine changes from second to second; what
//! is printed are the medians of the turns and of the ratios within them. Where others take CPU
//! time from it, the ratio of pages by CPU time is the one to look at: the pages for each second
//! of CPU time that all servers and clients used together. Where pages alone fill the machine, it
//! is the same as the ratio of pages by time on a machine without others (Linux only).

#![expect(clippy::print_stdout, reason = "the figures are the program's answer")]

#[path = "../common/process.rs"]
mod process;
#[path = "../page/load.rs"]
mod read;
#[expect(dead_code, reason = "another benchmark sends batches, too")]
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
use mockbank_store::TellerSettings;
use mockbank_store::sqlite::{SqliteStore, SqliteTeller};
use tokio::net::TcpListener;

use process::{Server, median};
use transfers::Figures;
use world::World;

/// What the servers sign with.
const SECRET: &str = "a secret for the time of a benchmark";

/// Clients of a flood, each with a request under way.
const CLIENTS: usize = 32;

/// Postings of each world.
const ROWS: usize = 1_000_000;

/// How long a turn takes.
const TURN: Duration = Duration::from_millis(500);

/// Turns of each.
const TURNS: usize = 15;

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
        Flood::Transfers.run(server.address, &world);
    }
    for (name, flood) in [("logins", Flood::Logins), ("transfers", Flood::Transfers)] {
        let turns: Vec<_> = (0..TURNS).map(|_| Turn::of(flood, &own, &other, &world)).collect();
        report(name, &turns);
    }
}

/// What came of a turn.
struct Turn {
    /// Pages that were read alone, beside a flood of the same server, and beside one elsewhere.
    pages: [Pages; 3],
    /// The flood alone, and beside those who read.
    floods: [Flooded; 2],
}

/// Pages that were read.
struct Pages {
    /// In a second.
    rate: f64,
    /// In a second of CPU time of all servers and clients.
    per_cpu_second: f64,
}

/// What came of a flood.
struct Flooded {
    /// Requests that were answered in a second.
    rate: f64,
    figures: Figures,
}

impl Pages {
    /// Reads pages from the first of these servers for a turn.
    fn read(servers: [&Server; 2], world: &World) -> Self {
        let used = || own_cpu_time() + servers.map(Server::cpu_time).iter().sum::<Duration>();
        let before = used();
        let pages = f64::from(read::run(servers[0].address, world, TURN));
        let used = used().saturating_sub(before);
        Self { rate: pages / TURN.as_secs_f64(), per_cpu_second: pages / used.as_secs_f64() }
    }
}

impl Turn {
    fn of(flood: Flood, own: &Server, other: &Server, world: &World) -> Self {
        let servers = [own, other];
        let alone = Pages::read(servers, world);
        let (same, beside_pages) = beside(flood, own, servers, world);
        let (elsewhere, _) = beside(flood, other, servers, world);
        let undisturbed = flood.run(own.address, world);
        Self { pages: [alone, same, elsewhere], floods: [undisturbed, beside_pages] }
    }
}

/// Prints the medians of the turns.
fn report(name: &str, turns: &[Turn]) {
    let of = |figure: &dyn Fn(&Turn) -> f64| median(turns.iter().map(figure).collect());
    println!("a flood of {name} by {CLIENTS} clients");
    println!("{:<28} {:>9} {:>12}", "", "a second", "/CPU-second");
    for (which, index) in [("pages alone", 0), ("pages beside it", 1), ("pages, it elsewhere", 2)] {
        let rate = of(&|turn| turn.pages[index].rate);
        println!("{which:<28} {rate:>9.0} {:>12.0}", of(&|turn| turn.pages[index].per_cpu_second));
    }
    for (which, other) in [("pages beside it to alone", 0), ("pages beside it to elsewhere", 2)] {
        let rate = of(&|turn| turn.pages[1].rate / turn.pages[other].rate);
        let per_cpu = |turn: &Turn| turn.pages[1].per_cpu_second / turn.pages[other].per_cpu_second;
        println!("{which:<28} {rate:>9.2} {:>12.2}", of(&per_cpu));
    }
    println!("{:<28} {:>9} {:>12} {:>8}", "", "a second", "p50 ms", "p99 ms");
    for (which, index) in [("it alone", 0), ("it beside pages", 1)] {
        println!(
            "{which:<28} {:>9.0} {:>12.1} {:>8.1}",
            of(&|turn| turn.floods[index].rate),
            of(&|turn| turn.floods[index].figures.percentile(50)),
            of(&|turn| turn.floods[index].figures.percentile(99)),
        );
    }
    println!();
}

/// Pages that were read from the first of these servers while one of them was flooded, and what
/// came of the flood.
fn beside(
    flood: Flood,
    flooded: &Server,
    servers: [&Server; 2],
    world: &World,
) -> (Pages, Flooded) {
    let flooded = flooded.address;
    std::thread::scope(|scope| {
        let flood = scope.spawn(move || flood.run(flooded, world));
        let pages = Pages::read(servers, world);
        (pages, flood.join().expect("a flood"))
    })
}

impl Flood {
    /// Floods a server for a turn.
    fn run(self, server: SocketAddr, world: &World) -> Flooded {
        let start = Instant::now();
        let end = start + TURN;
        let figures = match self {
            Self::Logins => std::thread::scope(|scope| {
                let clients: Vec<_> =
                    (0..CLIENTS).map(|_| scope.spawn(move || log_in(server, end))).collect();
                let latencies: Vec<Duration> = clients
                    .into_iter()
                    .flat_map(|client| client.join().expect("a client"))
                    .collect();
                let done = u32::try_from(latencies.len()).expect("few logins");
                Figures { done, elapsed: start.elapsed(), latencies }
            }),
            Self::Transfers => {
                let shape = transfers::Shape::Single { accounts: world.tokens.len() };
                transfers::run(server, &world.tokens, shape, CLIENTS, TURN)
            }
        };
        Flooded { rate: f64::from(figures.done) / figures.elapsed.as_secs_f64(), figures }
    }
}

/// Logs in again and again; says how long each answer took.
fn log_in(server: SocketAddr, end: Instant) -> Vec<Duration> {
    let mut connection = TcpStream::connect(server).expect("a connection");
    connection.set_nodelay(true).expect("a setting");
    let body = format!("{{\"username\":\"user1\",\"password\":\"{}\"}}", world::PASSWORD);
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut buffer = vec![0; 1 << 14];
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let sent = Instant::now();
        connection.write_all(request.as_bytes()).expect("a request");
        let read = connection.read(&mut buffer).expect("an answer");
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200"), "a login was refused");
        latencies.push(sent.elapsed());
    }
    latencies
}

/// CPU time that all threads of this process have used, also those that have ended, to a hundredth
/// of a second.
fn own_cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").expect("a process of Linux");
    // The program's name stands in brackets and may have spaces.
    let (_, numbers) = text.rsplit_once(')').expect("a name");
    let ticks = numbers.split_ascii_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
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
