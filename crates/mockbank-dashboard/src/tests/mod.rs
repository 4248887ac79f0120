//! The dashboard over a bank in memory: keys in, state and screens out.

mod fake;
mod forms;
mod keys;
mod screens;
#[cfg(unix)]
mod terminal;
