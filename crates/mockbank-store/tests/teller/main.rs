//! The teller keeps what it promises: every answer is the one that a naive second model gives,
//! and each command is carried out once, whatever races, repeats or fails.

mod backup;
mod bank;
mod crash;
mod faults;
mod harness;
mod model;
mod races;
mod story;
mod world;
