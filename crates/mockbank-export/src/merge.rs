//! Shards that were written into folders of their own, as one export.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{ExportError, Result};
use crate::export::{read_manifest, write_json};
use crate::manifest::{Manifest, PartRecord};

/// Numbers of missing parts that are named.
const NAMED: usize = 10;

/// Makes one manifest out of those of an export's shards, each in a folder, and writes it to a file.
/// Paths in it are as in the folders: it is right where all their files are put together.
///
/// # Errors
/// If a folder holds no export or another one than the first, a part is in two folders or in none,
/// or a file is not as its manifest says.
pub fn merge(folders: &[PathBuf], out: &Path) -> Result<Manifest> {
    let mut parts: BTreeMap<u32, (&Path, PartRecord)> = BTreeMap::new();
    let mut first: Option<(&Path, Manifest)> = None;
    for folder in folders {
        let manifest =
            read_manifest(folder)?.ok_or_else(|| ExportError::NoExport(folder.clone()))?;
        let (first_folder, first) = first.get_or_insert_with(|| (folder, manifest.clone()));
        if first.export != manifest.export {
            return Err(ExportError::OtherShard {
                folders: [first_folder.to_owned(), folder.clone()],
                difference: difference(first, &manifest)?,
            });
        }
        for part in &manifest.parts {
            check_files(folder, part)?;
            if let Some((other, _)) = parts.insert(part.part, (folder, part.clone())) {
                return Err(ExportError::DoubledPart {
                    part: part.part,
                    folders: [other.to_owned(), folder.clone()],
                });
            }
        }
    }
    let (_, Manifest { export, .. }) = first.ok_or(ExportError::NothingToMerge)?;
    let missing: Vec<u32> =
        (0..export.plan.parts()).filter(|part| !parts.contains_key(part)).collect();
    if !missing.is_empty() {
        return Err(ExportError::MissingParts(name(&missing)));
    }
    let merged = Manifest::new(export, parts.into_values().map(|(_, part)| part).collect());
    write_json(out, &merged)?;
    Ok(merged)
}

fn check_files(folder: &Path, part: &PartRecord) -> Result<()> {
    for file in &part.files {
        let path = folder.join(&file.path);
        let found = fs::metadata(&path).map_err(ExportError::at(&path))?.len();
        if found != file.bytes {
            return Err(ExportError::OtherSize { path, found, expected: file.bytes });
        }
    }
    Ok(())
}

/// The first setting that two exports differ in, with both values.
fn difference(one: &Manifest, other: &Manifest) -> Result<String> {
    let value = |manifest: &Manifest| {
        serde_json::to_value(&manifest.export).map_err(ExportError::Description)
    };
    Ok(first_difference("", &value(one)?, &value(other)?).unwrap_or_default())
}

fn first_difference(name: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.keys().chain(other.keys()).find_map(|key| {
                let of = |object: &serde_json::Map<_, _>| object.get(key).cloned();
                let [one, other] = [one, other].map(|object| of(object).unwrap_or(Value::Null));
                first_difference(key, &one, &other)
            })
        }
        _ => (one != other).then(|| format!("{name} is {one} there and {other} here")),
    }
}

/// The first of some numbers, and how many more there are.
fn name(numbers: &[u32]) -> String {
    let named: Vec<String> = numbers.iter().take(NAMED).map(ToString::to_string).collect();
    let mut text = named.join(", ");
    if let more @ 1.. = numbers.len().saturating_sub(NAMED) {
        // Writing to a string cannot fail.
        let _ = write!(text, " and {more} more");
    }
    text
}
