//! How long a key of the dashboard takes in a large world, until the screen has settled.
//!
//! ```text
//! cargo bench -p mockbank --bench keys
//! ```
//!
//! The real program in a pseudo-terminal: a key is written, and the time of the first and of the
//! last bytes that come back is taken; the screen has settled when nothing comes for a while. What
//! is told of several presses is the slowest. `MOCKBANK_BENCH_USERS` is the size of the world,
//! 100,000 customers if it is not set.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mockbank");

/// How long nothing comes from a screen that has settled.
const QUIET: Duration = Duration::from_millis(400);

const DOWN: &str = "\x1b[B";
const PAGE_DOWN: &str = "\x1b[6~";
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";
const BACKSPACE: &str = "\x7f";

/// What is pressed, and how it is called.
const KEYS: [(&str, &[&str]); 20] = [
    ("help, and away", &["?", " "]),
    ("colours", &["t", "t", "t"]),
    ("the table", &["3"]),
    ("down", &[DOWN, DOWN, DOWN]),
    ("page down", &[PAGE_DOWN, PAGE_DOWN, PAGE_DOWN]),
    ("end, home", &[END, HOME, END]),
    ("sort by name", &["s"]),
    ("reverse", &["r", "r"]),
    ("sort by balance", &["s"]),
    ("end, home", &[END, HOME]),
    ("reverse", &["r", "r"]),
    ("open the filter", &["/"]),
    ("filter letters", &["a", "n", "n", "a", " "]),
    ("take letters back", &[BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE]),
    ("filter an identifier", &["a", "c", "c", "_", "9", "9"]),
    ("keep the filter", &["\r"]),
    ("a customer", &["\r"]),
    ("back", &["\x1b", "\x1b", "\x1b"]),
    ("manage, and back", &["4", "4", "\x1b", "\x1b"]),
    ("evolve, and back", &["2", "\x1b"]),
];

fn main() -> Result<(), Box<dyn Error>> {
    let users = std::env::var("MOCKBANK_BENCH_USERS").unwrap_or_else(|_| "100000".to_owned());
    let folder = tempfile::tempdir()?;
    let mut init = Process::new(PROGRAM);
    init.args(["init", "--users", &users, "--days", "5"]).current_dir(&folder);
    if !init.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
        return Err("no world could be made".into());
    }
    let mut terminal = Terminal::open(folder.path())?;
    terminal.settle();
    println!("{users} customers; milliseconds, the slowest of each\n");
    println!("{:<24}{:>8}{:>10}{:>10}", "key", "presses", "first", "settled");
    let mut slowest = Duration::ZERO;
    for (name, keys) in KEYS {
        let times: Vec<_> = keys.iter().map(|key| terminal.time(key)).collect::<Result<_, _>>()?;
        let first = times.iter().map(|(first, _)| *first).max().unwrap_or_default();
        let settled = times.iter().map(|(_, settled)| *settled).max().unwrap_or_default();
        slowest = slowest.max(settled);
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let (first, settled) = (milliseconds(first), milliseconds(settled));
        println!("{name:<24}{:>8}{first:>10.1}{settled:>10.1}", keys.len());
    }
    println!("\nthe slowest key took {:.1} ms", slowest.as_secs_f64() * 1000.0);
    Ok(())
}

/// The program at a terminal.
struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    /// When bytes came.
    came: Receiver<Instant>,
}

impl Terminal {
    fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let (pty, pts) = open()?;
        pty.resize(Size::new(40, 120))?;
        let command = Command::new(PROGRAM).current_dir(folder).env("TERM", "xterm-256color");
        let child = command.spawn(pts)?;
        let pty = Arc::new(pty);
        let (tell, came) = channel();
        let from = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            // The end of the program shows as an error on this side of the terminal.
            while let Ok(1..) = (&*from).read(&mut bytes) {
                if tell.send(Instant::now()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { pty, child, came })
    }

    /// Waits until nothing comes any more; when the first and the last bytes came.
    fn settle(&mut self) -> Option<(Instant, Instant)> {
        let first = self.came.recv_timeout(5 * QUIET).ok()?;
        let mut last = first;
        while let Ok(later) = self.came.recv_timeout(QUIET) {
            last = later;
        }
        Some((first, last))
    }

    /// Presses a key: the time until the first bytes came, and until the last.
    fn time(&mut self, key: &str) -> Result<(Duration, Duration), Box<dyn Error>> {
        let pressed = Instant::now();
        (&*self.pty).write_all(key.as_bytes())?;
        Ok(match self.settle() {
            Some((first, last)) => (first - pressed, last - pressed),
            // A key that changes nothing is answered.
            None => (Duration::ZERO, Duration::ZERO),
        })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
