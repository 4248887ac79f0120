//! What is around every screen: the status above, the notice and the menu below.

use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};

use super::text::{clock, count, major, minor, pace, short, short_count};
use super::{Canvas, row};
use crate::app::{App, Screen, Target};
use crate::bank::Status;
use ratatui::crossterm::event::KeyCode;

impl Canvas<'_, '_> {
    /// The status: the clock, the counts, the sums.
    pub(super) fn head(&mut self, area: Rect) {
        let theme = self.theme;
        let name = Span::styled(" Mock-Bank ", theme.selected().patch(theme.strong()));
        let Some(status) = &self.app.status else {
            let text = if self.app.loaded {
                "  There is no world yet: press 1 to make one."
            } else {
                "  Opening the world ..."
            };
            return self.line(Line::from(vec![name, Span::raw(text)]), row(area, 0));
        };
        let world = format!("   {}, seed {}", status.preset, status.seed);
        let time = Span::styled(format!("  {}", clock(status.clock)), theme.strong());
        let first = Line::from(vec![name, time, Span::styled(world, theme.quiet())]);
        self.line(first, row(area, 0));
        let mode = Line::styled(mode(self.app, status), theme.contrast());
        self.line(mode.alignment(Alignment::Right), row(area, 0));
        let counts = counts(status, count);
        let fits = counts.chars().count() <= usize::from(area.width);
        self.line(if fits { counts } else { self::counts(status, short_count) }, row(area, 1));
        let exact = |sum| self.sums(status, sum, minor);
        let widths = [exact("sum of the ledger"), exact("ledger")];
        let fits = |line: &Line| line.width() <= usize::from(area.width);
        let sums = widths.into_iter().find(fits);
        let sums =
            sums.unwrap_or_else(|| self.sums(status, "ledger", |amount| short(major(amount))));
        self.line(sums, row(area, 2));
    }

    fn sums(&self, status: &Status, sum: &str, amount: impl Fn(i128) -> String) -> Line<'static> {
        let (style, mark) = if status.ledger_sum == 0 {
            (self.theme.good(), "✓")
        } else {
            (self.theme.bad(), "✗ does not balance")
        };
        Line::from(vec![
            Span::raw(" deposits "),
            Span::styled(amount(status.deposits), self.theme.strong()),
            Span::raw(format!(" {} · card debt ", status.currency)),
            Span::styled(amount(status.card_debt), self.theme.strong()),
            Span::raw(format!(" · {sum} ")),
            Span::styled(format!("{} {mark}", minor(status.ledger_sum)), style),
        ])
    }

    /// What there is to tell.
    pub(super) fn notice(&mut self, area: Rect) {
        if let Some(notice) = &self.app.notice {
            let style = if notice.error { self.theme.bad() } else { self.theme.good() };
            self.line(Line::styled(format!(" {}", notice.text), style), area);
        }
    }

    /// The keys of the screen; each can be clicked.
    pub(super) fn menu(&mut self, area: Rect) {
        let mut x = area.x;
        for (key, label, code) in keys(self.app) {
            let width = u16::try_from(key.len() + label.chars().count() + 4).unwrap_or(u16::MAX);
            if x.saturating_add(width) > area.right() {
                break;
            }
            let place = Rect { x, width, ..area };
            let key = Span::styled(format!(" [{key}]"), self.theme.accent());
            self.line(Line::from(vec![key, Span::raw(label)]), place);
            self.target(place, Target::Key(code));
            x += width;
        }
    }
}

fn counts(status: &Status, count: impl Fn(u64) -> String) -> String {
    format!(
        " {} users · {} accounts · {} cards · {} transactions",
        count(status.users),
        count(status.accounts),
        count(status.cards),
        count(status.transactions)
    )
}

fn mode(app: &App, status: &Status) -> String {
    match app.live.speed {
        Some(speed) if app.live.paused => format!("paused, {} ", speed.name()),
        Some(speed) => match app.live.reached() {
            Some(seconds) => format!("live, {}: reaches {} ", speed.name(), pace(seconds)),
            None => format!("live, {} ", speed.name()),
        },
        None if status.read_only.is_some() => "read only ".to_owned(),
        None => String::new(),
    }
}

/// The keys that matter on a screen, the most important first: what has no room is left out.
fn keys(app: &App) -> Vec<(&'static str, &'static str, KeyCode)> {
    let back = ("Esc", "Back", KeyCode::Esc);
    let help = ("?", "Help", KeyCode::Char('?'));
    match app.screen() {
        Screen::Home => vec![
            ("1", "Initialize", KeyCode::Char('1')),
            ("2", "Evolve", KeyCode::Char('2')),
            ("3", "Balances", KeyCode::Char('3')),
            ("4", "Manage", KeyCode::Char('4')),
            ("l", "Live", KeyCode::Char('l')),
            help,
            ("Esc", "Leave", KeyCode::Esc),
        ],
        Screen::ConfirmInitialize => {
            vec![("y", "Wipe and make anew", KeyCode::Char('y')), ("Esc", "Keep", KeyCode::Esc)]
        }
        Screen::ReadOnly(_) => vec![back],
        Screen::Run(run) if run.result.is_some() => vec![("Enter", "Back", KeyCode::Enter)],
        Screen::Run(_) => vec![("s", "Stop at a whole day", KeyCode::Char('s')), help],
        Screen::Customers(table) if table.filtering => {
            vec![("Enter", "Keep filter", KeyCode::Enter), ("Esc", "No filter", KeyCode::Esc)]
        }
        Screen::Customers(_) => vec![
            ("Enter", "Open", KeyCode::Enter),
            ("/", "Filter", KeyCode::Char('/')),
            ("s", "Sort", KeyCode::Char('s')),
            ("r", "Reverse", KeyCode::Char('r')),
            help,
            back,
        ],
        Screen::Customer(_) => vec![
            ("Tab", "Next account", KeyCode::Tab),
            ("m", "Manual", KeyCode::Char('m')),
            ("x", "Transfer", KeyCode::Char('x')),
            help,
            back,
        ],
        Screen::Manage(_) => vec![("Enter", "Open", KeyCode::Enter), help, back],
        Screen::Form(_) => vec![("Enter", "Next, send", KeyCode::Enter), back],
    }
}
