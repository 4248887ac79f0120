//! What CSV and JSON lines have in common: rows as text, a cell after the other.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType};
use mockbank_bank::Day;

use super::TableWriter;
use crate::error::Result;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 20;

const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// How a format writes a row.
pub(super) struct Syntax {
    /// What stands in front of each column's cell.
    pub(super) leads: Vec<Vec<u8>>,
    /// What stands behind the last cell.
    pub(super) row_end: &'static [u8],
    /// What stands for a missing value.
    pub(super) null: &'static [u8],
    /// What stands around dates and times.
    pub(super) time_quote: &'static [u8],
    /// Writes a text.
    pub(super) text: fn(&str, &mut Vec<u8>),
}

/// Writes rows as text.
pub(super) struct TextWriter {
    file: File,
    syntax: Syntax,
    buffer: Vec<u8>,
    labels: Vec<Labels>,
}

impl TextWriter {
    pub(super) fn new(file: File, syntax: Syntax, header: Vec<u8>) -> Self {
        let labels = syntax.leads.iter().map(|_| Labels::default()).collect();
        Self { file, syntax, buffer: header, labels }
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl TableWriter for TextWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for (labels, column) in self.labels.iter_mut().zip(rows.columns()) {
            if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
                labels.prepare(dictionary.values(), self.syntax.text);
            }
        }
        let columns: Vec<Column<'_>> = rows
            .columns()
            .iter()
            .zip(&self.labels)
            .zip(&self.syntax.leads)
            .map(|((array, labels), lead)| Column::new(array, labels, lead))
            .collect::<Result<_, ArrowError>>()?;
        for row in 0..rows.num_rows() {
            for column in &columns {
                column.write(row, &self.syntax, &mut self.buffer);
            }
            self.buffer.extend_from_slice(self.syntax.row_end);
            if self.buffer.len() >= BUFFER_BYTES {
                self.file.write_all(&self.buffer)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<File> {
        self.flush()?;
        Ok(self.file)
    }
}

/// A dictionary's texts as they are written, kept from batch to batch.
#[derive(Default)]
struct Labels {
    source: Option<ArrayRef>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Labels {
    fn prepare(&mut self, values: &ArrayRef, text: fn(&str, &mut Vec<u8>)) {
        if self.source.as_ref().is_some_and(|known| Arc::ptr_eq(known, values)) {
            return;
        }
        self.bytes.clear();
        self.ends.clear();
        let texts: &StringArray = values.as_string();
        for value in texts.iter().map(Option::unwrap_or_default) {
            text(value, &mut self.bytes);
            self.ends.push(self.bytes.len());
        }
        self.source = Some(Arc::clone(values));
    }

    fn get(&self, key: i32) -> &[u8] {
        let key = usize::try_from(key).unwrap_or(usize::MAX);
        let start = key.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[key]]
    }
}

/// Every day of the bank's time as it is written: 640 KiB, made on first use, since working a date
/// out costs more than all other cells of a row.
static DATES: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| {
    let mut dates = Vec::with_capacity(usize::from(Day::MAX.number()) + 1);
    for number in 0..=Day::MAX.number() {
        let date = Day::from_number(number.into()).unwrap_or(Day::MAX).to_string();
        dates.extend(date.as_bytes().first_chunk::<10>());
    }
    dates
});

/// A day as it is written; files hold days of the bank's time only.
fn date(day: i64) -> &'static [u8] {
    let last = DATES.len() - 1;
    &DATES[usize::try_from(day).map_or(0, |day| day.min(last))]
}

struct Column<'a> {
    lead: &'a [u8],
    nulls: Option<&'a NullBuffer>,
    values: Values<'a>,
}

enum Values<'a> {
    Wide(&'a [i64]),
    Narrow(&'a [i32]),
    Text(&'a StringArray),
    Label(&'a [i32], &'a Labels),
    Amount(&'a [i128]),
    Timestamp(&'a [i64]),
    Date(&'a [i32]),
    Boolean(&'a BooleanArray),
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef, labels: &'a Labels, lead: &'a [u8]) -> Result<Self, ArrowError> {
        let values = match array.data_type() {
            DataType::Int64 => Values::Wide(array.as_primitive::<Int64Type>().values()),
            DataType::Int32 => Values::Narrow(array.as_primitive::<Int32Type>().values()),
            DataType::Utf8 => Values::Text(array.as_string()),
            DataType::Dictionary(_, _) => {
                Values::Label(array.as_dictionary::<Int32Type>().keys().values(), labels)
            }
            DataType::Decimal128(_, _) => {
                Values::Amount(array.as_primitive::<Decimal128Type>().values())
            }
            DataType::Timestamp(_, _) => {
                Values::Timestamp(array.as_primitive::<TimestampMillisecondType>().values())
            }
            DataType::Date32 => Values::Date(array.as_primitive::<Date32Type>().values()),
            DataType::Boolean => Values::Boolean(array.as_boolean()),
            other => {
                return Err(ArrowError::NotYetImplemented(format!("{other} as text")));
            }
        };
        Ok(Self { lead, nulls: array.nulls(), values })
    }

    #[inline]
    fn write(&self, row: usize, syntax: &Syntax, out: &mut Vec<u8>) {
        out.extend_from_slice(self.lead);
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            out.extend_from_slice(syntax.null);
            return;
        }
        match &self.values {
            Values::Wide(values) => integer(values[row], out),
            Values::Narrow(values) => integer(i64::from(values[row]), out),
            Values::Text(texts) => (syntax.text)(texts.value(row), out),
            Values::Label(keys, labels) => out.extend_from_slice(labels.get(keys[row])),
            Values::Amount(minor) => amount(minor[row], out),
            Values::Timestamp(milliseconds) => {
                out.extend_from_slice(syntax.time_quote);
                timestamp(milliseconds[row], out);
                out.extend_from_slice(syntax.time_quote);
            }
            Values::Date(days) => {
                out.extend_from_slice(syntax.time_quote);
                out.extend_from_slice(date(i64::from(days[row])));
                out.extend_from_slice(syntax.time_quote);
            }
            Values::Boolean(values) => {
                out.extend_from_slice(if values.value(row) { b"true" } else { b"false" });
            }
        }
    }
}

fn integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn two_digits(value: u64) -> [u8; 2] {
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}

/// Major units with two decimals, from the integer.
fn amount(minor: i128, out: &mut Vec<u8>) {
    if minor < 0 {
        out.push(b'-');
    }
    // The column's eighteen digits fit 64 bits.
    let minor = u64::try_from(minor.unsigned_abs()).unwrap_or(u64::MAX);
    out.extend_from_slice(itoa::Buffer::new().format(minor / 100).as_bytes());
    let [tens, ones] = two_digits(minor);
    out.extend_from_slice(&[b'.', tens, ones]);
}

/// RFC 3339 in UTC; the bank's time has whole seconds.
fn timestamp(milliseconds: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(date(milliseconds.div_euclid(MILLISECONDS_PER_DAY)));
    let second = milliseconds.rem_euclid(MILLISECONDS_PER_DAY).unsigned_abs() / 1000;
    let [h1, h0] = two_digits(second / 3600);
    let [m1, m0] = two_digits(second / 60 % 60);
    let [s1, s0] = two_digits(second % 60);
    out.extend_from_slice(&[b'T', h1, h0, b':', m1, m0, b':', s1, s0, b'Z']);
}
