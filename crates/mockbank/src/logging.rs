//! The log, on standard error.

use std::io::{self, IsTerminal as _};

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogFormat, Shared};

/// Starts logging as the settings say.
pub(crate) fn start(shared: &Shared) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&shared.log).map_err(|_| {
        let given = &shared.log;
        anyhow!("--log {given:?} is no filter; write off, error, warn, info, debug or trace")
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match shared.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
