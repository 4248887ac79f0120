//! The tables of `data/`, built into the program.

/// A name and how often it is met, relative to the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightedName {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
}

/// A city, its population and its time zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) population: u64,
    /// Name in the tz database.
    pub(crate) zone: &'static str,
}

/// A merchant, with its popularity relative to the others of its category.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merchant {
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    pub(crate) mcc: u16,
    pub(crate) popularity: u64,
}

const FIRST_NAMES: &str = include_str!("../../../data/first_names.csv");
const LAST_NAMES: &str = include_str!("../../../data/last_names.csv");
const CITIES: &str = include_str!("../../../data/cities.csv");
const MERCHANTS: &str = include_str!("../../../data/merchants.csv");
const EMPLOYERS: &str = include_str!("../../../data/employers.csv");

/// Rows of a table with `N` columns. A line that has no such row is left out; a test holds that
/// there is none.
fn rows<const N: usize, T>(
    table: &'static str,
    row: impl Fn([&'static str; N]) -> Option<T>,
) -> Vec<T> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| row(line.split(',').collect::<Vec<_>>().try_into().ok()?))
        .collect()
}

fn weighted(table: &'static str) -> Vec<WeightedName> {
    rows(table, |[name, weight]| Some(WeightedName { name, weight: weight.parse().ok()? }))
}

pub(crate) fn first_names() -> Vec<WeightedName> {
    weighted(FIRST_NAMES)
}

pub(crate) fn last_names() -> Vec<WeightedName> {
    weighted(LAST_NAMES)
}

pub(crate) fn cities() -> Vec<City> {
    rows(CITIES, |[name, state, population, zone]| {
        Some(City { name, state, population: population.parse().ok()?, zone })
    })
}

pub(crate) fn merchants() -> Vec<Merchant> {
    rows(MERCHANTS, |[name, category, mcc, popularity]| {
        Some(Merchant {
            name,
            category,
            mcc: mcc.parse().ok()?,
            popularity: popularity.parse().ok()?,
        })
    })
}

pub(crate) fn employers() -> Vec<&'static str> {
    rows(EMPLOYERS, |[name]| Some(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_row_and_no_row_comes_twice() {
        let names = |names: &[WeightedName]| names.iter().map(|row| row.name).collect();
        let check = |table: &str, names: Vec<&str>| {
            assert_eq!(names.len(), table.lines().count() - 1);
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len());
        };
        check(FIRST_NAMES, names(&first_names()));
        check(LAST_NAMES, names(&last_names()));
        check(MERCHANTS, merchants().iter().map(|row| row.name).collect());
        check(EMPLOYERS, employers());
        let places: Vec<String> =
            cities().iter().map(|city| format!("{}, {}", city.name, city.state)).collect();
        check(CITIES, places.iter().map(String::as_str).collect());
    }
}
