//! The bar that long commands show at a terminal.

use crate::dashboard::{CTRL_C, Terminal};
use crate::harness::Sandbox;

/// Whether a line shows a share, a count, a rate and the time that is left, as in
/// `generating ███░░  12%  40960 transactions, 81920/s  42s`.
fn is_progress(line: &str) -> bool {
    let number = |word: &str, end: &str| {
        word.strip_suffix(end).is_some_and(|digits| digits.parse::<u64>().is_ok_and(|n| n > 0))
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let [what, .., share, count, transactions, rate, left] = words[..] else { return false };
    what == "generating"
        && number(share, "%")
        && number(count, "")
        && transactions == "transactions,"
        && number(rate, "/s")
        && ["s", "m", "h", "d"].iter().any(|unit| number(left, unit))
}

#[test]
fn generating_shows_how_far_it_is_how_fast_and_how_long_yet() {
    let sandbox = Sandbox::new();
    let arguments = "generate --users 100000 --days 90 --users-per-part 500 --out world";
    let mut terminal = Terminal::run(&sandbox, arguments, &[]);
    terminal.wait_until("rate and time left", |screen| screen.contents().lines().any(is_progress));
    terminal.press(CTRL_C);
    terminal.wait_until("which parts are finished", |screen| {
        screen.contents().contains("parts finished of 200: ")
    });
    assert_eq!(terminal.exit_code(), Some(130));
}
