//! A `PostgreSQL` server for one test, made from Debian's binaries and gone after it.

#![allow(dead_code, reason = "each program that includes this needs a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// Where Debian puts the servers of all versions.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Nothing of it survives the test, so nothing need reach the disk.
const FLEETING: &str = "-c fsync=off -c full_page_writes=off";

/// A running server that listens on a socket in a folder of its own.
pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
    databases: AtomicU32,
    network: Network,
    options: &'static str,
}

/// From where a server is reached.
#[derive(Clone, Copy)]
enum Network {
    /// By a socket in its folder.
    Socket,
    /// By a port of this machine too, encrypted.
    Encrypted { port: u16 },
}

impl Server {
    /// Makes and starts a server that leaves it to the system when the disk gets its data.
    pub(crate) fn start() -> Self {
        let server = Self::prepare(Network::Socket, FLEETING);
        server.run();
        server
    }

    /// Makes and starts a server whose commits wait for the disk.
    pub(crate) fn start_durable() -> Self {
        let server = Self::prepare(Network::Socket, "");
        server.run();
        server
    }

    /// Makes and starts a server that can be reached by `localhost`, but encrypted only. Its
    /// certificate is its own issuer's.
    pub(crate) fn start_encrypted() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        let server = Self::prepare(Network::Encrypted { port }, FLEETING);
        let (key, certificate) = (server.data() + "/server.key", server.certificate());
        run(server
            .unprivileged(Path::new("openssl"))
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", &key, "-out", &certificate])
            .stderr(Stdio::null()));
        let access = server.data() + "/pg_hba.conf";
        let rules = std::fs::read_to_string(&access).unwrap().replace("\nhost ", "\nhostssl ");
        std::fs::write(access, rules).unwrap();
        drop(free);
        server.run();
        server
    }

    /// The certificate of a server that encrypts, a file in PEM.
    pub(crate) fn certificate(&self) -> String {
        self.data() + "/server.crt"
    }

    /// The URL by `localhost` of a database that another URL names by the socket.
    pub(crate) fn by_network(&self, url: &str) -> String {
        let name = url.rsplit_once('/').unwrap().1;
        format!("postgres://postgres@localhost:{}/{name}", self.port())
    }

    /// Its socket's name ends with it as well.
    fn port(&self) -> u16 {
        match self.network {
            Network::Socket => 5432,
            Network::Encrypted { port } => port,
        }
    }

    fn prepare(network: Network, options: &'static str) -> Self {
        let folder = tempfile::Builder::new().prefix("mockbank-pg").tempdir().unwrap();
        let (programs, databases) = (programs(), AtomicU32::new(0));
        let server = Self { folder, programs, databases, network, options };
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(server.folder.path()));
        }
        let data = server.data();
        run(server
            .program("initdb")
            .args(["--username=postgres", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C", "--pgdata", &data]));
        server
    }

    /// Starts it again after a stop.
    pub(crate) fn run(&self) {
        run(&mut self.control("start"));
    }

    /// Stops it at once, as a crash would.
    pub(crate) fn stop(&self) {
        run(&mut self.control("stop"));
    }

    /// The URL of a new, empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("bank{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.path().display().to_string();
        let port = self.port().to_string();
        run(self.program("createdb").args([
            "--username=postgres",
            "--host",
            &folder,
            "--port",
            &port,
            &name,
        ]));
        format!("postgres://postgres@{}:{port}/{name}", folder.replace('/', "%2F"))
    }

    /// What a query on the database of a URL prints: a line for each row.
    pub(crate) fn query(&self, url: &str, sql: &str) -> Vec<String> {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, url]);
        let output = psql.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The number of its first process.
    pub(crate) fn process(&self) -> String {
        let file = self.folder.path().join("data/postmaster.pid");
        std::fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned()
    }

    /// What it has written into its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// What starts or stops it.
    fn control(&self, act: &str) -> Command {
        let network = match self.network {
            Network::Socket => "-c listen_addresses=''",
            Network::Encrypted { .. } => "-c listen_addresses=127.0.0.1 -c ssl=on",
        };
        let (port, folder) = (self.port(), self.folder.path().display());
        let options = format!("{} {network} -c port={port} -k {folder}", self.options);
        let log = self.folder.path().join("log");
        let mut control = self.program("pg_ctl");
        control.args([act, "--wait", "--silent", "--mode=immediate", "--pgdata", &self.data()]);
        if act == "start" {
            control.args(["--options", &options]).arg("--log").arg(log);
        }
        control
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// One of the server's programs.
    fn program(&self, name: &str) -> Command {
        self.unprivileged(&self.programs.join(name))
    }

    /// A program that is not run by root, which the server refuses.
    fn unprivileged(&self, program: &Path) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Server {
    /// Leaves nothing behind; for a server that is not dropped since it is static.
    pub(crate) fn discard(&self) {
        // It may be stopped already.
        let _ = self.control("stop").stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.discard();
    }
}

/// The programs of the newest version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .max();
    newest.unwrap_or_else(|| {
        panic!("no PostgreSQL server in {VERSIONS}: install it with 'apt-get install postgresql'")
    })
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

fn run(command: &mut Command) {
    // A server that stays behind must not hold on to the test's own output.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
