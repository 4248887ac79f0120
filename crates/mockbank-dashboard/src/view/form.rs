//! Forms, the menu of what can be done by hand, and the question before a world is wiped.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::{Canvas, row};
use crate::app::field::{Field, Input};
use crate::app::form::Form;
use crate::app::{MANAGE, Target};

/// Columns that the labels take.
const LABELS: u16 = 20;

impl Canvas<'_, '_> {
    pub(super) fn form(&mut self, form: &Form, area: Rect) {
        let height = u16::try_from(form.fields.len() * 2 + 4).unwrap_or(u16::MAX);
        let inside = self.popup(form.kind.title(), 72, height, area);
        for (index, field) in form.fields.iter().enumerate() {
            let line = u16::try_from(index * 2).unwrap_or(u16::MAX);
            let focused = index == form.focus;
            self.field(field, focused, row(inside, line));
            self.remark(field, row(inside, line.saturating_add(1)));
            self.target(row(inside, line), Target::Field(index));
        }
        let last = row(inside, inside.height.saturating_sub(1));
        match (&form.refusal, form.sent) {
            (Some(reason), _) => {
                self.line(Line::styled(format!(" {reason}"), self.theme.bad()), last);
            }
            (None, true) => self.line(" sent ...", last),
            (None, false) => {
                let hint = " Tab next · arrows choose · Enter on the last field sends";
                self.line(Line::styled(hint, self.theme.quiet()), last);
            }
        }
        if let Some(cursor) = form.cursor() {
            let cursor = u16::try_from(cursor).unwrap_or(u16::MAX);
            let line = u16::try_from(form.focus * 2).unwrap_or(u16::MAX);
            let x = inside.x.saturating_add(LABELS).saturating_add(cursor);
            self.frame.set_cursor_position((x.min(inside.right()), row(inside, line).y));
        }
    }

    /// Why the world can not be changed from here, and what to do.
    pub(super) fn read_only(&mut self, reason: &str, area: Rect) {
        let inside = self.popup("Another process writes", 76, 14, area);
        let text = Paragraph::new(reason.to_owned()).wrap(Wrap { trim: false });
        self.frame.render_widget(text, inside);
    }

    fn field(&mut self, field: &Field, focused: bool, area: Rect) {
        let style = if focused { self.theme.accent() } else { Style::new() };
        let mark = if focused { ">" } else { " " };
        let mut spans = vec![Span::styled(format!("{mark} {:<18}", field.label), style)];
        match &field.input {
            Input::Text(input) => spans.push(Span::raw(input.text().to_owned())),
            Input::Choice { options, selected } => {
                for (index, option) in options.iter().enumerate() {
                    let chosen = index == *selected;
                    let style = if chosen { self.theme.selected() } else { Style::new() };
                    spans.push(Span::styled(format!(" {option} "), style));
                }
            }
        }
        self.line(Line::from(spans), area);
    }

    /// What is wrong with an answer, or what it stands for.
    fn remark(&mut self, field: &Field, area: Rect) {
        let (text, style) = match (&field.error, &field.hint) {
            (Some(error), _) => (error, self.theme.bad()),
            (None, Some(hint)) => (hint, self.theme.good()),
            (None, None) => return,
        };
        let indent = usize::from(LABELS);
        self.line(Line::styled(format!("{:indent$}{text}", ""), style), area);
    }

    pub(super) fn manage(&mut self, selected: usize, area: Rect) {
        let inside = self.popup("Manage by hand", 44, 9, area);
        for (index, kind) in MANAGE.into_iter().enumerate() {
            let style = if index == selected { self.theme.selected() } else { Style::new() };
            let place = row(inside, u16::try_from(index + 1).unwrap_or(u16::MAX));
            let text = format!(" [{}] {:<34}", index + 1, kind.title());
            self.line(Line::styled(text, style), place);
            self.target(place, Target::Manage(index));
        }
    }

    pub(super) fn confirm(&mut self, area: Rect) {
        let inside = self.popup("Initialize the world", 64, 8, area);
        let wiped = match &self.app.status {
            Some(_) => "This wipes the world that is there, for good. ",
            None => "",
        };
        let text =
            format!("\n{wiped}{}\n\nPress y to do it, any other key to go back.", self.app.plan);
        self.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
    }
}
