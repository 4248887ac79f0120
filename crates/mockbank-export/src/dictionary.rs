//! The data dictionary: name, type, unit and meaning of every column, for readers and programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::schema::{Column, Table};

/// The data dictionary as Markdown, a table for each table.
pub fn markdown() -> String {
    let mut text = String::from("# Data dictionary\n");
    for table in Table::ALL {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n| column | type | in CSV and JSON | unit | null | meaning |\n\
             |---|---|---|---|---|---|\n",
            table.name(),
            table.meaning(),
        );
        for Column { name, kind, nullable, unit, meaning } in table.columns() {
            let (stored, written) = (kind.stored(), kind.written());
            let null = if *nullable { "yes" } else { "" };
            let _ =
                writeln!(text, "| {name} | {stored} | {written} | {unit} | {null} | {meaning} |");
        }
    }
    text
}

#[derive(Serialize)]
struct TableEntry {
    name: &'static str,
    meaning: &'static str,
    columns: &'static [Column],
}

/// The data dictionary for programs: an array of tables, each with its columns.
pub fn json() -> serde_json::Result<String> {
    let tables = Table::ALL.map(|table| TableEntry {
        name: table.name(),
        meaning: table.meaning(),
        columns: table.columns(),
    });
    serde_json::to_string_pretty(&tables)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_dictionary_is_as_readers_know_it() {
        insta::assert_snapshot!("dictionary", super::markdown());
        insta::assert_snapshot!("dictionary_json", super::json().unwrap());
    }
}
