//! JSON that is written straight into bytes: for what stands in an answer many times over, where
//! serde's way of one call for each key costs more than all else.

use std::fmt::{self, Display, Write};

use mockbank_bank::Money;
use serde::Serialize;

/// Puts `"name":` at the end, behind a comma unless the object has just begun.
pub(crate) fn key(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(if out.ends_with(b"{") { b"\"" } else { b",\"" });
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Puts what has a text form at the end as that text, which must need no escapes.
pub(crate) fn plain(out: &mut Vec<u8>, value: &impl Display) {
    out.push(b'"');
    // Nothing can fail where bytes are put at the end of others.
    let _ = write!(Text(out), "{value}");
    out.push(b'"');
}

/// Takes text at its end.
struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Puts a text at the end.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        value(out, text);
    }
}

/// Puts an amount at the end: major units with two decimals.
pub(crate) fn amount(out: &mut Vec<u8>, amount: Money) {
    if amount.is_negative() {
        out.push(b'-');
    }
    let minor = amount.minor().unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(minor / 100).as_bytes());
    let cents = b'0' + (minor % 100 / 10) as u8;
    out.extend_from_slice(&[b'.', cents, b'0' + (minor % 10) as u8]);
}

/// Puts anything else at the end, by serde.
pub(crate) fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // What the API shows has keys of text and no sources of errors of its own.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_where_they_must_be() {
        for plain in ["", "Rent", "Zoë's café", "a\"b", "c\\d", "line\nbreak", "\u{1}"] {
            let mut out = Vec::new();
            text(&mut out, plain);
            assert_eq!(out, serde_json::to_vec(plain).unwrap(), "{plain:?}");
        }
    }

    #[test]
    fn keys_have_commas_between_them() {
        let mut out = b"{".to_vec();
        key(&mut out, "a");
        amount(&mut out, Money::from_minor(-5));
        key(&mut out, "b");
        value(&mut out, &[true]);
        out.push(b'}');
        assert_eq!(out, b"{\"a\":-0.05,\"b\":[true]}");
    }
}
