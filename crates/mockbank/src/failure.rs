//! How the program fails: what it says, and with which exit code.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use mockbank_store::StoreError;
use mockbank_world::WorldError;

use crate::{FAILED, INTERRUPTED, MISUSED};

/// A failure that has a meaning to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A check found something; what, is printed already.
    CheckFailed,
    /// Two worlds differ; in what, is printed already.
    Differs,
    /// A signal stopped the command; what was kept, is printed already.
    Interrupted,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckFailed => "the check failed",
            Self::Differs => "the worlds differ",
            Self::Interrupted => "interrupted",
        })
    }
}

impl std::error::Error for Failure {}

/// A mistake in how the program was called or set up.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) anyhow::Error);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Usage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// A failure of a command whose exit code 1 is an answer.
#[derive(Debug)]
pub(crate) struct Trouble(pub(crate) anyhow::Error);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Says what went wrong, and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        // Whoever read the output has seen enough.
        return ExitCode::SUCCESS;
    }
    let code = exit_code(error);
    if error.downcast_ref::<Failure>().is_none() {
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(io::stderr(), "error: {}", said(error));
    }
    ExitCode::from(code)
}

/// The error and what caused it. Some errors tell their cause themselves, which is not said twice.
fn said(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let reason = cause.rsplit(": ").next().unwrap_or_default();
        if said.is_empty() {
            said = cause;
        } else if !said.contains(reason) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let wrong_address = matches!(error.downcast_ref(), Some(StoreError::Address(_)));
    if error.is::<Usage>() || error.is::<Trouble>() || wrong_address {
        return MISUSED;
    }
    let interrupted = matches!(error.downcast_ref(), Some(WorldError::Interrupted))
        || error.downcast_ref() == Some(&Failure::Interrupted);
    if interrupted { INTERRUPTED } else { FAILED }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_it = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    let trouble = error.downcast_ref::<Trouble>().and_then(|Trouble(error)| error.downcast_ref());
    error.downcast_ref().or(trouble).is_some_and(is_it)
}

#[cfg(test)]
mod tests {
    use std::io::Error;
    use std::path::PathBuf;

    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = || Error::other("the cable is out");
        let path = PathBuf::from("bank");
        let error = anyhow::Error::from(StoreError::File { path, source: cause() });
        assert_eq!(said(&error), "bank: the cable is out");
        let error = Err::<(), _>(cause()).context("cannot read").unwrap_err();
        assert_eq!(said(&error), "cannot read: the cable is out");
    }
}
