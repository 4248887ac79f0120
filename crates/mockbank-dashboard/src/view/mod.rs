//! The views: each draws a part of the state and changes nothing.

mod chart;
mod detail;
mod form;
mod frame;
mod help;
mod home;
mod run;
mod table;
mod text;

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Flex, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

use crate::app::{App, Screen, Target};
use crate::theme::Theme;

/// The smallest terminal on which the screens are drawn, in columns and rows.
const SMALLEST: (u16, u16) = (60, 18);

/// What a drawing tells the application.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// What can be clicked, and where; later ones lie over earlier ones.
    pub targets: Vec<(Rect, Target)>,
    /// Rows that the table has room for, if it was drawn.
    pub table_height: Option<u64>,
}

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, app: &App) -> Drawn {
    let mut canvas = Canvas { frame, app, theme: app.theme, drawn: Drawn::default() };
    canvas.draw();
    canvas.drawn
}

struct Canvas<'a, 'f> {
    frame: &'a mut Frame<'f>,
    app: &'a App,
    theme: Theme,
    drawn: Drawn,
}

impl Canvas<'_, '_> {
    fn draw(&mut self) {
        let area = self.frame.area();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return self.too_small(area);
        }
        let [head, body, notice, menu] = Layout::vertical([
            Constraint::Length(3),
            Constraint::Fill(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        self.head(head);
        self.screen(body);
        self.notice(notice);
        self.menu(menu);
        if self.app.help {
            self.help(area);
        }
    }

    fn too_small(&mut self, area: Rect) {
        let (width, height) = SMALLEST;
        let text = format!(
            "Mock-Bank needs {width} x {height}; this is {} x {}. Esc goes back.",
            area.width, area.height
        );
        self.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }

    fn screen(&mut self, area: Rect) {
        match self.app.screen() {
            // Keys do nothing yet, so nothing is there to invite them.
            Screen::Home if !self.app.loaded => {}
            Screen::Home => self.home(area),
            Screen::ConfirmInitialize => {
                self.home(area);
                self.confirm(area);
            }
            Screen::ReadOnly(reason) => {
                self.home(area);
                self.read_only(reason, area);
            }
            Screen::Run(run) => self.run(run, area),
            Screen::Customers(table) => self.table(table, area),
            Screen::Customer(detail) => self.detail(detail, area),
            Screen::Manage(selected) => self.manage(*selected, area),
            Screen::Form(form) => self.form(form, area),
        }
    }

    fn target(&mut self, area: Rect, target: Target) {
        self.drawn.targets.push((area, target));
    }

    fn line(&mut self, line: impl Into<Line<'static>>, area: Rect) {
        self.frame.render_widget(Paragraph::new(line.into()), area);
    }

    /// An empty box of a size in the middle of an area; its inside.
    fn popup(&mut self, title: &'static str, width: u16, height: u16, area: Rect) -> Rect {
        let [row] = Layout::vertical([Constraint::Max(height)]).flex(Flex::Center).areas(area);
        let [popup] = Layout::horizontal([Constraint::Max(width)]).flex(Flex::Center).areas(row);
        let block = self.block(title);
        let inside = block.inner(popup);
        self.frame.render_widget(Clear, popup);
        self.frame.render_widget(block, popup);
        inside
    }

    fn block(&self, title: impl Into<String>) -> Block<'static> {
        let title = Span::styled(format!(" {} ", title.into()), self.theme.accent());
        Block::bordered().border_style(self.theme.quiet()).title(title)
    }

    fn centred(&mut self, text: impl Into<String>, area: Rect) {
        let [row] = Layout::vertical([Constraint::Length(1)]).flex(Flex::Center).areas(area);
        let line = Line::styled(text.into(), self.theme.quiet()).alignment(Alignment::Center);
        self.line(line, row);
    }
}

/// A row of an area, counted from its top; empty below the area's end.
fn row(area: Rect, index: u16) -> Rect {
    let y = area.y.saturating_add(index);
    let height = u16::from(y < area.bottom());
    Rect { y: y.min(area.bottom()), height, ..area }
}
