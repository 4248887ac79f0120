//! The bank's answers.

use mockbank_bank::command::Outcome;
use mockbank_bank::rules::Refusal;

use super::message::{Effect, Reply};
use super::{App, FEED_LENGTH, Pending, Screen};
use crate::bank::{Added, BankError, Line, Progress, Status};

impl App {
    pub(super) fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::Status(Ok(status)) => return self.status(status),
            Reply::Activity(Ok(mut activity)) => {
                let latest = std::mem::take(&mut activity.latest);
                self.activity = activity;
                if self.pending.is_empty() {
                    self.feed = latest.into();
                }
            }
            Reply::Customers(query, Ok(rows)) => {
                for screen in &mut self.screens {
                    if let Screen::Customers(table) = screen {
                        table.answered(&query, rows.clone());
                    }
                }
            }
            Reply::Customer(user, Ok(customer)) => {
                for screen in &mut self.screens {
                    if let Screen::Customer(detail) = screen
                        && detail.user == user
                    {
                        detail.customer.clone_from(&customer);
                    }
                }
            }
            Reply::LookedUp(id, Ok(found)) => {
                if let Some(Screen::Form(form)) = self.screens.last_mut() {
                    form.looked_up(id, found.as_deref());
                }
            }
            Reply::Status(Err(error))
            | Reply::Activity(Err(error))
            | Reply::Customers(_, Err(error))
            | Reply::Customer(_, Err(error))
            | Reply::LookedUp(_, Err(error))
            | Reply::Recorded(Err(error)) => self.warn(error.to_string()),
            Reply::Recorded(Ok(())) => {}
            Reply::Progress(progress) => self.progress(progress),
            Reply::Worked(result) => return self.worked(result),
            Reply::CarriedOut(result) => return self.carried_out(result),
        }
        Vec::new()
    }

    fn status(&mut self, status: Option<Status>) -> Vec<Effect> {
        let moved = |status: &Option<Status>| {
            status.as_ref().map(|status| (status.clock, status.transactions))
        };
        let changed = self.loaded && moved(&self.status) != moved(&status);
        self.status = status;
        self.loaded = true;
        if changed && self.pending.is_empty() {
            return self.refresh_activity().into_iter().collect();
        }
        Vec::new()
    }

    fn progress(&mut self, mut progress: Progress) {
        self.feed(std::mem::take(&mut progress.lines));
        if let (Some(status), Some(clock)) = (&mut self.status, progress.clock) {
            status.clock = clock;
        }
        if let Some(Screen::Run(run)) = self.screens.last_mut() {
            run.progress = Some(progress);
        }
    }

    fn feed(&mut self, lines: Vec<Line>) {
        self.feed.extend(lines);
        let surplus = self.feed.len().saturating_sub(FEED_LENGTH);
        self.feed.drain(..surplus);
    }

    fn worked(&mut self, result: Result<Added, BankError>) -> Vec<Effect> {
        let result = result.map_err(|error| error.to_string());
        match self.pending.pop_front() {
            Some(Pending::Live) => {
                self.live.under_way = false;
                if let Err(reason) = &result {
                    self.live.stop();
                    self.warn(reason.clone());
                }
            }
            _ => {
                if let Some(Screen::Run(run)) = self.screens.last_mut() {
                    run.result = Some(result);
                    run.ended = Some(self.now);
                }
            }
        }
        self.after_work()
    }

    fn carried_out(&mut self, result: Result<Result<Outcome, Refusal>, BankError>) -> Vec<Effect> {
        self.pending.pop_front();
        match result {
            Ok(Ok(outcome)) => {
                if matches!(self.screens.last(), Some(Screen::Form(_))) {
                    self.screens.pop();
                }
                self.tell(summary(&outcome));
            }
            Ok(Err(refusal)) => {
                if let Some(Screen::Form(form)) = self.screens.last_mut() {
                    form.refused(refusal);
                }
            }
            Err(error) => {
                if let Some(Screen::Form(form)) = self.screens.last_mut() {
                    form.failed(error.to_string());
                }
            }
        }
        self.after_work()
    }

    fn after_work(&mut self) -> Vec<Effect> {
        if self.leaving && self.pending.is_empty() {
            return vec![Effect::Leave];
        }
        let mut effects = self.refresh();
        effects.extend(self.refresh_activity());
        effects
    }
}

/// What a command has made, in words.
fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Transferred([paid, received]) => format!(
            "moved {} from {} to {}, which now hold {} and {}",
            received.amount, paid.account, received.account, paid.balance, received.balance
        ),
        Outcome::Booked(posting) => match posting.card {
            Some(card) => {
                let owed = posting.card_balance.checked_neg().unwrap_or_default();
                format!("booked {} on {card}; {owed} is owed on it now", posting.amount)
            }
            None => format!(
                "booked {} on {}; its balance is {} now",
                posting.amount, posting.account, posting.balance
            ),
        },
        Outcome::User(user) => {
            format!(
                "created {}, {} {} ({})",
                user.id, user.first_name, user.last_name, user.username
            )
        }
        Outcome::Account(account) => format!("opened {} for {}", account.id, account.user),
        Outcome::Card(card) => {
            format!("issued {} ({}) on {}", card.id, card.masked_number(), card.account)
        }
        Outcome::Held(hold, _) => format!("{} is {}", hold.id, hold.state.name()),
        Outcome::Batch(results) => {
            let done = results.iter().filter(|result| result.is_ok()).count();
            format!("{done} of {} transfers were carried out", results.len())
        }
        Outcome::Done => "done".to_owned(),
    }
}
