//! The manifest of an export: what was written, from which world, and what it adds up to.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use mockbank_bank::{ContentHash, PostingBatch};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Result;
use crate::format::Format;
use crate::plan::Plan;
use crate::schema::Table;
use crate::settlement::SettlementBatch;

/// Version of the files' layout; it rises when a reader of an older one would go wrong.
pub const FORMAT_VERSION: u32 = 1;

/// The world that was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldDescription {
    /// Name of the preset.
    pub preset: String,
    /// Fingerprint of the preset's text, since presets of one's own may share a name.
    pub preset_fingerprint: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// Version of the simulation's model.
    pub model_version: u32,
    /// First day, `2025-01-01`.
    pub start: String,
    /// The bank's time at the end of what is exported, `2025-04-01T00:00:00Z`.
    pub clock: String,
    /// Code of ISO 4217 of all amounts.
    pub currency: String,
}

/// What an export is of and how it is cut: the same for all of its parts and shards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportDescription {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// Version of the program that wrote it.
    pub program_version: String,
    /// Format of the table files.
    pub file_format: Format,
    /// The world.
    pub world: WorldDescription,
    /// How it is cut into parts.
    pub plan: Plan,
    /// Whether crime is labelled, in tables of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub labelled: bool,
}

impl ExportDescription {
    /// An export by this version of the program.
    pub fn new(world: WorldDescription, plan: Plan, file_format: Format) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            file_format,
            world,
            plan,
            labelled: false,
        }
    }

    /// The same export with the tables that label crime.
    #[must_use]
    pub fn labelled(self) -> Self {
        Self { labelled: true, ..self }
    }

    /// The tables of the export.
    pub fn tables(&self) -> impl Iterator<Item = Table> + use<> {
        let labelled = self.labelled;
        Table::ALL.into_iter().filter(move |table| labelled || !table.is_of_crime())
    }
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The table it belongs to.
    pub table: Table,
    /// Where it is, seen from the export's folder.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a part, or a whole export, adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Debits in minor units, as a positive number.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub debit_minor: i128,
    /// Credits in minor units.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub credit_minor: i128,
    /// What settlements add up to, credits less debits, in minor units. In a whole world it is what
    /// the customers' debits exceed their credits by.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub settled_minor: i128,
    /// Hash of customers, accounts, cards and postings, which depends on neither their order nor
    /// the parts: that of a stored world with the same content.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub content_hash: ContentHash,
}

/// As a text, since readers of JSON round numbers above 2^53.
fn as_text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn from_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

impl Totals {
    /// Adds a batch of postings.
    pub fn add(&mut self, postings: &PostingBatch) {
        for amount in &postings.amount {
            // Without a branch, as nobody can predict signs.
            self.debit_minor -= i128::from(*amount.min(&0));
            self.credit_minor += i128::from(*amount.max(&0));
        }
        self.content_hash.add(postings);
    }

    /// Adds settlements.
    pub fn settle(&mut self, settlements: &SettlementBatch) {
        let sum = |minor: &[i64]| minor.iter().copied().map(i128::from).sum::<i128>();
        self.settled_minor += sum(&settlements.credit) - sum(&settlements.debit);
    }

    /// Adds another part's.
    pub fn merge(&mut self, other: &Self) {
        self.debit_minor += other.debit_minor;
        self.credit_minor += other.credit_minor;
        self.settled_minor += other.settled_minor;
        self.content_hash.merge(other.content_hash);
    }
}

/// A part that is whole: all its files stand under their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// Number of the part, from 0.
    pub part: u32,
    /// Number of its first customer.
    pub first_user: i64,
    /// Number of its last customer.
    pub last_user: i64,
    /// Its files, one for each table; only part 0 has counterparties.
    pub files: Vec<FileRecord>,
    /// What its rows add up to.
    pub totals: Totals,
}

/// An export, or the finished parts of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it is of and how it is cut.
    #[serde(flatten)]
    pub export: ExportDescription,
    /// Whether every part is finished.
    pub complete: bool,
    /// Rows of each table in the finished parts.
    pub rows: BTreeMap<Table, u64>,
    /// What the finished parts add up to.
    pub totals: Totals,
    /// The finished parts, by number.
    pub parts: Vec<PartRecord>,
}

impl Manifest {
    /// The manifest of an export with these finished parts, in any order.
    pub fn new(export: ExportDescription, mut parts: Vec<PartRecord>) -> Self {
        parts.sort_unstable_by_key(|part| part.part);
        let mut rows: BTreeMap<Table, u64> = export.tables().map(|table| (table, 0)).collect();
        let mut totals = Totals::default();
        for part in &parts {
            totals.merge(&part.totals);
            for file in &part.files {
                *rows.entry(file.table).or_default() += file.rows;
            }
        }
        let complete = parts.len() == export.plan.parts() as usize;
        Self { export, complete, rows, totals, parts }
    }

    /// Whether a part is finished.
    pub fn is_finished(&self, part: u32) -> bool {
        self.parts.binary_search_by_key(&part, |record| record.part).is_ok()
    }
}
