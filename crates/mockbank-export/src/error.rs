//! What can go wrong while writing files.

use std::path::{Path, PathBuf};

use arrow_schema::ArrowError;
use mockbank_bank::Money;
use parquet::errors::ParquetError;
use thiserror::Error;

/// What writing files answers.
pub type Result<T, E = ExportError> = std::result::Result<T, E>;

/// Files could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file could not be read or written: the disk is full, permission is missing.
    #[error("cannot read or write {}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Rows could not be written.
    #[error("writing rows failed")]
    Write(#[from] std::io::Error),
    /// The Parquet writer failed.
    #[error("writing Parquet failed")]
    Parquet(#[from] ParquetError),
    /// Rows do not fit their columns, or the Arrow writer failed.
    #[error("writing rows failed")]
    Arrow(#[from] ArrowError),
    /// A posting holds a number that stands for nothing.
    #[error("a posting has {value} for its {column}, which stands for nothing")]
    UnknownCode {
        /// Which column.
        column: &'static str,
        /// What it holds.
        value: i64,
    },
    /// An amount has more digits than a column can hold.
    #[error("the amount {0} has more than 18 digits, the most that files hold")]
    AmountTooLarge(Money),
    /// A manifest or the record of a part is no JSON of this program.
    #[error("{} was not written by Mock-Bank", path.display())]
    Manifest {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The folder holds the export of another world, or one in another shape.
    #[error("{} holds another export; choose another folder, or give the settings that its manifest.json names", .0.display())]
    OtherExport(PathBuf),
    /// A folder to be merged holds no export.
    #[error("{} holds no export: it has no manifest.json", .0.display())]
    NoExport(PathBuf),
    /// No folder was to be merged.
    #[error("there is nothing to merge; name the folders of all shards")]
    NothingToMerge,
    /// Shards of different exports were to be merged.
    #[error("{} and {} hold shards of different exports: {difference}", folders[0].display(), folders[1].display())]
    OtherShard {
        /// The folders.
        folders: [PathBuf; 2],
        /// A setting in which they differ.
        difference: String,
    },
    /// Two of the folders to be merged hold the same part.
    #[error("part {part} is in {} and in {}; name each shard once", folders[0].display(), folders[1].display())]
    DoubledPart {
        /// Number of the part, from 0.
        part: u32,
        /// The folders.
        folders: [PathBuf; 2],
    },
    /// None of the folders to be merged holds some of the parts; the text names them.
    #[error(
        "none of the folders holds these parts: {0}; name all shards, and finish the others with --resume"
    )]
    MissingParts(String),
    /// A file is not as its manifest says.
    #[error("{} has {found} bytes, its manifest says {expected}", path.display())]
    OtherSize {
        /// Which one.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size in the manifest.
        expected: u64,
    },
    /// An export's description is no JSON.
    #[error("the description of an export cannot be written as JSON")]
    Description(#[source] serde_json::Error),
    /// A part that is whole was to be written again.
    #[error("part {part} of {} is written already; choose another folder, or go on with --resume", folder.display())]
    PartExists {
        /// The export's folder.
        folder: PathBuf,
        /// Number of the part, from 0.
        part: u32,
    },
    /// There is no part with that number.
    #[error("there is no part {part}: the export has {of}, counted from 0")]
    NoSuchPart {
        /// What was asked for.
        part: u32,
        /// How many there are.
        of: u32,
    },
    /// A world has no customers, or parts were to hold none.
    #[error(
        "an export needs at least one customer, and at least one in each part, at most {} parts",
        u32::MAX
    )]
    BadPlan,
    /// A shard is not of the form 1/4.
    #[error("{0:?} is no shard; write it as 1/4 for the first of four")]
    BadShard(String),
    /// A statement's lines do not lead from its opening to its closing balance.
    #[error("the statement does not reconcile: {opening} and its lines give {sum}, not {closing}")]
    Unreconciled {
        /// Balance at its start.
        opening: Money,
        /// What opening balance and lines add up to, in minor units.
        sum: i128,
        /// Balance at its end.
        closing: Money,
    },
    /// A statement holds a line of another time or another account.
    #[error("transaction {0} does not belong on the statement: another account or another time")]
    ForeignLine(mockbank_bank::TransactionId),
    /// A statement's last day lies before its first.
    #[error("a statement's last day lies before its first")]
    EmptyPeriod,
}

impl ExportError {
    /// For `map_err`: names the file of a failure.
    pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}
