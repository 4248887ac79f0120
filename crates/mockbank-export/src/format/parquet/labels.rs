//! A column of labels: its texts once, and for each row the number of its text.
//!
//! Rows come with such numbers. Arrow's own writer follows each to its text and looks that up in a
//! hash table to number it again, which takes a fifth of an export; here a number is translated by
//! a table. Texts stay in the dictionary however many they are, at most one for each row of a group.

use std::collections::HashMap;
use std::num::TryFromIntError;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray};
use bytes::Bytes;
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder, PageEncodingStats};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::hybrid;

/// Rows of a page, as Arrow's writer has them.
const PAGE_ROWS: usize = 20_000;

/// Number of a text that no row of the chunk has had yet, as far as is known.
const UNKNOWN: u32 = u32::MAX;

/// One column of an open group of rows.
pub(super) struct LabelChunk {
    column: ColumnDescPtr,
    compression: Compression,
    compressor: zstd::bulk::Compressor<'static>,
    texts: Texts,
    page: OpenPage,
    /// Finished pages with their rows. They wait, as the texts come before them.
    pages: Vec<(CompressedPage, usize)>,
}

#[derive(Default)]
struct OpenPage {
    rows: usize,
    /// For each row whether it has a label, where labels may be missing.
    levels: Vec<u32>,
    /// Numbers of the labels that are not missing.
    numbers: Vec<u32>,
}

impl LabelChunk {
    pub(super) fn new(column: ColumnDescPtr, level: ZstdLevel) -> Result<Self> {
        Ok(Self {
            column,
            compression: Compression::ZSTD(level),
            compressor: zstd::bulk::Compressor::new(level.compression_level())?,
            texts: Texts::default(),
            page: OpenPage::default(),
            pages: Vec::new(),
        })
    }

    /// Puts rows at the end.
    pub(super) fn write(&mut self, labels: &DictionaryArray<Int32Type>) -> Result<()> {
        self.texts.follow(labels.values());
        let mut from = 0;
        while from < labels.len() {
            let rows = (labels.len() - from).min(PAGE_ROWS - self.page.rows);
            self.fill(&labels.slice(from, rows));
            if self.page.rows == PAGE_ROWS {
                self.finish_page()?;
            }
            from += rows;
        }
        Ok(())
    }

    fn fill(&mut self, labels: &DictionaryArray<Int32Type>) {
        let Self { texts, page, .. } = self;
        let source = labels.values().as_string();
        let keys = labels.keys().values();
        page.rows += labels.len();
        if self.column.max_def_level() == 0 {
            page.numbers.extend(keys.iter().map(|key| texts.number(*key, source)));
            return;
        }
        for (row, key) in keys.iter().enumerate() {
            let present = labels.is_valid(row);
            page.levels.push(present.into());
            if present {
                page.numbers.push(texts.number(*key, source));
            }
        }
    }

    fn finish_page(&mut self) -> Result<()> {
        let OpenPage { rows, levels, numbers } = &mut self.page;
        let mut bytes = Vec::new();
        if self.column.max_def_level() > 0 {
            let mut packed = Vec::new();
            hybrid::encode(levels, 1, &mut packed);
            bytes.extend_from_slice(&length(packed.len())?.to_le_bytes());
            bytes.append(&mut packed);
        }
        let width = self.texts.width();
        bytes.extend(u8::try_from(width));
        hybrid::encode(numbers, width, &mut bytes);
        let page = Page::DataPage {
            buf: self.compressor.compress(&bytes)?.into(),
            num_values: length(*rows)?,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push((CompressedPage::new(page, bytes.len()), *rows));
        *rows = 0;
        levels.clear();
        numbers.clear();
        Ok(())
    }

    /// The bytes of the chunk, and what the file's footer says of it.
    pub(super) fn close(mut self) -> Result<(Bytes, ColumnCloseResult)> {
        if self.page.rows > 0 {
            self.finish_page()?;
        }
        let mut sink = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut sink);
        let dictionary = writer.write_page(self.texts.page(&mut self.compressor)?)?;
        let mut sizes = (dictionary.uncompressed_size, dictionary.compressed_size);
        let mut offsets = OffsetIndexBuilder::new();
        let (mut rows, count) = (0, length(self.pages.len())?);
        for (page, page_rows) in self.pages {
            let written = writer.write_page(page)?;
            let size = written.compressed_size;
            sizes = (sizes.0 + written.uncompressed_size, sizes.1 + size);
            offsets.append_offset_and_size(signed(written.offset)?, signed(size)?);
            offsets.append_row_count(signed(page_rows)?);
            rows += page_rows;
        }
        let stats = |page_type, encoding, count| PageEncodingStats { page_type, encoding, count };
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(self.compression)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_page_encoding_stats(vec![
                stats(PageType::DICTIONARY_PAGE, Encoding::PLAIN, 1),
                stats(PageType::DATA_PAGE, Encoding::RLE_DICTIONARY, signed(count)?),
            ])
            .set_total_uncompressed_size(signed(sizes.0)?)
            .set_total_compressed_size(signed(sizes.1)?)
            .set_num_values(signed(rows)?)
            .set_dictionary_page_offset(Some(signed(dictionary.offset)?))
            .set_data_page_offset(signed(dictionary.bytes_written)?)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: sink.bytes_written() as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(offsets.build()),
        };
        Ok((sink.into_inner()?.into(), close))
    }
}

/// The different texts of a chunk, numbered in the order of their first rows.
#[derive(Default)]
struct Texts {
    /// Dictionary of the last rows.
    source: Option<ArrayRef>,
    /// For each text of it the number in the chunk, or [`UNKNOWN`].
    numbers: Vec<u32>,
    /// Numbers of all texts of the chunk, as another source may have the same.
    known: HashMap<Box<str>, u32>,
    /// The texts, each behind its length.
    bytes: Vec<u8>,
}

impl Texts {
    /// Takes the dictionary of the rows that come next.
    fn follow(&mut self, source: &ArrayRef) {
        if !self.source.as_ref().is_some_and(|last| Arc::ptr_eq(last, source)) {
            self.numbers.clear();
            self.numbers.resize(source.len(), UNKNOWN);
            self.source = Some(Arc::clone(source));
        }
    }

    /// The number of a text of the source.
    #[inline]
    fn number(&mut self, key: i32, source: &StringArray) -> u32 {
        // An Arrow dictionary has a text for each of its keys.
        let key = key.cast_unsigned() as usize;
        match self.numbers[key] {
            UNKNOWN => self.look_up(key, source.value(key)),
            number => number,
        }
    }

    #[cold]
    fn look_up(&mut self, key: usize, text: &str) -> u32 {
        // There are no more texts than keys, which are numbers of 32 bits, as are offsets in texts.
        let small = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let next = small(self.known.len());
        let number = *self.known.entry(text.into()).or_insert(next);
        if number == next {
            self.bytes.extend_from_slice(&small(text.len()).to_le_bytes());
            self.bytes.extend_from_slice(text.as_bytes());
        }
        self.numbers[key] = number;
        number
    }

    /// Bits of the largest number.
    fn width(&self) -> u32 {
        usize::BITS - self.known.len().saturating_sub(1).leading_zeros()
    }

    fn page(&self, compressor: &mut zstd::bulk::Compressor<'_>) -> Result<CompressedPage> {
        let page = Page::DictionaryPage {
            buf: compressor.compress(&self.bytes)?.into(),
            num_values: length(self.known.len())?,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        Ok(CompressedPage::new(page, self.bytes.len()))
    }
}

fn length(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(too_long)
}

/// A number as Parquet's footer has it.
fn signed<From, To: TryFrom<From, Error = TryFromIntError>>(number: From) -> Result<To> {
    To::try_from(number).map_err(too_long)
}

fn too_long(failure: TryFromIntError) -> ParquetError {
    ParquetError::External(failure.into())
}
