//! A client that keeps some connections busy.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::world::World;

/// Threads of the client.
const THREADS: u64 = 2;
/// Connections of each thread, all with a request under way.
const CONNECTIONS: usize = 16;

/// Asks for random pages of random accounts for so long; says how many answers came.
pub(crate) fn run(server: SocketAddr, world: &World, time: Duration) -> u32 {
    let end = Instant::now() + time;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (1..=THREADS).map(|seed| scope.spawn(move || ask(server, world, end, seed))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a client")).sum()
    })
}

fn ask(server: SocketAddr, world: &World, end: Instant, seed: u64) -> u32 {
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| {
            let connection = TcpStream::connect(server).expect("a connection");
            connection.set_nodelay(true).expect("a setting");
            connection
        })
        .collect();
    let mut random = Random(seed);
    let mut answers = 0;
    let mut buffer = vec![0; 1 << 16];
    while Instant::now() < end {
        for connection in &mut connections {
            let user = random.below(world.tokens.len() as u64);
            let request = format!(
                "GET /accounts/acc_{}/transactions?page={}&limit=20 HTTP/1.1\r\n\
                 host: localhost\r\nauthorization: Bearer {}\r\n\r\n",
                user + 1,
                random.below(world.pages) + 1,
                world.tokens[usize::try_from(user).expect("an index")],
            );
            connection.write_all(request.as_bytes()).expect("a request");
        }
        for connection in &mut connections {
            read_answer(connection, &mut buffer);
            answers += 1;
        }
    }
    answers
}

fn read_answer(connection: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = connection.read(&mut buffer[filled..]).expect("an answer");
        assert!(read > 0, "the server hung up");
        filled += read;
        if let Some(length) = answer_length(&buffer[..filled])
            && filled >= length
        {
            return;
        }
    }
}

/// Length of the whole answer, once its head is there.
fn answer_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(end + 4 + length.expect("a length").parse::<usize>().expect("a number"))
}

/// A small generator of Marsaglia's kind.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
