//! A living world: simulation and store together create, evolve and verify it.
//!
//! - [`create()`] fills an empty store with customers and their first days, in one step.
//! - [`generate()`] writes such a world straight to an [`Archive`], and [`export()`] a stored one.
//! - [`evolve()`] lets time pass, in steps that are each kept as a whole.
//! - [`verify()`] reads everything and checks that it holds together.
//! - [`survey()`] measures a stored world, to be held against published figures.
//! - [`Comparing`] finds the lines in which two worlds differ; [`changed`] makes the preset of the
//!   second one.
//! - [`content_hash`] tells whether two worlds are the same to the last row.
//!
//! The functions take the store's traits, so they work on any database, from any edge. They block
//! and report to a [`Watch`], which can stop them; what is kept is whole in any case.

mod advance;
mod archive;
mod compare;
mod create;
mod crime;
mod error;
mod evolve;
mod export;
mod generate;
mod hash;
mod lines;
mod pipeline;
mod survey;
mod variant;
pub mod verify;
mod watch;
mod workers;

pub use advance::{advance, spending_profiles};
pub use archive::{Archive, ArchivePart, ArchiveResult, Archived, Piece};
pub use compare::{Comparing, Comparison, Difference, Holders, Rows, Tally};
pub use create::{Created, Recipe, create, preset_fingerprint};
pub use crime::{Crime, has_labels};
pub use error::{Result, WorldError};
pub use evolve::{Evolved, evolve};
pub use export::{StatementLines, StatementOf, export, full_catalog, statement_lines};
pub use generate::generate;
pub use hash::content_hash;
pub use mockbank_sim::Preset;
pub use survey::{CrimeCount, Survey, survey};
pub use variant::{ChangeError, changed};
pub use verify::verify;
pub use watch::{Progress, Unwatched, Watch};
pub use workers::Workers;
