//! The world's catalogue: written once, read once, kept in memory.

use std::sync::Arc;

use mockbank_bank::{Catalog, Hub, HubRole, Posting};
use rusqlite::{Connection, OptionalExtension};

use super::row::{damaged, narrow};
use crate::{Result, StoreError, Transaction};

pub(super) fn write(connection: &Connection, catalog: &Catalog) -> Result<()> {
    let mut category = connection.prepare("INSERT INTO category (number, name) VALUES (?, ?)")?;
    for (number, name) in (0_i64..).zip(&catalog.categories) {
        category.execute((number, name))?;
    }
    let mut place = connection.prepare("INSERT INTO place (number, name) VALUES (?, ?)")?;
    for (number, name) in (0_i64..).zip(&catalog.places) {
        place.execute((number, name))?;
    }
    let mut description =
        connection.prepare("INSERT INTO description (number, text) VALUES (?, ?)")?;
    for (number, text) in (0_i64..).zip(&catalog.descriptions) {
        description.execute((number, text))?;
    }
    let mut hub = connection.prepare(
        "INSERT INTO hub (number, role, name, mcc, category, description)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    for (number, entry) in (0_i64..).zip(&catalog.hubs) {
        let Hub { role, name, mcc, category, description } = entry;
        hub.execute((number, role.code(), name, mcc, category, description))?;
    }
    Ok(())
}

/// The texts behind the numbers of postings.
///
/// Those of the world's catalogue are in memory. Descriptions that clients wrote themselves are
/// without bound, and read by their number.
#[derive(Debug)]
pub(super) struct Texts {
    catalog: Arc<Catalog>,
    categories: Vec<Arc<str>>,
    places: Vec<Arc<str>>,
    descriptions: Vec<Arc<str>>,
}

impl Texts {
    pub(super) fn read(connection: &Connection) -> Result<Self> {
        let categories = texts(connection, "SELECT number, name FROM category ORDER BY number")?;
        let places = texts(connection, "SELECT number, name FROM place ORDER BY number")?;
        let descriptions = texts(
            connection,
            "SELECT number, text FROM description
             WHERE number < (SELECT descriptions FROM world) ORDER BY number",
        )?;
        let catalog = Catalog { categories, places, descriptions, hubs: hubs(connection)? };
        let shared = |texts: &[String]| texts.iter().map(|text| Arc::from(&**text)).collect();
        Ok(Self {
            categories: shared(&catalog.categories),
            places: shared(&catalog.places),
            descriptions: shared(&catalog.descriptions),
            catalog: Arc::new(catalog),
        })
    }

    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// The number of the category with a name.
    pub(super) fn category(&self, name: &str) -> Option<u16> {
        let index = self.categories.iter().position(|known| **known == *name)?;
        u16::try_from(index).ok()
    }

    pub(super) fn description(&self, connection: &Connection, number: u32) -> Result<Arc<str>> {
        if let Some(text) = self.descriptions.get(number as usize) {
            return Ok(Arc::clone(text));
        }
        let text: Option<String> = connection
            .prepare_cached("SELECT text FROM description WHERE number = ?")?
            .query_row([number], |row| row.get(0))
            .optional()?;
        text.map(Arc::from).ok_or_else(|| damaged(&format!("no description {number}")))
    }

    /// A posting with its texts.
    pub(super) fn transaction(
        &self,
        connection: &Connection,
        posting: Posting,
    ) -> Result<Transaction> {
        let known = |texts: &[Arc<str>], what: &str, number: usize| {
            texts.get(number).cloned().ok_or_else(|| damaged(&format!("no {what} {number}")))
        };
        Ok(Transaction {
            category: known(&self.categories, "category", usize::from(posting.category))?,
            description: self.description(connection, posting.description)?,
            location: known(&self.places, "place", posting.place as usize)?,
            posting,
        })
    }
}

/// The texts of a dictionary whose numbers count from 0.
fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        if narrow::<usize>(row, 0)? != texts.len() {
            return Err(damaged(&format!("a dictionary lacks number {}", texts.len())));
        }
        texts.push(row.get(1)?);
    }
    Ok(texts)
}

fn hubs(connection: &Connection) -> Result<Vec<Hub>> {
    let mut statement = connection.prepare(
        "SELECT number, role, name, mcc, category, description FROM hub ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    let mut hubs = Vec::new();
    while let Some(row) = rows.next()? {
        if narrow::<usize>(row, 0)? != hubs.len() {
            return Err(damaged(&format!("the list of hubs lacks number {}", hubs.len())));
        }
        let role = HubRole::from_code(narrow(row, 1)?);
        hubs.push(Hub {
            role: role.ok_or_else(|| StoreError::Damaged("a hub has no known role".to_owned()))?,
            name: row.get(2)?,
            mcc: narrow(row, 3)?,
            category: narrow(row, 4)?,
            description: narrow(row, 5)?,
        });
    }
    Ok(hubs)
}
