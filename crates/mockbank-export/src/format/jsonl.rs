//! A JSON object on each line; missing values are `null`, amounts are numbers with two decimals.

use std::fs::File;

use arrow_schema::Schema;

use super::text::{Syntax, TextWriter};

pub(super) fn writer(file: File, schema: &Schema) -> TextWriter {
    let lead = |(at, name): (usize, &str)| {
        let mut lead = if at == 0 { b"{".to_vec() } else { b",".to_vec() };
        text(name, &mut lead);
        lead.push(b':');
        lead
    };
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let syntax = Syntax {
        leads: names.enumerate().map(lead).collect(),
        row_end: b"}\n",
        null: b"null",
        time_quote: b"\"",
        text,
    };
    TextWriter::new(file, syntax, Vec::new())
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => {
                let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
