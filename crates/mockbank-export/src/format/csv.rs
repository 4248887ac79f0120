//! Comma-separated values with a header line, as RFC 4180 has them but with bare line feeds.
//!
//! A missing value is an empty field, an empty text is `""`.

use std::fs::File;

use arrow_schema::Schema;

use super::text::{Syntax, TextWriter};

pub(super) fn writer(file: File, schema: &Schema) -> TextWriter {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let leads = names.iter().enumerate().map(|(at, _)| if at == 0 { "" } else { "," });
    let syntax = Syntax {
        leads: leads.map(|lead| lead.as_bytes().to_vec()).collect(),
        row_end: b"\n",
        null: b"",
        time_quote: b"",
        text,
    };
    let mut header = names.join(",").into_bytes();
    header.push(b'\n');
    TextWriter::new(file, syntax, header)
}

fn text(text: &str, out: &mut Vec<u8>) {
    let special = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !text.is_empty() && !text.bytes().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}
