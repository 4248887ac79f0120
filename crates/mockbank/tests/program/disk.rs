//! A server on a disk that fails while clients write.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Sandbox, Server};

/// Compiles the disk and gives the program that runs on it, serving.
fn serve_on_failing_disk(sandbox: &Sandbox) -> Server {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/failing_disk.c");
    let library = sandbox.path().join("failing_disk.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut compile = Command::new(compiler);
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
    assert!(compile.status().unwrap().success());
    let mut command = sandbox.command("serve --listen 127.0.0.1:0 --no-rate-limit");
    command.env("LD_PRELOAD", library).env("FAILING_DISK", sandbox.path().join("disk"));
    Server::start(command)
}

/// A failure of the disk while this is there.
struct Failure(PathBuf);

impl Failure {
    fn of(sandbox: &Sandbox, how: &str) -> Self {
        let path = sandbox.path().join(format!("disk.{how}"));
        File::create(&path).unwrap();
        Self(path)
    }
}

impl Drop for Failure {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn balance(server: &Server, account: &str, token: &str) -> Value {
    server.found(&format!("/accounts/{account}"), token)["balance"].clone()
}

#[test]
fn a_server_goes_on_when_the_disk_does() {
    let sandbox = Sandbox::new();
    sandbox.done("init");
    let server = serve_on_failing_disk(&sandbox);
    let token = server.token("user1");
    let order = json!({ "from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 1 });
    let send = |key: &str| server.order("/transfers", &token, Some(key), &order).unwrap();
    assert_eq!(send("before").status, 201);
    for how in ["sync", "write"] {
        let before = balance(&server, "acc_1", &token);
        let failure = Failure::of(&sandbox, how);
        for number in 0..3 {
            let failed = send(&format!("{how}-{number}"));
            assert_eq!(failed.status, 500, "{how}: {}", failed.text);
        }
        // Readers see nothing of what failed.
        assert_eq!(balance(&server, "acc_1", &token), before);
        drop(failure);
        for number in 0..3 {
            let retried = send(&format!("{how}-{number}"));
            assert_eq!(retried.status, 201, "{how}: {}", retried.text);
            assert_eq!(retried.header("idempotency-replayed"), None);
        }
        assert_eq!(send("before").header("idempotency-replayed"), Some("true"));
        let moved = before.as_f64().unwrap() - balance(&server, "acc_1", &token).as_f64().unwrap();
        assert!((moved - 3.0).abs() < 0.001, "{moved}");
    }
    assert_eq!(server.stop(), Some(0));
    sandbox.done("verify");
}
