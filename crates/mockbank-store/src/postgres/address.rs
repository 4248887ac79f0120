//! Where the database is, and how it is reached.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the other side may leave data unanswered before a connection counts as lost.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// What an address looks like.
const LIKE: &str = "postgres://user:password@host/name";

/// Longest name of an application that the server keeps, in bytes.
const APPLICATION_NAME: usize = 63;

/// The address of a database, with everything that a connection to it needs.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    name: PathBuf,
}

impl Address {
    /// Reads a URL. Connections are encrypted where it says `sslmode=require`, and then the
    /// server's certificate is checked against the roots that the system trusts.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let wrong = |why: &dyn std::fmt::Display| StoreError::Address(why.to_string());
        let unlike =
            |why: &dyn std::fmt::Display| wrong(&format_args!("{why}; write it as {LIKE}"));
        let mut config: Config = url.parse().map_err(|error| unlike(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(unlike(&"it names no host"));
        }
        let tls = if config.get_ssl_mode() == SslMode::Require {
            let (tls, _) = MakeRustlsConnect::with_native_certs()
                .map_err(|_| wrong(&"the system trusts no roots to check a certificate with"))?;
            Some(tls)
        } else {
            config.ssl_mode(SslMode::Disable);
            None
        };
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name(application_name());
        }
        let name = PathBuf::from(name(&config));
        Ok(Self { config, tls, name })
    }

    /// The address as it is shown: without user and password.
    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// What makes connections to which the names of tables mean those of `schema`, with more
    /// options of the server's.
    pub(super) fn manager(&self, schema: &str, options: &str) -> Manager {
        let mut config = self.config.clone();
        let given = config.get_options().unwrap_or_default().to_owned();
        config.options(format!("{given} -c search_path={schema} {options}"));
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        match &self.tls {
            Some(tls) => Manager::from_config(config, tls.clone(), recycling),
            None => Manager::from_config(config, NoTls, recycling),
        }
    }

    /// So many connections as [`Self::manager`] makes them, none of which is waited for longer than
    /// `wait`.
    pub(super) fn pool(
        &self,
        schema: &str,
        options: &str,
        connections: usize,
        wait: Duration,
    ) -> Result<Pool> {
        Pool::builder(self.manager(schema, options))
            .max_size(connections)
            .wait_timeout(Some(wait))
            .create_timeout(Some(wait))
            .recycle_timeout(Some(wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Database(Box::new(error)))
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Address").field(&self.name).finish()
    }
}

fn name(config: &Config) -> String {
    let mut name = "postgres://".to_owned();
    for (index, host) in config.get_hosts().iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        let host = match host {
            Host::Tcp(host) => host.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first()).map_or(5432, |port| *port);
        // Writing to a string does not fail.
        let _ = write!(name, "{separator}{host}:{port}");
    }
    name + "/" + config.get_dbname().or(config.get_user()).unwrap_or_default()
}

/// Who we are, for the messages that others get and for the server's own views.
fn application_name() -> String {
    let command = std::env::args_os().nth(1).unwrap_or_default();
    let mut name = format!("mockbank {}, process {}", command.display(), std::process::id());
    name.retain(|letter| letter.is_ascii_graphic() || letter == ' ');
    name.truncate(APPLICATION_NAME);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let address = Address::parse("postgres://me:secret@db.example:5433/bank").unwrap();
        assert_eq!(address.name(), Path::new("postgres://db.example:5433/bank"));
        assert!(!format!("{address:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in ["", "postgres://", "nonsense", "postgres://db.example/bank?colour=red"] {
            match Address::parse(address) {
                Err(StoreError::Address(why)) => assert!(why.contains(LIKE), "{address}: {why}"),
                other => panic!("{address}: {other:?}"),
            }
        }
    }
}
