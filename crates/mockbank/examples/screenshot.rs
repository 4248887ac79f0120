//! Draws the dashboard as it stands in a terminal: an SVG of the real program's screen.
//!
//! ```text
//! cargo build --release
//! cargo run --example screenshot -- target/release/mockbank >docs/dashboard.svg
//! cargo run --example screenshot -- --text target/release/mockbank >docs/dashboard.txt
//! ```
//!
//! `--table`, `--customer` and `--live` draw other screens than the charts.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

const COLUMNS: u16 = 110;
const ROWS: u16 = 34;

/// How long nothing comes from a screen that is whole.
const QUIET: Duration = Duration::from_millis(300);

/// Size of a cell of the picture.
const CELL: (u16, u16) = (8, 17);

/// What is pressed, each after the text in front of it has appeared: a world of a hundred
/// customers lives for three months, then the charts of the last sixty days are shown.
const CHARTS: [(&str, &str); 5] = [
    ("Spending by category", "2"),
    ("How many", "\x1590\r"),
    ("until 2025-05-01", "\r"),
    ("it is now", "\r"),
    ("Mar 2", "p"),
];

/// What is pressed from there on, and what is shown then.
fn way(screen: &str) -> Option<(&'static [(&'static str, &'static str)], &'static str)> {
    Some(match screen {
        "--charts" => (&[], "Purchases, AVERAGE"),
        "--table" => (&[("Purchases, AVERAGE", "3"), ("acc_5", "ss"), ("Balance ▲", "r")], "▼"),
        "--customer" => (&[("Purchases, AVERAGE", "3"), ("acc_5", "\r")], "customer since"),
        "--live" => (&[("Purchases, AVERAGE", "lll")], "2025-05-2"),
        _ => return None,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let program = arguments.pop().ok_or("name the program")?;
    let text = arguments.iter().any(|argument| argument == "--text");
    let (steps, last) =
        arguments.iter().find_map(|screen| way(screen)).unwrap_or((&[], "Purchases, AVERAGE"));
    let folder = tempfile::tempdir()?;
    let init = ["--data", "world", "init", "--users", "100"];
    let program = std::fs::canonicalize(program)?;
    let made = std::process::Command::new(&program).args(init).current_dir(&folder).output()?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into());
    }
    let (pty, pts) = open()?;
    pty.resize(Size::new(ROWS, COLUMNS))?;
    let command = Command::new(&program).args(["--data", "world"]).current_dir(&folder);
    let mut child = command.env("TERM", "xterm-256color").env_remove("NO_COLOR").spawn(pts)?;
    let size = |size| NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN);
    let mut parser = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
    let pty = Arc::new(pty);
    let output = listen(Arc::clone(&pty));
    for (shown, keys) in CHARTS.iter().chain(steps) {
        read_until(&output, &mut parser, shown)?;
        (&*pty).write_all(keys.as_bytes())?;
    }
    read_until(&output, &mut parser, last)?;
    // The rest of the screen; one that moves all the time is taken as it is after a while.
    for bytes in (0..20).map_while(|_| output.recv_timeout(QUIET).ok()) {
        parser.process(&bytes);
    }
    let picture = if text { parser.screen().contents() } else { svg(parser.screen()) };
    std::io::stdout().write_all(format!("{}\n", picture.trim_end()).as_bytes())?;
    // The end of the text: leaves from any screen, and from live mode.
    (&*pty).write_all(b"\x03")?;
    child.wait()?;
    Ok(())
}

/// What the program writes, on a thread of its own.
fn listen(pty: Arc<Pty>) -> Receiver<Vec<u8>> {
    let (tell, output) = channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        // The end of the program shows as an error on this side of the terminal.
        while let Ok(read @ 1..) = (&*pty).read(&mut bytes) {
            if tell.send(bytes[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    output
}

fn read_until(
    output: &Receiver<Vec<u8>>,
    parser: &mut vt100::Parser,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    while !parser.screen().contents().contains(text) {
        parser.process(&output.recv()?);
    }
    Ok(())
}

fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (COLUMNS * CELL.0 + 16, ROWS * CELL.1 + 16);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"13\">\n<title>The dashboard of Mock-Bank</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16181d\"/>\n"
    );
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let Some(cell) =
                screen.cell(row, column).filter(|cell| cell.inverse() || !is_blank(cell))
            else {
                continue;
            };
            draw(&mut svg, row, column, cell);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn is_blank(cell: &vt100::Cell) -> bool {
    cell.contents().trim().is_empty()
}

/// Cells are drawn one by one, so that no font can push the lines out of the grid.
fn draw(svg: &mut String, row: u16, column: u16, cell: &vt100::Cell) {
    let (x, y) = (8 + column * CELL.0, 8 + row * CELL.1);
    let mut colour = colour(cell.fgcolor());
    if cell.inverse() {
        let (width, height) = CELL;
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"
        );
        colour = "#16181d";
    }
    if let Some(shapes) = shapes(cell.contents()) {
        for (left, top, width, height) in shapes {
            let (left, top) = (f32::from(x) + left, f32::from(y) + top);
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
                 fill=\"{colour}\"/>"
            );
        }
        return;
    }
    let weight = if cell.bold() { " font-weight=\"bold\"" } else { "" };
    let text = cell.contents().replace('&', "&amp;").replace('<', "&lt;");
    let baseline = y + 13;
    let _ =
        writeln!(svg, "<text x=\"{x}\" y=\"{baseline}\" fill=\"{colour}\"{weight}>{text}</text>");
}

/// Blocks and lines as rectangles (left, top, width, height) within a cell, so that no font leaves
/// gaps between them.
fn shapes(character: &str) -> Option<Vec<(f32, f32, f32, f32)>> {
    let (width, height) = (f32::from(CELL.0), f32::from(CELL.1));
    let (middle, centre) = (width / 2.0 - 0.5, height / 2.0 - 0.5);
    let (left, right) = ((0.0, centre, middle + 1.0, 1.0), (middle, centre, width - middle, 1.0));
    let (up, down) = ((middle, 0.0, 1.0, centre + 1.0), (middle, centre, 1.0, height - centre));
    let block = |eighths: u8| {
        let filled = height * f32::from(eighths) / 8.0;
        vec![(0.0, height - filled, width, filled)]
    };
    Some(match character {
        "─" => vec![left, right],
        "│" => vec![up, down],
        "┌" => vec![right, down],
        "┐" => vec![left, down],
        "└" => vec![right, up],
        "┘" => vec![left, up],
        "▁" => block(1),
        "▂" => block(2),
        "▃" => block(3),
        "▄" => block(4),
        "▅" => block(5),
        "▆" => block(6),
        "▇" => block(7),
        "█" => block(8),
        "▀" => vec![(0.0, 0.0, width, height / 2.0)],
        _ => return None,
    })
}

const fn colour(colour: vt100::Color) -> &'static str {
    match colour {
        vt100::Color::Idx(6 | 14) => "#56b6c2",
        vt100::Color::Idx(3 | 11) => "#e5c07b",
        vt100::Color::Idx(2 | 10) => "#98c379",
        vt100::Color::Idx(1 | 9) => "#e06c75",
        vt100::Color::Idx(7 | 8) => "#8b93a3",
        _ => "#dcdfe4",
    }
}
