//! The loop: keys, ticks and answers in; drawing and effects out.
//!
//! The bank is spoken to on three threads: one for the tables' small reads, one for the
//! sums and charts, one for changes. The thread that reads keys and draws waits for none of them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use thiserror::Error;

use crate::app::App;
use crate::app::message::{Effect, Event, Read, Reply, Work};
use crate::bank::Bank;
use crate::perform;
use crate::terminal::Guard;
use crate::theme::Theme;
use crate::view;

/// How often time is told to the application.
const TICK: Duration = Duration::from_millis(100);

/// Why the dashboard ended before its time.
#[derive(Debug, Error)]
pub enum DashboardError {
    /// The terminal could not be used.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
    /// The bank's side panicked: a fault of the program.
    #[error("an internal error ended the dashboard: {0}; what was kept before is safe")]
    Bank(String),
}

enum Message {
    Event(Event),
    Panicked(String),
    InputFailed(io::Error),
}

/// Runs the dashboard until somebody leaves it. `plan` says what initializing makes.
pub fn run(bank: &Arc<dyn Bank>, plan: String, theme: Theme) -> Result<(), DashboardError> {
    let (send, receive) = channel();
    let workers = Workers::start(bank, &send);
    listen_for_signals(send.clone())?;
    let mut guard = Guard::new()?;
    listen_for_input(send);
    let (mut app, effects) = App::new(plan, theme);
    workers.perform(effects);
    let began = Instant::now();
    let mut changed = true;
    loop {
        if changed || app.is_busy() {
            let mut drawn = view::Drawn::default();
            guard.terminal.draw(|frame| drawn = view::draw(frame, &app))?;
            app.targets = drawn.targets;
            app.table_height = drawn.table_height.unwrap_or(app.table_height);
        }
        let first = match receive.recv_timeout(TICK) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        changed = first.is_some();
        let tick = Message::Event(Event::Tick(began.elapsed()));
        // All that has come is taken in before the next drawing, so a flood of reports delays
        // no key.
        for message in first.into_iter().chain(receive.try_iter()).chain([tick]) {
            let event = match message {
                Message::Event(event) => event,
                Message::Panicked(reason) => return Err(DashboardError::Bank(reason)),
                Message::InputFailed(error) => return Err(error.into()),
            };
            if workers.perform(app.update(event)) {
                return Ok(());
            }
        }
    }
}

struct Workers {
    reads: Sender<Read>,
    charts: Sender<Read>,
    works: Sender<Work>,
    stop: Arc<AtomicBool>,
}

impl Workers {
    fn start(bank: &Arc<dyn Bank>, send: &Sender<Message>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (works, work) = channel();
        let watched = Arc::clone(&stop);
        spawn(bank, send, move |bank, reply| {
            for next in work {
                let mut report = |progress| reply(Reply::Progress(progress));
                let done = perform::work(bank, next, &watched, &mut report);
                reply(done);
            }
        });
        Self { reads: spawn_reader(bank, send), charts: spawn_reader(bank, send), works, stop }
    }

    /// Hands effects on; whether the dashboard is to be left. A worker that is gone has left a
    /// message that ends the loop.
    fn perform(&self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Read(read @ (Read::Activity | Read::Status)) => {
                    drop(self.charts.send(read));
                }
                Effect::Read(read) => drop(self.reads.send(read)),
                Effect::Do(work) => {
                    self.stop.store(false, Ordering::Relaxed);
                    drop(self.works.send(work));
                }
                Effect::StopWork => self.stop.store(true, Ordering::Relaxed),
                Effect::Leave => return true,
            }
        }
        false
    }
}

fn spawn_reader(bank: &Arc<dyn Bank>, send: &Sender<Message>) -> Sender<Read> {
    let (reads, wanted) = channel();
    spawn(bank, send, move |bank, reply| {
        while let Some(reads) = gather(&wanted) {
            for read in reads {
                reply(perform::read(bank, read));
            }
        }
    });
    reads
}

/// The reads that wait. Of those of one sort the latest alone: the others' answers would no
/// longer be looked at. `None` when nobody asks any more.
fn gather(wanted: &Receiver<Read>) -> Option<Vec<Read>> {
    let mut reads: Vec<Read> = vec![wanted.recv().ok()?];
    for read in wanted.try_iter() {
        let replaced = |earlier: &Read| match (earlier, &read) {
            (Read::LookUp(_), _) => *earlier == read,
            _ => std::mem::discriminant(earlier) == std::mem::discriminant(&read),
        };
        reads.retain(|earlier| !replaced(earlier));
        reads.push(read);
    }
    Some(reads)
}

fn spawn(
    bank: &Arc<dyn Bank>,
    send: &Sender<Message>,
    work: impl FnOnce(&dyn Bank, &dyn Fn(Reply)) + Send + 'static,
) {
    let (bank, send) = (Arc::clone(bank), send.clone());
    thread::spawn(move || {
        let reply = |reply| drop(send.send(Message::Event(Event::Reply(Box::new(reply)))));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(&*bank, &reply))) {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            drop(send.send(Message::Panicked(text.unwrap_or("unknown").to_owned())));
        }
    });
}

fn listen_for_signals(send: Sender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if send.send(Message::Event(Event::Terminate)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn listen_for_input(send: Sender<Message>) {
    thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(TerminalEvent::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(key),
                Ok(TerminalEvent::Mouse(mouse)) => Event::Mouse(mouse),
                Ok(TerminalEvent::Resize(..)) => Event::Resized,
                Ok(_) => continue,
                Err(error) => {
                    drop(send.send(Message::InputFailed(error)));
                    return;
                }
            };
            if send.send(Message::Event(message)).is_err() {
                return;
            }
        }
    });
}
