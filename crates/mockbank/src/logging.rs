//! The log, on standard error.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogFormat, Shared};

/// Starts logging as the settings say.
pub(crate) fn start(shared: &Shared) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&shared.log).with_context(|| {
        format!("--log {:?} is no filter; write a level such as 'info' or 'debug'", shared.log)
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match shared.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
