//! CPU time of this process and of a database server, in one sum.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use super::throwaway::Server;

/// Runs of each side, in turns.
const ROUNDS: usize = 7;

/// Runs both sides in turns, each on what was prepared for it, and prints the medians of the CPU
/// time of each and of the ratios within a turn.
pub(crate) fn compare<T>(
    name: &str,
    server: &Server,
    mut prepare: impl FnMut() -> T,
    mut store: impl FnMut(&T),
    mut bare: impl FnMut(&T),
) {
    let (mut stores, mut bares, mut percents) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let of_store = cost(server, &prepare(), &mut store);
        let of_bare = cost(server, &prepare(), &mut bare);
        stores.push(of_store);
        bares.push(of_bare);
        percents.push(100 * of_bare / of_store.max(1));
    }
    let [of_store, of_bare, percent] = [stores, bares, percents].map(median);
    let line = format!("{name}: {of_store} ticks of CPU time, bare {of_bare}: {percent} %\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// Ticks of CPU time, a hundredth of a second each, that something takes here and in the server.
fn cost<T>(server: &Server, prepared: &T, act: &mut impl FnMut(&T)) -> u64 {
    let before = spent(server);
    act(prepared);
    spent(server) - before
}

/// Ticks of CPU time so far: of this process, of the server's first, of those that it has started,
/// and of those of them that have ended. One that ends meanwhile would be missed or counted twice,
/// so it is looked until two looks see the same processes.
fn spent(server: &Server) -> u64 {
    let own = ticks("self").map_or(0, |process| process.own);
    let mut last = look(server);
    loop {
        let now = look(server);
        if (&now.running, now.of_ended) == (&last.running, last.of_ended) {
            return own + now.of_running + now.of_ended;
        }
        last = now;
    }
}

struct Look {
    running: BTreeSet<String>,
    of_running: u64,
    of_ended: u64,
}

fn look(server: &Server) -> Look {
    let first = server.process();
    let mut look = Look { running: BTreeSet::new(), of_running: 0, of_ended: 0 };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    for id in processes.filter_map(|entry| entry.file_name().into_string().ok()) {
        let Some(process) = ticks(&id) else { continue };
        if id == first {
            look.of_ended = process.of_ended;
        } else if process.parent != first {
            continue;
        }
        look.of_running += process.own;
        look.running.insert(id);
    }
    look
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
