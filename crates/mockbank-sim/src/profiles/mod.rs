//! The model `profiles`: customers who are paid on fixed days and buy by chance.

mod banking;
mod behaviour;
pub(crate) mod customer;
mod merchants;
mod monthly;
mod newcomer;
pub(crate) mod world;
