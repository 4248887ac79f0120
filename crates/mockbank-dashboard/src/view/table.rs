//! The table of customers and accounts.

use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::text::{count, money};
use super::{Canvas, row};
use crate::app::Target;
use crate::app::table::Table;
use crate::bank::{CustomerRow, SortBy};

const COLUMNS: [(&str, Option<SortBy>); 5] = [
    ("User", Some(SortBy::Number)),
    ("Name", Some(SortBy::Name)),
    ("Account", None),
    ("Type", None),
    ("Balance", Some(SortBy::Balance)),
];

impl Canvas<'_, '_> {
    pub(super) fn table(&mut self, table: &Table, area: Rect) {
        let block = self.block("Balances");
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let [filter, head, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)])
                .areas(inside);
        self.filter(table, filter);
        self.columns(table, head);
        self.drawn.table_height = Some(u64::from(body.height));
        if table.rows.total == 0 && !table.is_waiting() {
            return self.centred("nobody matches", body);
        }
        // A screen that has become smaller since the last key still shows the selected row.
        let top = table.top_for(u64::from(body.height));
        for index in 0..body.height {
            let number = top + u64::from(index);
            if number >= table.rows.total {
                break;
            }
            let place = row(body, index);
            match table.row(number) {
                Some(customer) => self.customer_row(customer, number == table.selected, place),
                None => self.line(Line::styled(" ...", self.theme.quiet()), place),
            }
            self.target(place, Target::Row(number));
        }
    }

    fn filter(&mut self, table: &Table, area: Rect) {
        let text = table.filter.text();
        let left = match (table.filtering, text.is_empty()) {
            (true, _) => Line::from(vec![
                Span::styled(" Filter: ", self.theme.accent()),
                Span::raw(text.to_owned()),
            ]),
            (false, true) => Line::styled(" / to filter", self.theme.quiet()),
            (false, false) => Line::styled(format!(" Filter: {text}"), self.theme.accent()),
        };
        self.line(left, area);
        if table.filtering {
            let cursor = u16::try_from(table.filter.cursor()).unwrap_or(u16::MAX);
            let x = area.x.saturating_add(9).saturating_add(cursor).min(area.right());
            self.frame.set_cursor_position((x, area.y));
        }
        let place = (table.selected + 1).min(table.rows.total);
        let right = format!("{} of {} ", count(place), count(table.rows.total));
        self.line(Line::from(right).alignment(Alignment::Right), area);
    }

    fn columns(&mut self, table: &Table, area: Rect) {
        for ((name, sort), place) in COLUMNS.into_iter().zip(cells(area)) {
            let mark = match (sort == Some(table.sort), table.descending) {
                (false, _) => "",
                (true, false) => " ▲",
                (true, true) => " ▼",
            };
            let line = Line::styled(format!("{name}{mark}"), self.theme.strong());
            let right = sort == Some(SortBy::Balance);
            self.line(line.alignment(side(right)), place);
            if let Some(sort) = sort {
                self.target(place, Target::Column(sort));
            }
        }
    }

    fn customer_row(&mut self, customer: &CustomerRow, selected: bool, area: Rect) {
        let account = customer.account.as_ref();
        let texts = [
            customer.user.to_string(),
            customer.name.clone(),
            account.map_or("none".to_owned(), |account| account.id.to_string()),
            account.map_or(String::new(), |account| account.kind.name().to_owned()),
            account.map_or(String::new(), |account| money(account.balance)),
        ];
        let overdrawn = account.is_some_and(|account| account.balance.is_negative());
        for (index, (text, place)) in texts.into_iter().zip(cells(area)).enumerate() {
            let style = if overdrawn && index == 4 {
                self.theme.bad()
            } else {
                ratatui::style::Style::new()
            };
            self.line(Line::styled(text, style).alignment(side(index == 4)), place);
        }
        if selected {
            self.frame.buffer_mut().set_style(area, self.theme.selected());
        }
    }
}

fn cells(area: Rect) -> [Rect; 5] {
    let widths = [
        Constraint::Length(13),
        Constraint::Fill(1),
        Constraint::Length(15),
        Constraint::Length(9),
        Constraint::Length(18),
    ];
    Layout::horizontal(widths).horizontal_margin(1).areas(area)
}

const fn side(right: bool) -> Alignment {
    if right { Alignment::Right } else { Alignment::Left }
}
