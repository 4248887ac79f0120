//! Errors in presets, which say where and what would be right.

use std::fmt::Write;
use std::ops::Range;

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A preset that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {}{message}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct PresetError {
    /// Line in the file, from 1.
    pub line: usize,
    /// The key, `profiles[1].amount.min`; empty where the text is no TOML.
    pub key: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl PresetError {
    /// An error of the TOML reader: bad syntax, a wrong type, a missing or an unknown key.
    pub(super) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..0);
        let mut message = error
            .message()
            .lines()
            .collect::<Vec<_>>()
            .join(", ")
            .replace("expected u8", "expected a whole number from 0 to 255");
        if let Some(meant) = did_you_mean(error.message()) {
            let _ = write!(message, "; did you mean `{meant}`?");
        }
        let key = key_at(text, &span).unwrap_or_default();
        Self { line: line_of(text, span.start), key, message }
    }

    /// A value out of bounds.
    pub(super) fn at_key(text: &str, key: &str, message: String) -> Self {
        let line = span_of(text, key).map_or(1, |span| line_of(text, span.start));
        Self { line, key: key.to_owned(), message }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// Every key and element of a table, the outer ones first, with its path and its span.
fn entries(text: &str) -> Vec<(String, Range<usize>)> {
    fn table(found: &mut Vec<(String, Range<usize>)>, path: &str, entries: &DeTable<'_>) {
        for (key, value) in entries {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", key.get_ref());
            found.push((path.clone(), key.span().start..value.span().end.max(key.span().end)));
            descend(found, &path, value);
        }
    }

    fn descend(found: &mut Vec<(String, Range<usize>)>, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(entries) => table(found, path, entries),
            DeValue::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    found.push((path.clone(), element.span()));
                    descend(found, &path, element);
                }
            }
            _ => {}
        }
    }

    let mut found = Vec::new();
    if let Ok(document) = DeTable::parse(text) {
        table(&mut found, "", document.get_ref());
    }
    found
}

fn span_of(text: &str, key: &str) -> Option<Range<usize>> {
    entries(text).into_iter().find(|(path, _)| path == key).map(|(_, span)| span)
}

/// The innermost key whose span holds an error's, or else the first one in the error's span: the
/// header of a table that lacks a key.
fn key_at(text: &str, span: &Range<usize>) -> Option<String> {
    let entries = entries(text);
    let around = entries
        .iter()
        .filter(|(_, known)| known.start <= span.start && span.end <= known.end)
        .min_by_key(|(_, known)| known.len());
    let within = || entries.iter().find(|(_, known)| span.contains(&known.start));
    around.or_else(within).map(|(path, _)| path.clone())
}

/// The allowed name nearest to an unknown one, from a message such as "unknown field `a`, expected
/// one of `b`, `c`".
fn did_you_mean(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let (distance, nearest) = quoted.map(|name| (distance(unknown, name), name)).min()?;
    (distance <= 1 + unknown.len() / 3).then_some(nearest)
}

/// Levenshtein's distance: the fewest letters to put in, take out or exchange.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
