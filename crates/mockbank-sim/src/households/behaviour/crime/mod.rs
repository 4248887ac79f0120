//! Crime: schemes drawn from streams of their own, so that the same world without them differs by
//! their postings and what follows from these alone.
//!
//! A posting of crime looks like any other: it carries the kinds, texts and references of honest
//! ones. The truth stands in its label.

mod fraud;
mod laundering;

pub(crate) use fraud::{CASE_BLOCK, Case, Thief};
pub(crate) use laundering::{Launderer, Layers, SCHEME_BLOCK};
