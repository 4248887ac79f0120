//! What goes in and out of the application: events in, effects out.

use std::time::Duration;

use mockbank_bank::UserId;
use mockbank_bank::command::Outcome;
use mockbank_bank::rules::Refusal;
use ratatui::crossterm::event::{KeyEvent, MouseEvent};

use crate::bank::{
    Activity, Added, CustomerDetail, CustomerQuery, CustomerRows, Id, Order, Progress, Result,
    Status,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// The terminal has another size now; the next drawing takes it in.
    Resized,
    /// Time has passed: how long the dashboard has been running.
    Tick(Duration),
    /// The program was asked to end, by a signal.
    Terminate,
    /// The bank has answered.
    Reply(Box<Reply>),
}

/// What the bank has answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// To [`Read::Status`].
    Status(Result<Option<Status>>),
    /// To [`Read::Activity`].
    Activity(Result<Activity>),
    /// To [`Read::Customers`], with the query.
    Customers(CustomerQuery, Result<CustomerRows>),
    /// To [`Read::Customer`], with the customer asked for.
    Customer(UserId, Result<Option<CustomerDetail>>),
    /// To [`Read::LookUp`], with the identifier.
    LookedUp(Id, Result<Option<String>>),
    /// Work is under way.
    Progress(Progress),
    /// [`Work::Initialize`] or [`Work::Evolve`] is over.
    Worked(Result<Added>),
    /// [`Work::Record`] is over.
    Recorded(Result<()>),
    /// [`Work::CarryOut`] is over.
    CarriedOut(Result<Result<Outcome, Refusal>>),
}

/// Something to be done outside of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read from the bank.
    Read(Read),
    /// Change the bank, after all that was asked for before.
    Do(Work),
    /// Stop the work that is under way at the next safe point.
    StopWork,
    /// End the dashboard.
    Leave,
}

/// A read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Clock, counts and sums.
    Status,
    /// The charts.
    Activity,
    /// Rows of the table.
    Customers(CustomerQuery),
    /// A customer in detail.
    Customer(UserId),
    /// Who or what an identifier stands for.
    LookUp(Id),
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Make a new world.
    Initialize,
    /// Let this many seconds pass.
    Evolve(i64),
    /// Carry an order out.
    CarryOut(Order),
    /// Write an act into the audit log.
    Record(String),
}
