//! The mouse: a click does what a key does, the wheel scrolls.

use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::message::Effect;
use super::navigate::MANAGE;
use super::{App, Screen, Target};

/// Rows that one turn of the wheel moves.
const WHEEL: usize = 3;

impl App {
    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(KeyCode::Down),
            MouseEventKind::ScrollUp => self.wheel(KeyCode::Up),
            MouseEventKind::Down(MouseButton::Left) => {
                let at = Position::new(mouse.column, mouse.row);
                let hit = self.targets.iter().rev().find(|(area, _)| area.contains(at));
                hit.map(|(_, target)| *target).map_or_else(Vec::new, |target| self.click(target))
            }
            _ => Vec::new(),
        }
    }

    fn wheel(&mut self, code: KeyCode) -> Vec<Effect> {
        let scrolls = matches!(self.screen(), Screen::Customers(_) | Screen::Customer(_));
        if !scrolls || self.help {
            return Vec::new();
        }
        (0..WHEEL).flat_map(|_| self.key(KeyEvent::from(code))).collect()
    }

    fn click(&mut self, target: Target) -> Vec<Effect> {
        let height = self.table_height;
        match (target, self.screens.last_mut()) {
            (Target::Key(code), _) => self.key(KeyEvent::from(code)),
            (Target::Row(row), Some(Screen::Customers(table))) => {
                if table.selected == row {
                    table.filtering = false;
                    return self.key(KeyEvent::from(KeyCode::Enter));
                }
                table.select(row, height).into_iter().collect()
            }
            (Target::Column(column), Some(Screen::Customers(table))) => {
                vec![table.sort_by(column)]
            }
            (Target::Manage(entry), Some(Screen::Manage(_))) => {
                MANAGE.get(entry).map_or_else(Vec::new, |kind| self.open_form(*kind, ""))
            }
            (Target::Field(field), Some(Screen::Form(form))) => {
                form.go(field);
                Vec::new()
            }
            (Target::Account(account), Some(Screen::Customer(detail))) => {
                detail.account = account;
                detail.scroll = 0;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
