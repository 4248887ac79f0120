//! What grows with a generated world and what does not.

use std::fs;
use std::process::Stdio;

use crate::harness::Sandbox;

/// Most memory that generating a world took, in KiB, and the bytes of its files.
fn generated(users: u32) -> (u64, u64) {
    let sandbox = Sandbox::new();
    let arguments =
        format!("generate --users {users} --days 60 --users-per-part 500 --threads 2 --out world");
    let mut process =
        sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", process.id());
    let mut most = 0;
    while process.try_wait().unwrap().is_none() {
        // Gone between the question and the answer, it tells no more.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(kibibytes.unwrap_or(0));
        std::thread::yield_now();
    }
    let manifest = fs::read_to_string(sandbox.path().join("world/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let files = manifest["parts"].as_array().unwrap().iter().flat_map(|part| {
        part["files"].as_array().unwrap().iter().map(|file| file["bytes"].as_u64().unwrap())
    });
    (most, files.sum())
}

#[test]
fn bytes_grow_with_the_customers_and_memory_does_not() {
    let (memory, bytes) = generated(2_000);
    let (memory_of_more, bytes_of_more) = generated(20_000);
    let times = bytes_of_more * 100 / bytes;
    assert!((900..=1_100).contains(&times), "{bytes} and {bytes_of_more} bytes");
    assert!(memory > 0 && memory_of_more * 5 <= memory * 6, "{memory} and {memory_of_more} KiB");
    assert!(memory_of_more < 500 << 10, "{memory_of_more} KiB");
}
