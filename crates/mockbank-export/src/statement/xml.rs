//! Elements for the statement writers.

use std::fmt::Write as _;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Writes elements, indented.
pub(super) struct Xml<W: Write>(Writer<W>);

impl<W: Write> Xml<W> {
    pub(super) fn new(out: W) -> Self {
        Self(Writer::new_with_indent(out, b' ', 2))
    }

    pub(super) fn declaration(&mut self) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    pub(super) fn instruction(&mut self, content: &str) -> io::Result<()> {
        self.0.write_event(Event::PI(quick_xml::events::BytesPI::new(content)))
    }

    /// An element with elements in it.
    pub(super) fn group(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.group_with(name, &[], content)
    }

    /// An element with attributes, and elements in it.
    pub(super) fn group_with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.0.write_event(Event::Start(start))?;
        content(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element with a text in it.
    pub(super) fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.leaf_with(name, &[], text)
    }

    /// An element with attributes, and a text in it.
    pub(super) fn leaf_with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        text: &str,
    ) -> io::Result<()> {
        let text = escaped(text);
        self.0
            .create_element(name)
            .with_attributes(attributes.iter().copied())
            .write_text_content(BytesText::from_escaped(text))?;
        Ok(())
    }
}

/// The text in ASCII: other characters as references, since some readers of OFX know only ASCII,
/// and control characters and the two that are none, which no XML document may hold, as spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in quick_xml::escape::partial_escape(text).chars() {
        match char {
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            _ if char.is_control() => escaped.push(' '),
            _ if char.is_ascii() => escaped.push(char),
            // Writing to a string cannot fail.
            _ => drop(write!(escaped, "&#{};", u32::from(char))),
        }
    }
    escaped
}

/// At most `length` characters of a text.
pub(super) fn shortened(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_document_may_hold_is_left_out() {
        assert_eq!(escaped("Zoë & <b>\u{1f600}"), "Zo&#235; &amp; &lt;b&gt;&#128512;");
        assert_eq!(escaped("a\u{fffe}b\u{ffff}c\u{1}d"), "a b c d");
    }
}
