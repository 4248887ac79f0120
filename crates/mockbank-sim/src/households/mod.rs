//! The model `households`: people with incomes, contracts, needs and habits.
//!
//! A day is drawn from a person's traits, the calendar, and a small memory as it was at the end of
//! the day before; then the bank's rules apply the movements one after the other. At the end of the
//! day the memory takes note of it. So steps may begin and end anywhere.

mod alert;
mod banking;
mod behaviour;
mod breach;
mod circle;
pub(crate) mod customer;
mod days;
mod journey;
mod life;
mod market;
mod memory;
mod needs;
mod newcomer;
mod person;
mod random;
mod taint;
mod traits;
mod work;
pub(crate) mod world;
