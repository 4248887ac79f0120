//! The application: what it knows, and how events change it.
//!
//! [`App::update`] is the only thing that changes the state, and it does nothing else: what has
//! to be done outside comes back as [`Effect`]s.

mod answer;
pub mod field;
pub mod form;
pub mod live;
pub mod message;
mod mouse;
mod navigate;
mod reply;
pub mod table;

use std::collections::VecDeque;
use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use crate::bank::{Activity, Added, Line, Progress, SortBy, Status};
use crate::theme::Theme;
use form::Form;
use live::Live;
use message::{Effect, Event, Read, Work};
pub(crate) use navigate::MANAGE;
use table::{Detail, Table};

/// Lines of the feed that are kept.
const FEED_LENGTH: usize = 100;

/// How often what another process may have changed is read again.
const REFRESH: Duration = Duration::from_secs(1);

/// What the dashboard knows.
#[derive(Clone, Debug)]
pub struct App {
    /// Where the world stands; `None` if there is no world, or nothing is known yet.
    pub status: Option<Status>,
    /// Whether the bank has answered for the first time.
    pub loaded: bool,
    /// What the charts show.
    pub activity: Activity,
    /// Which spending profile's amounts the histogram shows.
    pub profile: usize,
    /// The screens, the one that is seen last; the first is the home screen.
    pub screens: Vec<Screen>,
    /// Whether the help lies over the screen.
    pub help: bool,
    /// What there is to tell.
    pub notice: Option<Notice>,
    /// Live mode.
    pub live: Live,
    /// The latest transactions, the newest last.
    pub feed: VecDeque<Line>,
    /// The colours.
    pub theme: Theme,
    /// What initializing makes, in words.
    pub plan: String,
    /// What can be clicked in the last drawing, and where.
    pub targets: Vec<(Rect, Target)>,
    /// Rows of the table that the last drawing had room for.
    pub table_height: u64,
    /// How long the dashboard has been running.
    pub now: Duration,
    /// Work that was asked for and is not over, in order.
    pending: VecDeque<Pending>,
    /// Whether to leave when the work is over.
    leaving: bool,
    read_status_at: Duration,
    read_activity_at: Duration,
}

/// A screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// The charts.
    Home,
    /// Whether to wipe the world and make a new one.
    ConfirmInitialize,
    /// Why the world can not be changed from here, and what to do.
    ReadOnly(String),
    /// Long work under way, or what came of it.
    Run(Run),
    /// The table of customers and accounts.
    Customers(Table),
    /// A customer in detail.
    Customer(Detail),
    /// The menu of what can be done by hand, and the entry that is selected.
    Manage(usize),
    /// A form.
    Form(Form),
}

/// Long work.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it is.
    pub title: &'static str,
    /// When it began, since the dashboard's start.
    pub began: Duration,
    /// When it was over.
    pub ended: Option<Duration>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// What came of it.
    pub result: Option<Result<Added, String>>,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub error: bool,
}

/// What can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Does what a key does.
    Key(KeyCode),
    /// A row of the table, counted over all rows.
    Row(u64),
    /// The head of a column.
    Column(SortBy),
    /// An entry of the menu of what can be done by hand.
    Manage(usize),
    /// A field of the form.
    Field(usize),
    /// One of the customer's accounts.
    Account(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    Live,
    Run,
    Order,
}

impl App {
    /// The application at its start, and what it wants to know first. `plan` says what
    /// initializing makes.
    pub fn new(plan: String, theme: Theme) -> (Self, Vec<Effect>) {
        let app = Self {
            status: None,
            loaded: false,
            activity: Activity::default(),
            profile: 0,
            screens: vec![Screen::Home],
            help: false,
            notice: None,
            live: Live::default(),
            feed: VecDeque::new(),
            theme,
            plan,
            targets: Vec::new(),
            table_height: 10,
            now: Duration::ZERO,
            pending: VecDeque::new(),
            leaving: false,
            read_status_at: Duration::ZERO,
            read_activity_at: Duration::ZERO,
        };
        (app, vec![Effect::Read(Read::Status), Effect::Read(Read::Activity)])
    }

    /// Takes an event; what is to be done comes back.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Resized => Vec::new(),
            Event::Tick(now) => self.tick(now),
            Event::Terminate => self.leave(),
            Event::Reply(reply) => self.reply(*reply),
        }
    }

    /// The screen that is seen.
    pub fn screen(&self) -> &Screen {
        self.screens.last().unwrap_or(&Screen::Home)
    }

    /// Whether the dashboard waits for the work to be over before it leaves.
    pub const fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Whether something is simulated that a bar or a clock on the screen shows.
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty() || self.live.speed.is_some()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.leave();
        }
        if self.help {
            self.help = false;
            return Vec::new();
        }
        self.notice = None;
        if key.code == KeyCode::Esc {
            return self.escape();
        }
        let height = self.table_height;
        match self.screens.last_mut() {
            Some(Screen::Form(form)) => {
                let step = form.take(key);
                self.form_step(step)
            }
            Some(Screen::Customers(table)) if table.filtering => {
                table.take(key, height).into_iter().collect()
            }
            Some(Screen::ConfirmInitialize) => self.confirm(key),
            Some(Screen::ReadOnly(_)) => self.escape(),
            Some(Screen::Run(run)) => {
                if run.result.is_some() {
                    self.screens.pop();
                    return self.refresh();
                }
                if key.code == KeyCode::Char('s') { self.stop_run() } else { self.display_key(key) }
            }
            _ => self.menu_key(key),
        }
    }

    /// Leaves at once, or as soon as work under way has come to a safe point; asked again, at
    /// once.
    fn leave(&mut self) -> Vec<Effect> {
        self.live.stop();
        if self.pending.is_empty() || self.leaving {
            return vec![Effect::Leave];
        }
        self.leaving = true;
        self.tell("stopping at a whole day, then leaving; once more leaves at once");
        vec![Effect::StopWork]
    }

    fn stop_run(&mut self) -> Vec<Effect> {
        if let Some(Screen::Run(run)) = self.screens.last_mut() {
            run.stopping = true;
        }
        vec![Effect::StopWork]
    }

    fn tick(&mut self, now: Duration) -> Vec<Effect> {
        self.now = now;
        let mut effects = Vec::new();
        if let Some(seconds) = self.live.due(now) {
            self.pending.push_back(Pending::Live);
            effects.push(Effect::Do(Work::Evolve(seconds)));
        }
        let watched = self.status.as_ref().is_some_and(|status| status.read_only.is_some());
        if watched && now.saturating_sub(self.read_status_at) >= REFRESH {
            self.read_status_at = now;
            effects.push(Effect::Read(Read::Status));
        }
        effects
    }

    fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), error: false });
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), error: true });
    }

    /// Reads again what the screens show.
    fn refresh(&mut self) -> Vec<Effect> {
        self.read_status_at = self.now;
        let mut effects = vec![Effect::Read(Read::Status)];
        effects.extend(self.screens.iter_mut().filter_map(|screen| match screen {
            Screen::Customers(table) => Some(table.refresh()),
            Screen::Customer(detail) => Some(Effect::Read(Read::Customer(detail.user))),
            _ => None,
        }));
        effects
    }

    /// Reads the charts again, if that was not done just now.
    fn refresh_activity(&mut self) -> Option<Effect> {
        if self.now.saturating_sub(self.read_activity_at) < REFRESH && self.live.speed.is_some() {
            return None;
        }
        self.read_activity_at = self.now;
        Some(Effect::Read(Read::Activity))
    }
}
