//! The engine as a whole: what worlds promise, over whole worlds.

mod battery;
mod common;
mod crime;
mod golden;
mod invariance;
mod leaks;
mod presets;
mod realistic;
mod rules;
mod scenarios;
mod statistics;
mod transfers;
