//! CPU time of this process and of a database server, in one sum.

use std::fs;
use std::io::Write as _;

use super::throwaway::Server;

/// Runs of each side, in turns.
const ROUNDS: usize = 3;

/// Runs both sides in turns, and prints the CPU time of each and the ratio.
pub(crate) fn compare(
    name: &str,
    server: &Server,
    mut store: impl FnMut(),
    mut bare: impl FnMut(),
) {
    let (mut of_store, mut of_bare) = (0, 0);
    for _ in 0..ROUNDS {
        of_store += cost(server, &mut store);
        of_bare += cost(server, &mut bare);
    }
    let percent = 100 * of_bare / of_store.max(1);
    let line = format!("{name}: {of_store} ticks of CPU time, bare {of_bare}: {percent} %\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Ticks of CPU time, a hundredth of a second each, that something takes here and in the server.
fn cost(server: &Server, act: &mut impl FnMut()) -> u64 {
    let before = spent(server);
    act();
    spent(server) - before
}

/// Ticks of CPU time so far: of this process, of the server's first, of those that it has started,
/// and of those of them that have ended.
fn spent(server: &Server) -> u64 {
    let first = server.process();
    let own = ticks("self").map_or(0, |process| process.own);
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let of_server = ids.filter_map(|id| {
        let process = ticks(&id)?;
        match (id == first, process.parent == first) {
            (true, _) => Some(process.own + process.of_ended),
            (_, true) => Some(process.own),
            _ => None,
        }
    });
    own + of_server.sum::<u64>()
}

struct Process {
    parent: String,
    own: u64,
    of_ended: u64,
}

/// What the system says of a process; `None` for what is no process, or not any more.
fn ticks(id: &str) -> Option<Process> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before may have spaces in it.
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let sum = |from: usize| {
        Some(fields[from].parse::<u64>().ok()? + fields[from + 1].parse::<u64>().ok()?)
    };
    Some(Process { parent: fields[1].to_owned(), own: sum(11)?, of_ended: sum(13)? })
}
