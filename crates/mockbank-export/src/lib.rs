//! Writes a world to files: tables for analysis, statements for accounting programs.
//!
//! The tables, users, accounts, cards, merchants, transactions and settlements, are described once in
//! [`schema`]; [`dictionary`] prints the description. [`Rows`] turns the bank's types into columns
//! and a [`Format`] writes them.
//!
//! [`Export`] is a folder of such files, cut into parts that threads and machines write on their
//! own, with a [`Manifest`] that says what is finished and what it adds up to.
//!
//! The crate knows neither the simulation nor the store: it takes what it is given. Amounts are
//! whole minor units until they are written, and decimals there; they never pass through a float.

pub mod crime;
pub mod dictionary;
pub mod error;
pub mod export;
pub mod format;
pub mod manifest;
pub mod merge;
pub mod plan;
pub mod rows;
pub mod schema;
pub mod settlement;
pub mod statement;

pub use arrow_array::RecordBatch;

pub use crime::{AlertRow, LabelRow};
pub use error::{ExportError, Result};
pub use export::{Export, PartWriter, read_manifest};
pub use format::{Format, TableWriter};
pub use manifest::{ExportDescription, FileRecord, Manifest, PartRecord, Totals, WorldDescription};
pub use merge::merge;
pub use plan::{Plan, Shard};
pub use rows::Rows;
pub use schema::Table;
pub use settlement::{SettlementBatch, Settlements};
