//! From screen to screen: the menu, the way back, and the work that is begun.

use mockbank_bank::Instant;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::form::{Form, FormKind, FormStep};
use super::message::{Effect, Work};
use super::table::{Detail, Table};
use super::{App, Pending, Run, Screen};

/// What can be done by hand, in the order of the menu.
pub(crate) const MANAGE: [FormKind; 5] =
    [FormKind::User, FormKind::Account, FormKind::Card, FormKind::Manual, FormKind::Transfer];

impl App {
    /// Goes back, or leaves from the home screen.
    pub(super) fn escape(&mut self) -> Vec<Effect> {
        match self.screens.last_mut() {
            Some(Screen::Customers(table)) => {
                if let Some(effect) = table.escape() {
                    return vec![effect];
                }
            }
            Some(Screen::Run(run)) if run.result.is_none() => return self.stop_run(),
            // The answer to what was sent belongs to this form.
            Some(Screen::Form(form)) if form.sent => return Vec::new(),
            _ => {}
        }
        if self.screens.len() == 1 {
            return self.leave();
        }
        self.screens.pop();
        Vec::new()
    }

    /// Keys that change nothing but the display, and work everywhere but where text is typed.
    pub(super) fn display_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Char('?') => self.help = true,
            KeyCode::Char('t') => self.theme = self.theme.next(),
            KeyCode::Char('p') => self.profile = self.profile.wrapping_add(1),
            _ => {}
        }
        Vec::new()
    }

    /// Keys of the screens on which no text is typed.
    pub(super) fn menu_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if let (Some(Screen::Manage(_)), KeyCode::Char(digit @ '1'..='5')) =
            (self.screens.last(), key.code)
        {
            return self.open_form(MANAGE[usize::from(digit as u8 - b'1')], "");
        }
        match key.code {
            KeyCode::Char('1') if self.may_write(true) => self.open(Screen::ConfirmInitialize),
            KeyCode::Char('2') => self.open_form(FormKind::Evolve, ""),
            KeyCode::Char('3') if self.has_world() => {
                let (table, effect) = Table::open();
                self.open(Screen::Customers(table));
                vec![effect]
            }
            KeyCode::Char('4') if self.may_write(false) => self.open(Screen::Manage(0)),
            KeyCode::Char('1' | '3' | '4') => Vec::new(),
            KeyCode::Char('l') if self.may_write(false) => self.next_speed(),
            KeyCode::Char(' ') if self.live.speed.is_some() => {
                self.live.pause(self.now);
                Vec::new()
            }
            KeyCode::Char('q') if self.screens.len() == 1 => self.leave(),
            KeyCode::Char('?' | 't' | 'p') => self.display_key(key),
            _ => self.screen_key(key),
        }
    }

    fn screen_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let height = self.table_height;
        match self.screens.last_mut() {
            Some(Screen::Customers(table)) if key.code == KeyCode::Enter => {
                let Some(row) = table.row(table.selected) else { return Vec::new() };
                let (detail, effect) = Detail::open(row.user);
                self.screens.push(Screen::Customer(detail));
                vec![effect]
            }
            Some(Screen::Customers(table)) => table.take(key, height).into_iter().collect(),
            Some(Screen::Customer(detail)) => {
                let account = detail.shown().map(|shown| shown.account.id.to_string());
                match (key.code, account) {
                    (KeyCode::Char('m'), Some(account)) => {
                        self.open_form(FormKind::Manual, &account)
                    }
                    (KeyCode::Char('x'), Some(account)) => {
                        self.open_form(FormKind::Transfer, &account)
                    }
                    _ => {
                        detail.take(key);
                        Vec::new()
                    }
                }
            }
            Some(Screen::Manage(selected)) => {
                match key.code {
                    KeyCode::Down => *selected = (*selected + 1) % MANAGE.len(),
                    KeyCode::Up => *selected = (*selected + MANAGE.len() - 1) % MANAGE.len(),
                    KeyCode::Enter => {
                        let kind = MANAGE[*selected];
                        return self.open_form(kind, "");
                    }
                    _ => {}
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn next_speed(&mut self) -> Vec<Effect> {
        self.live.next_speed(self.now);
        let act = match self.live.speed {
            Some(speed) => format!("let the clock run, {}", speed.name()),
            None => "stop the running clock".to_owned(),
        };
        vec![Effect::Do(Work::Record(act))]
    }

    /// Asks before the world is wiped: only `y` does it.
    pub(super) fn confirm(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.screens.pop();
        if matches!(key.code, KeyCode::Char('y' | 'Y')) {
            self.feed.clear();
            return self.run("Initializing the world", Work::Initialize);
        }
        self.tell("nothing was changed");
        Vec::new()
    }

    /// Opens a screen on top of the home screen. No effects: they are the caller's.
    fn open(&mut self, screen: Screen) -> Vec<Effect> {
        self.screens.truncate(1);
        self.screens.push(screen);
        Vec::new()
    }

    /// Opens a form on top of what is seen.
    pub(super) fn open_form(&mut self, kind: FormKind, subject: &str) -> Vec<Effect> {
        if !self.may_write(false) {
            return Vec::new();
        }
        let Some(status) = &self.status else { return Vec::new() };
        let form = Form::new(kind, status, subject);
        if kind == FormKind::Evolve {
            self.screens.truncate(1);
        }
        self.screens.push(Screen::Form(form));
        Vec::new()
    }

    pub(super) fn form_step(&mut self, step: FormStep) -> Vec<Effect> {
        match step {
            FormStep::Stay => Vec::new(),
            FormStep::LookUp(read) => vec![Effect::Read(read)],
            FormStep::Submit(work @ Work::CarryOut(_)) => {
                self.pending.push_back(Pending::Order);
                vec![Effect::Do(work)]
            }
            FormStep::Submit(work) => {
                self.screens.pop();
                let mut effects = Vec::new();
                if let (Work::Evolve(seconds), Some(status)) = (&work, &self.status) {
                    effects.push(Effect::Do(Work::Record(advance(status.clock, *seconds))));
                }
                effects.extend(self.run("Time passes", work));
                effects
            }
        }
    }

    fn run(&mut self, title: &'static str, work: Work) -> Vec<Effect> {
        self.live.stop();
        self.pending.push_back(Pending::Run);
        self.screens.push(Screen::Run(Run {
            title,
            began: self.now,
            ended: None,
            progress: None,
            stopping: false,
            result: None,
        }));
        vec![Effect::Do(work)]
    }

    fn has_world(&mut self) -> bool {
        if self.status.is_none() && self.loaded {
            self.warn("there is no world yet: press 1 to make one");
        }
        self.status.is_some()
    }

    /// Whether the world can be changed; says so if not. Making the first world needs none.
    fn may_write(&mut self, without_world: bool) -> bool {
        let read_only = self.status.as_ref().and_then(|status| status.read_only.clone());
        if let Some(reason) = read_only {
            self.screens.push(Screen::ReadOnly(reason));
            return false;
        }
        (without_world && self.loaded) || self.has_world()
    }
}

/// What the audit log says of time that is to pass.
fn advance(from: Instant, seconds: i64) -> String {
    let to = from.plus_seconds(seconds).map(|to| format!(" to {to}")).unwrap_or_default();
    format!("advance the clock by {} h{to}", seconds / 3600)
}
