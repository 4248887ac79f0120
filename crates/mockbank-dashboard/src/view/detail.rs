//! A customer in detail: who it is, the accounts, the cards, the last transactions.

use mockbank_bank::{CardStatus, Day};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{major, money};
use super::{Canvas, row};
use crate::app::Target;
use crate::app::table::Detail;
use crate::bank::{AccountDetail, CustomerDetail};

impl Canvas<'_, '_> {
    pub(super) fn detail(&mut self, detail: &Detail, area: Rect) {
        let Some(customer) = &detail.customer else {
            return self.centred(format!("reading {} ...", detail.user), area);
        };
        let [who, tabs, middle, book] = Layout::vertical([
            Constraint::Length(2),
            Constraint::Length(1),
            Constraint::Length(area.height.saturating_sub(3) / 2),
            Constraint::Fill(1),
        ])
        .areas(area);
        self.who(customer, who);
        self.tabs(customer, detail.account, tabs);
        let Some(account) = detail.shown() else {
            return self.centred("no account yet: menu 4 opens one", middle);
        };
        let [cards, balance] = Layout::horizontal([Constraint::Fill(1); 2]).areas(middle);
        self.account(account, cards);
        self.balance(account, balance);
        self.book(account, detail.scroll, book);
    }

    fn who(&mut self, customer: &CustomerDetail, area: Rect) {
        let user = &customer.user;
        let name = format!(" {} {} ", user.first_name, user.last_name);
        let login = format!("{}, {}, {}", user.id, user.username, user.email);
        let first = vec![Span::styled(name, self.theme.strong()), Span::raw(login)];
        self.line(Line::from(first), row(area, 0));
        let second = format!(" {}, customer since {}", user.city, user.created_at.day());
        self.line(Line::styled(second, self.theme.quiet()), row(area, 1));
    }

    fn tabs(&mut self, customer: &CustomerDetail, shown: usize, area: Rect) {
        let mut x = area.x + 1;
        for (index, detail) in customer.accounts.iter().enumerate() {
            let text = format!(" {} ", detail.account.id);
            let width = u16::try_from(text.len()).unwrap_or(u16::MAX);
            let place = Rect { x, width, ..area }.intersection(area);
            let style = if index == shown { self.theme.selected() } else { Style::new() };
            self.line(Line::styled(text, style), place);
            self.target(place, Target::Account(index));
            x = x.saturating_add(width + 1);
        }
    }

    fn account(&mut self, detail: &AccountDetail, area: Rect) {
        let account = &detail.account;
        let block = self.block(format!("{} {}", account.id, account.kind.name()));
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let balance = format!("{} {}", money(account.balance), account.currency);
        let style =
            if account.balance.is_negative() { self.theme.bad() } else { self.theme.strong() };
        let status = Span::raw(format!(" {}, ", account.status.name()));
        self.line(Line::from(vec![status, Span::styled(balance, style)]), row(inside, 0));
        if account.salary.is_positive() {
            self.line(format!(" salary {} a month", money(account.salary)), row(inside, 1));
        }
        let room = usize::from(inside.height.saturating_sub(2));
        let rows = if detail.cards.len() * 2 <= room { 2 } else { 1 };
        for (index, card) in (2..inside.height).step_by(rows).zip(&detail.cards) {
            let status = match card.status {
                CardStatus::Active => card.profile.as_str(),
                other => other.name(),
            };
            let (owed, limit) = (money(card.spend), money(card.limit));
            let owed = format!("{owed} owed of {limit}, {status}");
            if rows == 1 {
                self.line(format!(" {} {owed}", card.id), row(inside, index));
            } else {
                let (id, digits, day) = (card.id, card.last_four, card.billing_day);
                let first = format!(" {id} *{digits:04}, bill day {day}");
                self.line(first, row(inside, index));
                self.line(format!("   {owed}"), row(inside, index + 1));
            }
        }
    }

    fn balance(&mut self, detail: &AccountDetail, area: Rect) {
        let block = self.block(format!("Balance, {}", detail.account.currency));
        let mut points: Vec<(Day, f64)> = Vec::new();
        for line in detail.recent.iter().rev() {
            let point = (line.at.day(), major(i128::from(line.balance.minor())));
            match points.last_mut() {
                Some(last) if last.0 == point.0 => *last = point,
                _ => points.push(point),
            }
        }
        self.amounts_over_days(block, &points, area);
    }

    fn book(&mut self, detail: &AccountDetail, scroll: usize, area: Rect) {
        let block = self.block("Last transactions");
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        if detail.recent.is_empty() {
            return self.centred("none yet", inside);
        }
        for (index, line) in (0..inside.height).zip(detail.recent.iter().skip(scroll)) {
            self.transaction(line, false, row(inside, index));
        }
    }
}
