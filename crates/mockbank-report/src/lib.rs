//! A world beside published figures: figures in, one page of HTML or JSON out.
//!
//! - [`mod@reference`]: the published figures, with sources and tolerances.
//! - [`verdict`]: each of a world's figures beside its published one.
//! - [`page()`]: one self-contained page, whose charts are drawn in SVG.
//! - [`json()`]: the same for programs.
//!
//! The crate reads nothing and writes nothing: who has a world hands its figures in.

mod chart;
mod facts;
mod json;
mod metric;
mod page;
pub mod reference;
mod sections;
mod text;
pub mod verdict;

pub use facts::{CrimeFacts, LedgerFacts, Report, WorldFacts};
pub use json::json;
pub use metric::Metric;
pub use page::page;
pub use reference::{Reference, ReferenceError};
pub use verdict::{Finding, Verdict, findings};
