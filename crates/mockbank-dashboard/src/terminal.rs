//! The terminal: taken over for the dashboard, and given back whatever happens.

use std::io::{self, Stdout, Write as _};
use std::panic;
use std::thread;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};

/// The terminal in raw mode, on its alternate screen, with the mouse captured; given back when
/// dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    /// What is drawn on.
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Guard {
    /// Takes the terminal over. A panic on this thread gives it back before its message is
    /// printed; one on another thread prints nothing here, since it would land in the middle of a
    /// screen: whoever waits for that thread has to say it.
    pub(crate) fn new() -> io::Result<Self> {
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let drawing = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == drawing {
                restore();
                before(info);
            }
        }));
        let guard = Self { terminal };
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
        if !thread::panicking() {
            // The hook of before is inside of the closure; what a panic without a screen needs is
            // the standard one.
            drop(panic::take_hook());
        }
    }
}

/// Gives the terminal back. Errors are passed over: there is nobody left to tell.
fn restore() {
    let mut out = io::stdout();
    drop(execute!(out, DisableMouseCapture, LeaveAlternateScreen, cursor::Show));
    drop(out.flush());
    drop(disable_raw_mode());
}
