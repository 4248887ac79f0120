//! Apache Parquet: numbers delta-packed, texts dictionary-encoded, pages compressed by Zstandard.

mod hybrid;
mod labels;

use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use self::labels::LabelChunk;
use super::TableWriter;
use crate::error::Result;
use crate::schema::{ColumnType, Table};

/// Rows of a group: few enough that the open groups of all threads stay small in memory, and
/// enough for readers to work on one group per thread.
const ROW_GROUP_ROWS: usize = 1 << 19;

/// Writes labels by itself and leaves all else to Arrow's writer of columns.
pub(super) struct ParquetWriter {
    file: SerializedFileWriter<File>,
    chunks: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// The open group of rows.
    columns: Vec<ColumnChunk>,
    rows: usize,
}

/// A column of the open group of rows.
enum ColumnChunk {
    Labels(Box<LabelChunk>),
    Values(Box<ArrowColumnWriter>),
}

pub(super) fn writer(file: File, table: Table, schema: SchemaRef) -> Result<ParquetWriter> {
    let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties(table)))?;
    let (file, chunks) = writer.into_serialized_writer()?;
    Ok(ParquetWriter { file, chunks, schema, columns: Vec::new(), rows: 0 })
}

fn zstd_level() -> ZstdLevel {
    ZstdLevel::try_new(1).unwrap_or_default()
}

/// How the table's columns are encoded.
///
/// Numbers of one book rise slowly or repeat, so their differences pack into few bits; a
/// dictionary would cost a look-up for each value and be given up half-way.
///
/// Labels have no bounds: finding the least and the greatest text compares every row's, and as each
/// group of rows holds nearly all labels, no reader could leave a group out by them.
pub(super) fn properties(table: Table) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(zstd_level()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in table.columns() {
        let path = ColumnPath::from(column.name);
        properties = match column.kind {
            ColumnType::Text | ColumnType::Boolean => properties,
            ColumnType::Label => {
                properties.set_column_statistics_enabled(path, EnabledStatistics::None)
            }
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

impl ColumnChunk {
    fn write(&mut self, field: &Field, column: &ArrayRef) -> Result<()> {
        match self {
            Self::Labels(chunk) => chunk.write(column.as_dictionary::<Int32Type>())?,
            Self::Values(chunk) => {
                for leaf in compute_leaves(field, column)? {
                    chunk.write(&leaf)?;
                }
            }
        }
        Ok(())
    }
}

impl ParquetWriter {
    fn open_group(&mut self) -> Result<()> {
        let writers = self.chunks.create_column_writers(self.file.flushed_row_groups().len())?;
        let columns = self.schema.fields().iter().zip(self.file.schema_descr().columns());
        for ((field, column), writer) in columns.zip(writers) {
            self.columns.push(match field.data_type() {
                DataType::Dictionary(_, _) => {
                    let chunk = LabelChunk::new(Arc::clone(column), zstd_level())?;
                    ColumnChunk::Labels(Box::new(chunk))
                }
                _ => ColumnChunk::Values(Box::new(writer)),
            });
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for column in self.columns.drain(..) {
            match column {
                ColumnChunk::Labels(chunk) => {
                    let (bytes, close) = chunk.close()?;
                    group.append_column(&bytes, close)?;
                }
                ColumnChunk::Values(chunk) => chunk.close()?.append_to_row_group(&mut group)?,
            }
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl TableWriter for ParquetWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < rows.num_rows() {
            if self.columns.is_empty() {
                self.open_group()?;
            }
            let count = (rows.num_rows() - from).min(ROW_GROUP_ROWS - self.rows);
            let slice = rows.slice(from, count);
            for (at, chunk) in self.columns.iter_mut().enumerate() {
                chunk.write(self.schema.field(at), slice.column(at))?;
            }
            self.rows += count;
            from += count;
            if self.rows == ROW_GROUP_ROWS {
                self.close_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<File> {
        if self.rows > 0 {
            self.close_group()?;
        }
        Ok(self.file.into_inner()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom};

    use arrow_array::{DictionaryArray, Int32Array, StringArray};
    use arrow_schema::Schema;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    const TEXTS: [&str; 5] = ["", "Caf\u{e9}", "a", "Shop \"1\"", "a"];

    /// Labels of which none is missing, and such as may be. Each batch has its own dictionary.
    fn labels(first: i32, rows: i32) -> RecordBatch {
        let texts = (first..first + 5).map(|at| TEXTS[at.unsigned_abs() as usize % TEXTS.len()]);
        let texts = Arc::new(StringArray::from_iter_values(texts));
        let key = |row: i32| if row % 1000 < 30 { 0 } else { row / 3 % 5 };
        let present = |row: i32| row % 7 > 1 && row % 900 > 50;
        let rows = || first..first + rows;
        let all = Int32Array::from_iter_values(rows().map(key));
        let some = rows().map(|row| present(row).then_some(key(row))).collect::<Int32Array>();
        let column = |keys| Arc::new(DictionaryArray::new(keys, texts.clone())) as ArrayRef;
        RecordBatch::try_new(schema(), vec![column(all), column(some)]).unwrap()
    }

    fn schema() -> SchemaRef {
        let field = |name, nullable| Field::new(name, ColumnType::Label.arrow(), nullable);
        Arc::new(Schema::new(vec![field("all", false), field("some", true)]))
    }

    fn texts(batches: &[RecordBatch], column: usize) -> Vec<Option<&str>> {
        let labels = batches.iter().map(|rows| rows.column(column).as_dictionary::<Int32Type>());
        let texts = labels.filter_map(DictionaryArray::downcast_dict::<StringArray>);
        texts.flatten().collect()
    }

    #[test]
    fn labels_of_any_dictionaries_are_read_back() {
        let mut batches = Vec::new();
        let mut first = 0;
        for rows in [1, 7, 20_000, 45_000, 10, 1 << 19] {
            batches.push(labels(first, rows));
            first += rows;
        }
        let file = tempfile::tempfile().unwrap();
        let mut writer = Box::new(writer(file, Table::Merchants, schema()).unwrap());
        for rows in &batches {
            writer.write(rows).unwrap();
        }
        let mut file = writer.finish().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        assert_eq!(reader.schema().fields(), schema().fields());
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let read: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        for column in 0..2 {
            assert!(texts(&read, column) == texts(&batches, column), "column {column}");
        }
    }

    #[test]
    fn a_table_without_rows_is_a_whole_file() {
        let writer = writer(tempfile::tempfile().unwrap(), Table::Merchants, schema()).unwrap();
        let file = Box::new(writer).finish().unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 0);
    }
}
