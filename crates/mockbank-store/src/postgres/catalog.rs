//! The world's catalogue: written once, read once, kept in memory.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use mockbank_bank::{Catalog, Hub, HubRole, Posting};
use tokio_postgres::types::ToSql;

use super::read::all;
use super::row::{damaged, integer, short};
use crate::{Result, StoreError, Transaction};

pub(super) async fn write(client: &ClientWrapper, catalog: &Catalog) -> Result<()> {
    let dictionaries = [
        ("INSERT INTO category (number, name)", &catalog.categories),
        ("INSERT INTO place (number, name)", &catalog.places),
        ("INSERT INTO description (number, text)", &catalog.descriptions),
    ];
    for (insert, texts) in dictionaries {
        let sql = format!(
            "{insert} SELECT number - 1, text
             FROM unnest($1::text[]) WITH ORDINALITY AS entry (text, number)"
        );
        client.execute(&sql, &[texts]).await?;
    }
    let hubs = &catalog.hubs;
    let roles: Vec<i16> = hubs.iter().map(|hub| hub.role.code().into()).collect();
    let names: Vec<&str> = hubs.iter().map(|hub| hub.name.as_str()).collect();
    let mccs: Vec<i32> = hubs.iter().map(|hub| hub.mcc.into()).collect();
    let categories: Vec<i32> = hubs.iter().map(|hub| hub.category.into()).collect();
    let descriptions: Vec<i64> = hubs.iter().map(|hub| hub.description.into()).collect();
    let columns: [&(dyn ToSql + Sync); 5] = [&roles, &names, &mccs, &categories, &descriptions];
    let sql = "INSERT INTO hub (number, role, name, mcc, category, description)
               SELECT number - 1, role, name, mcc, category, description
               FROM unnest($1::smallint[], $2::text[], $3::integer[], $4::integer[], $5::bigint[])
                   WITH ORDINALITY AS entry (role, name, mcc, category, description, number)";
    client.execute(sql, &columns).await?;
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
    pub(super) async fn read(client: &ClientWrapper) -> Result<Self> {
        let categories = "SELECT number, name FROM category ORDER BY number";
        let places = "SELECT number, name FROM place ORDER BY number";
        let descriptions = "SELECT number, text FROM description
                            WHERE number < (SELECT descriptions FROM world) ORDER BY number";
        let catalog = Catalog {
            categories: texts(client, categories).await?,
            places: texts(client, places).await?,
            descriptions: texts(client, descriptions).await?,
            hubs: hubs(client).await?,
        };
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

    /// The descriptions with the given numbers, those that clients wrote with one query.
    pub(super) async fn descriptions(
        &self,
        client: &ClientWrapper,
        numbers: impl Iterator<Item = u32>,
    ) -> Result<Descriptions<'_>> {
        let mut own: Vec<i64> =
            numbers.filter(|n| *n as usize >= self.descriptions.len()).map(i64::from).collect();
        own.sort_unstable();
        own.dedup();
        let mut found = HashMap::new();
        if !own.is_empty() {
            let sql = "SELECT number, text FROM description WHERE number = ANY($1::bigint[])";
            let read = |row: &_| Ok((integer(row, 0)?, Arc::from(row.try_get::<_, &str>(1)?)));
            found.extend(all::<(u32, Arc<str>)>(client, sql, &[&own], read).await?);
        }
        Ok(Descriptions { texts: self, own: found })
    }

    /// Postings with their texts.
    pub(super) async fn transactions(
        &self,
        client: &ClientWrapper,
        postings: Vec<Posting>,
    ) -> Result<Vec<Transaction>> {
        let known = |texts: &[Arc<str>], what: &str, number: usize| {
            texts.get(number).cloned().ok_or_else(|| damaged(&format!("no {what} {number}")))
        };
        let numbers = postings.iter().map(|posting| posting.description);
        let descriptions = self.descriptions(client, numbers).await?;
        let transaction = |posting: Posting| {
            Ok(Transaction {
                category: known(&self.categories, "category", usize::from(posting.category))?,
                description: descriptions.get(posting.description)?,
                location: known(&self.places, "place", posting.place as usize)?,
                posting,
            })
        };
        postings.into_iter().map(transaction).collect()
    }
}

/// Some descriptions, those of the catalogue among them.
pub(super) struct Descriptions<'t> {
    texts: &'t Texts,
    own: HashMap<u32, Arc<str>>,
}

impl Descriptions<'_> {
    /// The text of one that was asked for.
    pub(super) fn get(&self, number: u32) -> Result<Arc<str>> {
        let text = self.texts.descriptions.get(number as usize).or_else(|| self.own.get(&number));
        text.cloned().ok_or_else(|| damaged(&format!("no description {number}")))
    }
}

/// The texts of a dictionary whose numbers count from 0.
pub(super) async fn texts(client: &ClientWrapper, sql: &str) -> Result<Vec<String>> {
    let read = |row: &_| Ok((integer::<usize>(row, 0)?, row.try_get(1)?));
    let entries: Vec<(usize, String)> = all(client, sql, &[], read).await?;
    let checked = (0..).zip(entries).map(|(place, (number, text))| {
        let gap = || damaged(&format!("a dictionary lacks number {place}"));
        if number == place { Ok(text) } else { Err(gap()) }
    });
    checked.collect()
}

async fn hubs(client: &ClientWrapper) -> Result<Vec<Hub>> {
    let sql = "SELECT number, role, name, mcc, category, description FROM hub ORDER BY number";
    let read = |row: &_| {
        let role = HubRole::from_code(short(row, 1)?);
        let hub = Hub {
            role: role.ok_or_else(|| StoreError::Damaged("a hub has no known role".to_owned()))?,
            name: row.try_get(2)?,
            mcc: short(row, 3)?,
            category: integer(row, 4)?,
            description: integer(row, 5)?,
        };
        Ok((integer::<usize>(row, 0)?, hub))
    };
    let entries: Vec<(usize, Hub)> = all(client, sql, &[], read).await?;
    let checked = (0..).zip(entries).map(|(place, (number, hub))| {
        let gap = || damaged(&format!("the list of hubs lacks number {place}"));
        if number == place { Ok(hub) } else { Err(gap()) }
    });
    checked.collect()
}
