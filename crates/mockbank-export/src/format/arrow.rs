//! The file format of Arrow IPC, its buffers compressed by Zstandard.

use std::fs::File;
use std::io::BufWriter;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, Schema};

use super::TableWriter;
use crate::error::Result;

pub(super) struct ArrowFileWriter(FileWriter<BufWriter<File>>);

pub(super) fn writer(file: File, schema: &Schema) -> Result<ArrowFileWriter> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
    Ok(ArrowFileWriter(FileWriter::try_new_with_options(BufWriter::new(file), schema, options)?))
}

impl TableWriter for ArrowFileWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        Ok(self.0.write(rows)?)
    }

    fn finish(mut self: Box<Self>) -> Result<File> {
        self.0.finish()?;
        let buffer = self.0.into_inner()?;
        Ok(buffer.into_inner().map_err(|failed| ArrowError::from(failed.into_error()))?)
    }
}
