//! The forms: what each asks for, when an answer can be taken, and the work that comes of it.

use mockbank_bank::command::ManualTarget;
use mockbank_bank::rules::Refusal;
use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{AccountKind, Day, Instant};
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::answer::{
    account, card, email, last_four, nonzero, positive, user, username, whole_number,
};
use super::field::{Field, Input};
use super::message::{Read, Work};
use crate::bank::{Id, NewCard, NewCustomer, Order, Status};

/// A form on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it is for.
    pub kind: FormKind,
    /// What it asks for.
    pub fields: Vec<Field>,
    /// The field that takes the keys.
    pub focus: usize,
    /// Why the bank refused it.
    pub refusal: Option<String>,
    /// Whether the bank's answer is awaited.
    pub sent: bool,
    /// The bank's time when it was opened, from which an evolve starts.
    clock: Instant,
}

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// Let time pass.
    Evolve,
    /// Register a customer.
    User,
    /// Open an account.
    Account,
    /// Issue a card.
    Card,
    /// Book by hand.
    Manual,
    /// Move money.
    Transfer,
}

/// What a form does with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormStep {
    /// Nothing outside of it.
    Stay,
    /// An identifier is to be looked up.
    LookUp(Read),
    /// All answers can be taken.
    Submit(Work),
}

impl FormKind {
    /// The title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Evolve => "Evolve time",
            Self::User => "Create a user",
            Self::Account => "Create an account",
            Self::Card => "Create a card",
            Self::Manual => "Manual transaction",
            Self::Transfer => "Transfer",
        }
    }
}

impl Form {
    /// An empty form with its defaults; `subject` fills the first field.
    pub fn new(kind: FormKind, status: &Status, subject: &str) -> Self {
        let profiles: Vec<&str> = status.profiles.iter().map(String::as_str).collect();
        let kinds: Vec<&str> = AccountKind::ALL.iter().map(|kind| kind.name()).collect();
        let fields = match kind {
            FormKind::Evolve => {
                vec![Field::text("How many", "1"), Field::choice("Unit", &["days", "hours"])]
            }
            FormKind::User => vec![
                Field::text("Username", ""),
                Field::text("First name", ""),
                Field::text("Last name", ""),
                Field::text("E-mail", ""),
                Field::text("City", ""),
            ],
            FormKind::Account => {
                vec![Field::text("User", subject), Field::choice("Type", &kinds)]
            }
            FormKind::Card => vec![
                Field::text("Account", subject),
                Field::text("Limit", "5000.00"),
                Field::choice("Billing day", &["1", "10", "15"]),
                Field::choice("Profile", &profiles),
                Field::text("Last four digits", "0000"),
            ],
            FormKind::Manual => {
                vec![
                    Field::text("Account or card", subject),
                    Field::text("Amount", "-10.00"),
                    Field::text("Description", ""),
                ]
            }
            FormKind::Transfer => vec![
                Field::text("From account", subject),
                Field::text("To account", ""),
                Field::text("Amount", "50.00"),
                Field::text("Description", ""),
            ],
        };
        let clock = status.clock;
        let mut form = Self { kind, fields, focus: 0, refusal: None, sent: false, clock };
        form.explain(0);
        form
    }

    /// Takes a key.
    pub fn take(&mut self, key: KeyEvent) -> FormStep {
        if self.sent {
            return FormStep::Stay;
        }
        let last = self.fields.len() - 1;
        match key.code {
            KeyCode::Enter if self.focus == last => return self.submit(),
            KeyCode::Enter | KeyCode::Tab | KeyCode::Down => self.go((self.focus + 1) % (last + 1)),
            KeyCode::BackTab | KeyCode::Up => self.go((self.focus + last) % (last + 1)),
            _ => {
                if self.fields[self.focus].take(key) {
                    return self.changed();
                }
            }
        }
        FormStep::Stay
    }

    /// Gives the keys to another field; the one that is left must be right, or says why not.
    pub fn go(&mut self, field: usize) {
        let left = self.focus;
        if !self.fields[left].value().is_empty() {
            self.check(left);
        }
        self.focus = field.min(self.fields.len() - 1);
    }

    /// Shows what an identifier stands for at the fields that hold it.
    pub fn looked_up(&mut self, id: Id, found: Option<&str>) {
        for index in 0..self.fields.len() {
            if self.id(index) == Some(Ok(id)) {
                let field = &mut self.fields[index];
                match found {
                    Some(text) => field.hint = Some(text.to_owned()),
                    None => field.error = Some(unknown(id).to_string()),
                }
            }
        }
    }

    /// Shows why the bank refused, at the field that it is about.
    pub fn refused(&mut self, refusal: Refusal) {
        self.sent = false;
        let about = (0..self.fields.len()).find(|index| match (refusal, self.id(*index)) {
            (
                Refusal::UnknownUser(_) | Refusal::UnknownAccount(_) | Refusal::UnknownCard(_),
                Some(Ok(id)),
            ) => unknown(id) == refusal,
            _ => refusal == Refusal::UsernameTaken && self.fields[*index].label == "Username",
        });
        match about {
            Some(index) => {
                self.fields[index].error = Some(refusal.to_string());
                self.focus = index;
            }
            None => self.refusal = Some(refusal.to_string()),
        }
    }

    /// Shows why the bank could not answer.
    pub fn failed(&mut self, reason: String) {
        self.sent = false;
        self.refusal = Some(reason);
    }

    fn changed(&mut self) -> FormStep {
        let index = self.focus;
        self.refusal = None;
        self.fields[index].hint = None;
        self.fields[index].error = None;
        if !self.fields[index].value().is_empty() {
            self.check(index);
        }
        if self.kind == FormKind::Evolve && index == 1 {
            self.check(0);
        }
        self.explain(index);
        match self.id(index) {
            Some(Ok(id)) if self.fields[index].error.is_none() => {
                FormStep::LookUp(Read::LookUp(id))
            }
            _ => FormStep::Stay,
        }
    }

    /// Checks a field and keeps what is wrong with it; an error from a look-up stays.
    fn check(&mut self, index: usize) -> bool {
        let wrong = self.problem(index);
        let unknown = self.id(index).and_then(Result::ok).map(|id| unknown(id).to_string());
        let field = &mut self.fields[index];
        let looked_up = field.error.take().filter(|error| Some(error) == unknown.as_ref());
        field.error = wrong.or(looked_up);
        self.fields[index].error.is_none()
    }

    /// Says what time an evolve would lead to.
    fn explain(&mut self, index: usize) {
        if self.kind == FormKind::Evolve && index <= 1 {
            let hint = self.span().and_then(|seconds| {
                self.clock.plus_seconds(seconds).map_err(|error| error.to_string())
            });
            self.fields[0].hint = hint.ok().map(|end| format!("until {end}"));
        }
    }

    fn submit(&mut self) -> FormStep {
        let wrong = (0..self.fields.len()).filter(|index| !self.check(*index)).min();
        if let Some(index) = wrong {
            self.focus = index;
            return FormStep::Stay;
        }
        match self.work() {
            Ok(work) => {
                self.sent = true;
                FormStep::Submit(work)
            }
            Err(reason) => {
                self.refusal = Some(reason);
                FormStep::Stay
            }
        }
    }

    /// What is wrong with a field's answer.
    fn problem(&self, index: usize) -> Option<String> {
        let value = self.fields[index].value();
        match (self.kind, index) {
            (FormKind::Evolve, 0) => self.span().err(),
            (FormKind::User, 0) => username(value).err(),
            (FormKind::User, 1 | 2 | 4) if value.is_empty() => Some("must be filled in".to_owned()),
            (FormKind::User, 3) => email(value).err(),
            (FormKind::Card, 1) | (FormKind::Transfer, 2) => positive(value).err(),
            (FormKind::Card, 4) => last_four(value).err(),
            (FormKind::Manual, 1) => nonzero(value).err(),
            (FormKind::Transfer, 1)
                if matches!(self.id(1), Some(Ok(_))) && self.id(1) == self.id(0) =>
            {
                Some(Refusal::SameAccount.to_string())
            }
            _ => self.id(index)?.err(),
        }
    }

    /// The identifier in a field, or `None` if the field asks for none.
    fn id(&self, index: usize) -> Option<Result<Id, String>> {
        let value = self.fields.get(index)?.value();
        match (self.kind, index) {
            (FormKind::Account, 0) => Some(user(value).map(Id::User)),
            (FormKind::Card, 0) | (FormKind::Transfer, 0 | 1) => {
                Some(account(value).map(Id::Account))
            }
            (FormKind::Manual, 0) if value.starts_with('c') => Some(card(value).map(Id::Card)),
            (FormKind::Manual, 0) => Some(account(value).map(Id::Account)),
            _ => None,
        }
    }

    /// Seconds that an evolve is to take.
    fn span(&self) -> Result<i64, String> {
        let unit = if self.fields[1].value() == "hours" { 3600 } else { SECONDS_PER_DAY };
        let count = whole_number(self.fields[0].value())?;
        if count == 0 {
            return Err("must be above zero".to_owned());
        }
        let room = (Day::MAX.start().seconds() - self.clock.seconds()) / unit;
        if count > room {
            return Err(format!(
                "too many: the bank's time ends in {room} {}",
                self.fields[1].value()
            ));
        }
        Ok(count * unit)
    }

    fn work(&self) -> Result<Work, String> {
        let value = |index: usize| self.fields[index].value();
        let text = |index: usize| Some(value(index).to_owned()).filter(|text| !text.is_empty());
        let order = match self.kind {
            FormKind::Evolve => return Ok(Work::Evolve(self.span()?)),
            FormKind::User => Order::Register(NewCustomer {
                username: value(0).to_owned(),
                first_name: value(1).to_owned(),
                last_name: value(2).to_owned(),
                email: value(3).to_owned(),
                city: value(4).to_owned(),
            }),
            FormKind::Account => Order::OpenAccount {
                user: user(value(0))?,
                kind: AccountKind::from_name(value(1)).ok_or("choose a type")?,
            },
            FormKind::Card => Order::IssueCard(NewCard {
                account: account(value(0))?,
                limit: positive(value(1))?,
                billing_day: value(2).parse().map_err(|_| "choose a billing day")?,
                profile: value(3).to_owned(),
                last_four: last_four(value(4))?,
            }),
            FormKind::Manual => Order::Manual {
                target: match self.id(0) {
                    Some(Ok(Id::Card(card))) => ManualTarget::Card(card),
                    _ => ManualTarget::Account(account(value(0))?),
                },
                amount: nonzero(value(1))?,
                description: text(2),
            },
            FormKind::Transfer => Order::Transfer {
                from: account(value(0))?,
                to: account(value(1))?,
                amount: positive(value(2))?,
                description: text(3),
            },
        };
        Ok(Work::CarryOut(order))
    }

    /// Characters in front of the cursor of the field that takes the keys.
    pub fn cursor(&self) -> Option<usize> {
        match &self.fields[self.focus].input {
            Input::Text(input) => Some(input.cursor()),
            Input::Choice { .. } => None,
        }
    }
}

const fn unknown(id: Id) -> Refusal {
    match id {
        Id::User(user) => Refusal::UnknownUser(user),
        Id::Account(account) => Refusal::UnknownAccount(account),
        Id::Card(card) => Refusal::UnknownCard(card),
    }
}
