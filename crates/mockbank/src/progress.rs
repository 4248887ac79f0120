//! Progress at a terminal, and the wish to stop.

use indicatif::{ProgressBar, ProgressStyle};
use mockbank_world::{Progress, Watch};

use crate::interrupt::Interrupt;

/// Shows a bar on standard error if that is a terminal, and stops the work on a signal.
#[derive(Debug)]
pub(crate) struct TerminalWatch {
    bar: ProgressBar,
    interrupt: Interrupt,
}

impl TerminalWatch {
    /// A bar that is named after what is going on.
    pub(crate) fn new(what: &'static str, interrupt: Interrupt) -> Self {
        // indicatif draws nothing where standard error is no terminal.
        let bar = ProgressBar::new(0).with_message(what);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3}%  {prefix}  {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, interrupt }
    }
}

impl Watch for TerminalWatch {
    fn progress(&self, progress: Progress) {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        let rate = u128::from(progress.rows) * 1000 / self.bar.elapsed().as_millis().max(1);
        self.bar.set_prefix(format!("{} transactions, {rate}/s", progress.rows));
    }

    fn cancelled(&self) -> bool {
        self.interrupt.requested()
    }
}

impl Drop for TerminalWatch {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
