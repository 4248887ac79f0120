//! The help.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Canvas, row};

const KEYS: [(&str, &str); 15] = [
    ("1", "initialize: wipe the world and make a new one"),
    ("2", "evolve: let days or hours pass"),
    ("3", "balances: users, accounts, cards, transactions"),
    ("4", "manage by hand: users, accounts, cards, money"),
    ("l", "live: 1 hour, 1 day, 1 week a second, off"),
    ("Space", "live: stand still, run on"),
    ("p", "charts: the next spending profile"),
    ("t", "colours: dark, light, none"),
    ("/ s r", "balances: filter, sort, reverse"),
    ("arrows", "move; PgUp, PgDn, Home, End move further"),
    ("m x", "a customer: manual transaction, transfer"),
    ("s", "while time passes: stop at a whole day"),
    ("Esc", "back; from the charts, leave"),
    ("Ctrl-C", "leave from anywhere; all that was kept stays"),
    ("mouse", "click what you see; the wheel scrolls"),
];

impl Canvas<'_, '_> {
    pub(super) fn help(&mut self, area: Rect) {
        let inside = self.popup("Help: any key closes it", 62, 17, area);
        for (index, (key, meaning)) in (0..).zip(KEYS) {
            let key = Span::styled(format!(" {key:>7}  "), self.theme.accent());
            self.line(Line::from(vec![key, Span::raw(meaning)]), row(inside, index));
        }
    }
}
