//! A preset with something changed: the same world but for that.

use mockbank_sim::{Preset, PresetError};
use thiserror::Error;
use toml::{Table, Value};

/// Why a change to a preset is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// It cannot be read.
    #[error("the change is no TOML: {0}")]
    Syntax(String),
    /// The preset that it gives cannot be used.
    #[error("{}{}", if .0.key.is_empty() { String::new() } else { format!("{}: ", .0.key) }, .0.message)]
    Preset(PresetError),
}

/// The preset with a change, which is written in TOML like a part of a preset: its values take the
/// place of the preset's, tables are changed key by key, and lists of tables, as scenarios are,
/// grow.
///
/// # Errors
/// If the change is no TOML, or what it gives is no preset.
pub fn changed(preset: &Preset, change: &str) -> Result<Preset, ChangeError> {
    let read = |text: &str| {
        text.parse::<Table>().map_err(|error| ChangeError::Syntax(error.message().to_owned()))
    };
    let mut merged = read(preset.text())?;
    merge(&mut merged, read(change)?);
    let text = toml::to_string(&merged).map_err(|error| ChangeError::Syntax(error.to_string()))?;
    Preset::parse(&text).map_err(ChangeError::Preset)
}

fn merge(into: &mut Table, change: Table) {
    for (key, value) in change {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(table)), Value::Table(change)) => merge(table, change),
            (Some(Value::Array(list)), Value::Array(more)) if more.iter().all(Value::is_table) => {
                list.extend(more);
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn realistic() -> Preset {
        Preset::parse(Preset::builtin("realistic").unwrap()).unwrap()
    }

    #[test]
    fn values_are_replaced_and_scenarios_added() {
        let off = changed(&realistic(), "crime.enabled = false").unwrap();
        assert_ne!(off, realistic());
        assert_eq!(changed(&off, "crime.enabled = true").unwrap().name(), "realistic");
        let cut =
            "[[scenarios]]\nname = 'cut'\nfrom = '2025-02-01'\nchange = 'wages'\nfactor = 0.9";
        let once = changed(&off, cut).unwrap();
        let twice = changed(&once, &cut.replace("'cut'", "'again'")).unwrap();
        assert_eq!(twice.text().matches("[[scenarios]]").count(), 2);
    }

    #[test]
    fn mistakes_name_the_key() {
        let wrong = |change: &str| changed(&realistic(), change).unwrap_err().to_string();
        assert!(wrong("crime = ").starts_with("the change is no TOML"));
        let unknown = wrong("crime.enabeld = true");
        assert!(unknown.contains("crime") && unknown.contains("enabled"), "{unknown}");
    }
}
