//! Apache Parquet: numbers delta-packed, texts dictionary-encoded, pages compressed by Zstandard.

use std::fs::File;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::TableWriter;
use crate::error::Result;
use crate::schema::{ColumnType, Table};

/// Rows of a group: few enough that the open groups of all threads stay small in memory, and
/// enough for readers to work on one group per thread.
const ROW_GROUP_ROWS: usize = 1 << 19;

pub(super) struct ParquetWriter(ArrowWriter<File>);

pub(super) fn writer(file: File, table: Table, schema: SchemaRef) -> Result<ParquetWriter> {
    Ok(ParquetWriter(ArrowWriter::try_new(file, schema, Some(properties(table)))?))
}

/// How the table's columns are encoded.
///
/// Numbers of one book rise slowly or repeat, so their differences pack into few bits; a
/// dictionary would cost a look-up for each value and be given up half-way.
pub(crate) fn properties(table: Table) -> WriterProperties {
    let zstd = ZstdLevel::try_new(1).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(zstd))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in table.columns() {
        let path = ColumnPath::from(column.name);
        properties = match column.kind {
            ColumnType::Text | ColumnType::Label | ColumnType::Boolean => properties,
            ColumnType::Int64
            | ColumnType::Int32
            | ColumnType::Amount
            | ColumnType::Timestamp
            | ColumnType::Date => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        };
    }
    properties.build()
}

impl TableWriter for ParquetWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        Ok(self.0.write(rows)?)
    }

    fn finish(self: Box<Self>) -> Result<File> {
        Ok(self.0.into_inner()?)
    }
}
