//! A slower disk than the machine has. What a commit for many transfers saves depends on how long a
//! disk needs to make one durable: tens of microseconds with a cache that survives a loss of power,
//! some milliseconds without.

use std::process::{Command, ExitStatus};

/// How long the library of the slow disk waits.
const DELAY: &str = "SYNC_DELAY";

/// Whether this process is on the slow disk already.
pub(crate) fn is_there() -> bool {
    std::env::var_os(DELAY).is_some()
}

/// Runs the benchmark again, with a sync that takes so many milliseconds more.
pub(crate) fn measure_on(delay: &str) -> ExitStatus {
    let delay: u32 = delay.parse().expect("--sync-delay takes milliseconds");
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("slow_disk.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/transfers/slow_disk.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut compile = Command::new(compiler);
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
    assert!(compile.status().expect("a C compiler").success(), "{source} does not compile");
    println!("every sync takes {delay} ms more than on this machine");
    let mut benchmark = Command::new(std::env::current_exe().expect("a program"));
    benchmark.args(std::env::args().skip(1));
    benchmark.env("LD_PRELOAD", library).env(DELAY, delay.to_string());
    benchmark.status().expect("a process")
}
