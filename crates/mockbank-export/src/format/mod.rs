//! File formats: one file each, behind [`TableWriter`].

mod arrow;
mod csv;
mod jsonl;
mod parquet;
mod text;

use std::fs::File;

use ::parquet::file::properties::WriterProperties;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::schema::Table;

/// Writes one table to one file.
pub trait TableWriter: Send {
    /// Puts rows of the table's schema at the end.
    fn write(&mut self, rows: &RecordBatch) -> Result<()>;

    /// Writes what is outstanding and gives the file back; without it the file is no whole one.
    fn finish(self: Box<Self>) -> Result<File>;
}

/// A format of table files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Apache Parquet: columns, compressed.
    Parquet,
    /// Comma-separated values with a header line (RFC 4180).
    Csv,
    /// A JSON object on each line.
    Jsonl,
    /// The file format of Arrow IPC.
    Arrow,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Parquet, Self::Csv, Self::Jsonl, Self::Arrow];

    /// The name in commands, and the ending of files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Arrow => "arrow",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Starts a table in a file.
    pub fn writer(self, table: Table, file: File) -> Result<Box<dyn TableWriter>> {
        let schema: SchemaRef = table.schema();
        Ok(match self {
            Self::Parquet => Box::new(parquet::writer(file, table, schema)?),
            Self::Csv => Box::new(csv::writer(file, &schema)),
            Self::Jsonl => Box::new(jsonl::writer(file, &schema)),
            Self::Arrow => Box::new(arrow::writer(file, &schema)?),
        })
    }
}

/// How a table's columns are encoded in Parquet: for those who write them with Arrow's own writer.
pub fn parquet_properties(table: Table) -> WriterProperties {
    parquet::properties(table)
}
