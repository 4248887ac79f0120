//! The table of customers and accounts, and a customer in detail.

use mockbank_bank::UserId;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::field::TextInput;
use super::message::{Effect, Read};
use crate::bank::{
    AccountDetail, CustomerDetail, CustomerQuery, CustomerRow, CustomerRows, SortBy,
};

/// Rows that are read at once: some screens' worth, so that most keys need no read at all.
const WINDOW: u64 = 200;

/// The table of customers and accounts: a window of rows around those on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What is typed into the filter.
    pub filter: TextInput,
    /// Whether keys go into the filter.
    pub filtering: bool,
    /// The column that the rows are sorted by.
    pub sort: SortBy,
    /// The largest first.
    pub descending: bool,
    /// The row that is selected, counted from 0 over all rows.
    pub selected: u64,
    /// The first row on the screen.
    pub top: u64,
    /// What was read last.
    pub rows: CustomerRows,
    /// Number of the first row that was read.
    pub offset: u64,
    /// The query whose answer is awaited.
    awaited: Option<CustomerQuery>,
}

impl Table {
    /// An empty table and the read that fills it.
    pub fn open() -> (Self, Effect) {
        let mut table = Self::default();
        let effect = table.read_from(0);
        (table, effect)
    }

    /// Takes a key; `height` is the number of rows on the screen.
    pub fn take(&mut self, key: KeyEvent, height: u64) -> Option<Effect> {
        let page = height.max(2) - 1;
        match key.code {
            KeyCode::Up => self.select(self.selected.saturating_sub(1), height),
            KeyCode::Down => self.select(self.selected.saturating_add(1), height),
            KeyCode::PageUp => self.select(self.selected.saturating_sub(page), height),
            KeyCode::PageDown => self.select(self.selected.saturating_add(page), height),
            KeyCode::Home if !self.filtering => self.select(0, height),
            KeyCode::End if !self.filtering => self.select(u64::MAX, height),
            KeyCode::Enter if self.filtering => {
                self.filtering = false;
                None
            }
            _ if self.filtering => self.take_filter(key),
            KeyCode::Char('/') => {
                self.filtering = true;
                None
            }
            KeyCode::Char('s') => {
                let next = match self.sort {
                    SortBy::Number => SortBy::Name,
                    SortBy::Name => SortBy::Balance,
                    SortBy::Balance => SortBy::Number,
                };
                Some(self.sort_by(next))
            }
            KeyCode::Char('r') => Some(self.sort_by(self.sort)),
            _ => None,
        }
    }

    fn take_filter(&mut self, key: KeyEvent) -> Option<Effect> {
        if self.filter.take(key) {
            self.selected = 0;
            self.top = 0;
            return Some(self.read_from(0));
        }
        None
    }

    /// Leaves the filter, and takes it away; `None` if there was none.
    pub fn escape(&mut self) -> Option<Effect> {
        if !self.filtering && self.filter.text().is_empty() {
            return None;
        }
        self.filtering = false;
        self.filter = TextInput::default();
        Some(self.read_from(0))
    }

    /// Sorts by a column; the same one again turns the order round.
    pub fn sort_by(&mut self, column: SortBy) -> Effect {
        self.descending = if column == self.sort { !self.descending } else { false };
        self.sort = column;
        self.selected = 0;
        self.top = 0;
        self.read_from(0)
    }

    /// Selects a row and brings it onto the screen.
    pub fn select(&mut self, row: u64, height: u64) -> Option<Effect> {
        self.selected = row.min(self.rows.total.saturating_sub(1));
        self.top = self.top_for(height);
        let bottom = (self.top + height).min(self.rows.total);
        let end = self.offset + self.rows.rows.len() as u64;
        if self.top >= self.offset && bottom <= end {
            return None;
        }
        let start = self.top.saturating_sub(WINDOW / 2);
        if self.awaited.as_ref().is_some_and(|query| query.offset == start) {
            return None;
        }
        Some(self.read_from(start))
    }

    /// The first row of a screen of this height, so that the selected row is on it.
    pub fn top_for(&self, height: u64) -> u64 {
        self.top.clamp(self.selected.saturating_sub(height.max(1) - 1), self.selected)
    }

    /// Reads the window that is shown again.
    pub fn refresh(&mut self) -> Effect {
        self.read_from(self.offset)
    }

    /// Takes an answer, if it is the one that is awaited.
    pub fn answered(&mut self, query: &CustomerQuery, rows: CustomerRows) {
        if self.awaited.as_ref() == Some(query) {
            self.awaited = None;
            self.offset = query.offset;
            self.rows = rows;
            self.selected = self.selected.min(self.rows.total.saturating_sub(1));
            self.top = self.top.min(self.selected);
        }
    }

    /// A row by its number over all rows, if it was read.
    pub fn row(&self, number: u64) -> Option<&CustomerRow> {
        let place = number.checked_sub(self.offset)?;
        self.rows.rows.get(usize::try_from(place).ok()?)
    }

    /// Whether an answer is awaited.
    pub const fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    fn read_from(&mut self, offset: u64) -> Effect {
        let query = CustomerQuery {
            filter: self.filter.text().trim().to_owned(),
            sort: self.sort,
            descending: self.descending,
            offset,
            limit: WINDOW,
        };
        self.awaited = Some(query.clone());
        Effect::Read(Read::Customers(query))
    }
}

/// A customer in detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Whose.
    pub user: UserId,
    /// What was read.
    pub customer: Option<CustomerDetail>,
    /// Which of the accounts is shown.
    pub account: usize,
    /// Transactions that are scrolled past.
    pub scroll: usize,
}

impl Detail {
    /// A customer and the read that fills it.
    pub fn open(user: UserId) -> (Self, Effect) {
        let detail = Self { user, customer: None, account: 0, scroll: 0 };
        (detail, Effect::Read(Read::Customer(user)))
    }

    /// The account that is shown.
    pub fn shown(&self) -> Option<&AccountDetail> {
        self.customer.as_ref()?.accounts.get(self.account)
    }

    /// Takes a key.
    pub fn take(&mut self, key: KeyEvent) {
        let accounts = self.customer.as_ref().map_or(0, |customer| customer.accounts.len()).max(1);
        let lines = self.shown().map_or(0, |account| account.recent.len());
        match key.code {
            KeyCode::Right | KeyCode::Tab => {
                self.account = (self.account + 1) % accounts;
                self.scroll = 0;
            }
            KeyCode::Left | KeyCode::BackTab => {
                self.account = (self.account + accounts - 1) % accounts;
                self.scroll = 0;
            }
            KeyCode::Down => self.scroll = (self.scroll + 1).min(lines.saturating_sub(1)),
            KeyCode::PageDown => self.scroll = (self.scroll + 10).min(lines.saturating_sub(1)),
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            KeyCode::Home => self.scroll = 0,
            _ => {}
        }
    }
}
