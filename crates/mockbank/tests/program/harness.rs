//! The program in a folder of its own, and a plain HTTP client.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program runs, with nothing of the environment's settings.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a command printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program with arguments split at spaces, not started yet.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mockbank"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MOCKBANK_") {
                command.env_remove(name);
            }
        }
        command.args(arguments.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &str) -> Printed {
        printed(&mut self.command(arguments))
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub(crate) fn done(&self, arguments: &str) -> String {
        let Printed { stdout, stderr, code } = self.run(arguments);
        assert_eq!(code, Some(0), "mockbank {arguments}\n{stdout}{stderr}");
        stdout
    }

    /// Runs a command that must succeed and print JSON.
    pub(crate) fn json(&self, arguments: &str) -> Value {
        serde_json::from_str(&self.done(&format!("{arguments} --json"))).unwrap()
    }

    /// The hash of the world's content.
    pub(crate) fn content_hash(&self) -> String {
        let stats = self.json("stats --rows 1 --content-hash");
        stats["content_hash"].as_str().unwrap().to_owned()
    }

    /// Makes a world if there is none and serves it on a free port.
    pub(crate) fn serve(&self, arguments: &str) -> Server {
        Server::start(self.command(&format!("up --listen 127.0.0.1:0 {arguments}")))
    }
}

/// Runs a command to its end.
pub(crate) fn printed(command: &mut Command) -> Printed {
    let output = command.output().unwrap();
    Printed {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// A running server; it is killed when this is dropped.
pub(crate) struct Server {
    process: Child,
    /// What it printed until it was ready.
    pub(crate) greeting: String,
    address: String,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Server {
    /// Starts a command that serves.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut greeting = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        // The greeting ends with the example of a request.
        while !greeting.contains("curl ") {
            if out.read_line(&mut greeting).unwrap() == 0 {
                let mut log = String::new();
                process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
                panic!("the server ended:\n{greeting}{log}");
            }
        }
        drain(process.stderr.take().unwrap());
        drain(out);
        let from = greeting.find("http://").unwrap();
        let address = greeting[from..].split_whitespace().next().unwrap().to_owned();
        Self { process, greeting, address }
    }

    /// Sends a request; the path begins with a slash.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.try_send(method, path, headers, body).unwrap()
    }

    fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.run(request.body(body.to_vec()).unwrap()).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Some(Answer { status, headers, text })
    }

    /// Sends an order of JSON; `None` if the server went away over it.
    pub(crate) fn order(
        &self,
        path: &str,
        token: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Option<Answer> {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", &*bearer), ("Content-Type", "application/json")];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        self.try_send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Sends an order that must be carried out.
    pub(crate) fn ordered(&self, path: &str, token: &str, body: &Value) -> Value {
        let answer = self.order(path, token, None, body).unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
        answer.json()
    }

    /// The admin token, which the first start printed.
    pub(crate) fn admin_token(&self) -> &str {
        let rest = self.greeting.split_once("admin token").unwrap().1;
        rest.split_whitespace().next().unwrap()
    }

    /// Waits for a job's end.
    pub(crate) fn finished(&self, job: &Value, token: &str) -> Value {
        let path = format!("/admin/jobs/{}", job["job_id"].as_str().unwrap());
        loop {
            let job = self.found(&path, token);
            if job["status"] != "RUNNING" {
                assert_eq!(job["status"], "DONE", "{job}");
                return job;
            }
            std::thread::yield_now();
        }
    }

    /// Kills the server at once, while others may talk to it.
    #[cfg(unix)]
    pub(crate) fn kill(&self) {
        signal(&self.process, "KILL");
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &[("Authorization", &format!("Bearer {token}"))], &[])
    }

    /// Sends the head of a request alone, and gives the head of the answer.
    pub(crate) fn send_head(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(self.address.trim_start_matches("http://")).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Gets what must be there.
    pub(crate) fn found(&self, path: &str, token: &str) -> Value {
        let answer = self.get(path, token);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [("Content-Type", "application/json")];
        self.send("POST", path, &json, body.to_string().as_bytes())
    }

    /// Logs a generated customer in, and gives the token.
    pub(crate) fn token(&self, username: &str) -> String {
        let login = serde_json::json!({ "username": username, "password": "password123" });
        let answer = self.post("/login", &login);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Asks the server to end, and waits until it did.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> Option<i32> {
        signal(&self.process, "TERM");
        self.process.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads an output to its end, so that the writer never waits for it.
fn drain(mut from: impl std::io::Read + Send + 'static) {
    std::thread::spawn(move || std::io::copy(&mut from, &mut std::io::sink()));
}

/// Sends a signal to a process of ours.
#[cfg(unix)]
pub(crate) fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
    assert!(sent.unwrap().success());
}
