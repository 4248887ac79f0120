//! Crime: schemes drawn from streams of their own, so that the same world without them differs by
//! their postings and what follows from these alone.
//!
//! A posting of crime looks like any other: it carries the kinds, texts and references of honest
//! ones. The truth stands in its label.

mod breach;
mod fraud;
mod laundering;

pub(crate) use breach::Breach;
pub(crate) use fraud::{Case, Thief};
pub(crate) use laundering::{Launderer, Layers};

/// Days in which a customer is part of at most one case of fraud.
pub(crate) const CASE_BLOCK: u16 = 32;
/// Days in which a laundering scheme begins and ends.
pub(crate) const SCHEME_BLOCK: u16 = 64;
