//! Long work: the bar, the rate, the feed, and what came of it.

use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Gauge;

use super::text::{clock, count, money, passed};
use super::{Canvas, row};
use crate::app::Run;
use crate::bank::{Added, Line as Transaction};

/// Columns from which on a transaction's line has room for the year.
const ROOM_FOR_THE_YEAR: u16 = 90;

impl Canvas<'_, '_> {
    pub(super) fn run(&mut self, run: &Run, area: Rect) {
        let [bar, facts, feed] =
            Layout::vertical([Constraint::Length(3), Constraint::Length(3), Constraint::Fill(1)])
                .areas(area);
        let whole = matches!(run.result, Some(Ok(_))) && !run.stopping;
        let reached = run.progress.as_ref().map_or(0.0, |progress| progress.fraction);
        let fraction = if whole { 1.0 } else { reached.clamp(0.0, 1.0) };
        let gauge = Gauge::default()
            .block(self.block(run.title))
            .gauge_style(self.theme.accent())
            .ratio(fraction);
        self.frame.render_widget(gauge, bar);
        match &run.result {
            None => self.under_way(run, facts),
            Some(Ok(added)) => self.added(added, facts),
            Some(Err(reason)) => {
                self.line(Line::styled(format!(" {reason}"), self.theme.bad()), facts);
            }
        }
        self.feed("Latest transactions", feed);
    }

    fn under_way(&mut self, run: &Run, area: Rect) {
        let taken = run.ended.unwrap_or(self.app.now).saturating_sub(run.began);
        let made = run.progress.as_ref().map_or(0, |progress| progress.transactions);
        let rate = u128::from(made) * 1000 / taken.as_millis().max(1);
        let reached = self.app.status.as_ref().map(|status| clock(status.clock));
        let facts = format!(
            " {} transactions · {} a second · {} · kept up to {}",
            count(made),
            count(u64::try_from(rate).unwrap_or(u64::MAX)),
            passed(taken),
            reached.as_deref().unwrap_or("the start")
        );
        self.line(facts, row(area, 0));
        let hint = match (self.app.is_leaving(), run.stopping) {
            (true, _) => " stopping at a whole day, then leaving",
            (false, true) => " stopping at a whole day",
            (false, false) => " s or Esc stops at a whole day; nothing that is kept is lost",
        };
        self.line(Line::styled(hint, self.theme.quiet()), row(area, 1));
    }

    fn added(&mut self, added: &Added, area: Rect) {
        let text = format!(
            " added {} transactions, {} users, {} accounts, {} cards",
            count(added.transactions),
            count(added.users),
            count(added.accounts),
            count(added.cards)
        );
        self.line(Line::styled(text, self.theme.good()), row(area, 0));
        self.line(format!(" it is now {}", clock(added.clock)), row(area, 1));
    }

    /// The latest transactions, the newest at the bottom.
    pub(super) fn feed(&mut self, title: &'static str, area: Rect) {
        let block = self.block(title);
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let room = usize::from(inside.height);
        let skipped = self.app.feed.len().saturating_sub(room);
        for (index, line) in (0..inside.height).zip(self.app.feed.iter().skip(skipped)) {
            self.transaction(line, true, row(inside, index));
        }
    }

    /// A transaction on a line; with the account where it is not clear which one it is.
    pub(super) fn transaction(&mut self, line: &Transaction, with_account: bool, area: Rect) {
        let style = if line.amount.is_negative() { self.theme.bad() } else { self.theme.good() };
        let on = match (line.card, with_account) {
            (Some(card), _) => card.to_string(),
            (None, true) => line.account.to_string(),
            (None, false) => String::new(),
        };
        let minute = line.at.second_of_day() / 60;
        let day = line.at.day().to_string();
        // Where there is little room, the description needs it more than the year does.
        let narrow = area.width < ROOM_FOR_THE_YEAR;
        let (day, wide) = if narrow { (&day[5..], 9) } else { (&day[..], 12) };
        let text = format!(
            " {day} {:02}:{:02} {on:<wide$.wide$} {:<17.17} {}",
            minute / 60,
            minute % 60,
            line.category,
            line.description
        );
        let amount_width = Constraint::Length(if narrow { 12 } else { 14 });
        let [left, right] = Layout::horizontal([Constraint::Fill(1), amount_width]).areas(area);
        self.line(text, left);
        let amount = Line::from(Span::styled(money(line.amount), style));
        self.line(amount.alignment(Alignment::Right), right);
    }
}
