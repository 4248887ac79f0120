//! The terminal is given back after panics. The tests run this program again, in a
//! pseudo-terminal, with the test that panics there.

use std::io::Read as _;
use std::sync::Arc;

use pty_process::Size;
use pty_process::blocking::{Command, open};

use super::fake::Fake;
use crate::bank::Bank;
use crate::terminal::Guard;
use crate::theme::Theme;
use crate::{DashboardError, run};

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";

/// What one of this program's ignored tests writes to a terminal, and whether it passed.
fn in_terminal(test: &str) -> (String, bool) {
    let (mut pty, pts) = open().unwrap();
    pty.resize(Size::new(24, 80)).unwrap();
    let test = format!("tests::terminal::{test}");
    let command = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--ignored", "--nocapture"])
        .env("TERM", "xterm-256color")
        .env("RUST_BACKTRACE", "0");
    let mut child = command.spawn(pts).unwrap();
    let mut bytes = Vec::new();
    // The end of the program shows as an error on this side of the terminal.
    let _ = pty.read_to_end(&mut bytes);
    let passed = child.wait().unwrap().success();
    (String::from_utf8_lossy(&bytes).into_owned(), passed)
}

/// What is written before, on and after the dashboard's screen.
fn parts(output: &str) -> (&str, &str) {
    let (_, screen) = output.split_once(ENTER_SCREEN).unwrap();
    screen.split_once(LEAVE_SCREEN).unwrap()
}

#[test]
fn a_panic_while_drawing_is_told_on_the_shells_screen() {
    let (output, passed) = in_terminal("panics_while_drawing");
    let (screen, after) = parts(&output);
    assert!(!passed);
    assert!(!screen.contains("a fault"), "{output:?}");
    assert!(after.contains("a fault") && after.contains("\x1b[?25h"), "{output:?}");
}

#[test]
#[ignore = "panics on purpose, for the test above"]
fn panics_while_drawing() {
    let _guard = Guard::new().unwrap();
    panic!("a fault");
}

#[test]
fn a_panic_behind_the_bank_ends_the_dashboard_with_an_error() {
    let (output, passed) = in_terminal("panics_behind_the_bank");
    let (screen, _) = parts(&output);
    assert!(passed && !screen.contains("a fault"), "{output:?}");
}

#[test]
#[ignore = "panics on purpose, for the test above"]
fn panics_behind_the_bank() {
    let bank: Arc<dyn Bank> = Arc::new(Fake::faulty());
    let ended = run(&bank, String::new(), Theme::Plain);
    assert!(matches!(ended, Err(DashboardError::Bank(reason)) if reason == "a fault"));
}
