//! The simulation engine: a preset and a seed become a world, and time becomes batches of postings.
//!
//! A [`World`] is a pure function of [`Preset`], seed, first day and population. Its customers
//! are too: [`World::newcomer`] gives any of them from its number alone, and [`World::simulate`]
//! moves one of them through time. All randomness is addressed (see [`randomness`]), so the order
//! of customers, the number of threads and the length of steps do not matter.
//!
//! Movements go through the rules of `mockbank-bank`; what these refuse is not recorded.
//!
//! # Models
//!
//! A preset names its model: `profiles` (customers who buy by chance, as in `classic`) or
//! `households` (people with incomes, contracts, needs and habits, as in `realistic`). Only the
//! latter has crime, whose truth [`World::simulate_labelled`] gives beside the postings.
//!
//! # A new behaviour
//!
//! For `profiles`: one file in `profiles/behaviour/`, one line in its registry, a stream of its own
//! in `randomness/stream.rs`, and its parameters in `preset/`. For `households`: one file in
//! `households/behaviour/`, one line in `households/life.rs`, and the same.

mod calendar;
mod customer;
mod distribution;
mod error;
mod households;
mod label;
pub mod measure;
mod population;
pub mod preset;
mod profiles;
pub mod randomness;
mod tables;
mod version;
mod world;
mod zone;

pub use customer::Customer;
pub use error::SimError;
pub use label::{AlertBatch, Label, LabelBatch, Phase, Role, Typology};
pub use population::Newcomer;
pub use preset::{Preset, PresetError};
pub use world::World;
pub use zone::Zone;
