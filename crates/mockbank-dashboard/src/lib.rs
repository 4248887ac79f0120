//! The dashboard: a terminal where people see money move.
//!
//! Three parts know nothing of each other's inside: [`app`] is the state and a pure function of
//! (state, event) to effects; [`view`] draws a state; [`runtime`] carries the effects out, on
//! threads beside the one that reads keys, so that no key waits for the bank. The bank itself is
//! behind the port in [`bank`]; [`world`] is the one that a data folder holds.

pub mod app;
pub mod bank;
pub mod perform;
pub mod runtime;
mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod view;
pub mod world;

pub use bank::Bank;
pub use runtime::{DashboardError, run};
pub use theme::Theme;
pub use world::LocalBank;
