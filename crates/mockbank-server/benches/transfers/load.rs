//! Clients that each wait for the answer before they send the next order.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What the clients send.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// One transfer a request, with a key, between so many accounts.
    Single { accounts: usize },
    /// So many transfers a request, with a key, between so many accounts.
    Batch { accounts: usize, size: usize },
}

/// What came of it.
pub(crate) struct Figures {
    /// Transfers that were answered.
    pub(crate) done: u32,
    /// How long that took, with the orders that were under way at the end.
    pub(crate) elapsed: Duration,
    /// How long the answers took.
    pub(crate) latencies: Vec<Duration>,
}

/// What came of one client.
struct Part {
    done: u32,
    latencies: Vec<Duration>,
}

impl Figures {
    /// A percentile of the latencies in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

/// Has so many clients send orders for so long.
pub(crate) fn run(
    server: SocketAddr,
    tokens: &[String],
    shape: Shape,
    clients: usize,
    time: Duration,
) -> Figures {
    let begun = Instant::now();
    let end = begun + time;
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let client = |first: usize| {
            let numbers = (first..).step_by(clients);
            scope.spawn(move || order(server, tokens, shape, end, numbers))
        };
        let clients: Vec<_> = (0..clients).map(client).collect();
        clients.into_iter().map(|client| client.join().expect("a client")).collect()
    });
    Figures {
        done: parts.iter().map(|part| part.done).sum(),
        elapsed: begun.elapsed(),
        latencies: parts.into_iter().flat_map(|part| part.latencies).collect(),
    }
}

fn order(
    server: SocketAddr,
    tokens: &[String],
    shape: Shape,
    end: Instant,
    numbers: impl Iterator<Item = usize>,
) -> Part {
    let mut connection = TcpStream::connect(server).expect("a connection");
    connection.set_nodelay(true).expect("a setting");
    let mut figures = Part { done: 0, latencies: Vec::new() };
    let mut buffer = vec![0; 1 << 17];
    let run = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970")
        .as_nanos();
    for number in numbers {
        if Instant::now() >= end {
            break;
        }
        let (path, body, payer, transfers) = request(shape, number);
        let token = &tokens[payer - 1];
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nidempotency-key: {run}-{number}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = Instant::now();
        connection.write_all(text.as_bytes()).expect("a request");
        read_answer(&mut connection, &mut buffer);
        figures.latencies.push(sent.elapsed());
        figures.done += transfers;
    }
    figures
}

/// Path, body, payer and number of transfers of a request.
fn request(shape: Shape, number: usize) -> (&'static str, String, usize, u32) {
    match shape {
        Shape::Single { accounts } => {
            let payer = payer(number, accounts);
            ("/transfers", transfer(payer, payer % accounts + 1), payer, 1)
        }
        Shape::Batch { accounts, size } => {
            let payer = payer(number, accounts);
            let mut body = "{\"mode\":\"independent\",\"transfers\":[".to_owned();
            for offset in 1..=size {
                let comma = if offset == 1 { "" } else { "," };
                let payee = (payer + offset - 1) % accounts + 1;
                write!(body, "{comma}{}", transfer(payer, payee)).expect("a text");
            }
            body.push_str("]}");
            ("/transfers/batch", body, payer, u32::try_from(size).expect("a small batch"))
        }
    }
}

/// Who pays in a client's request: all accounts have their turn, in no order that helps.
pub(crate) fn payer(request: usize, accounts: usize) -> usize {
    request * 7919 % accounts + 1
}

fn transfer(payer: usize, payee: usize) -> String {
    format!(
        "{{\"from_account_id\":\"acc_{payer}\",\"to_account_id\":\"acc_{payee}\",\"amount\":0.01}}"
    )
}

fn read_answer(connection: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = connection.read(&mut buffer[filled..]).expect("an answer");
        assert!(read > 0, "the server hung up");
        filled += read;
        let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head");
        assert!(head.starts_with("HTTP/1.1 20"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if filled >= end + 4 + length {
            return;
        }
    }
}
