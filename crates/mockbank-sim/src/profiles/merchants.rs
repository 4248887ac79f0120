//! The world's counterparties and its catalogue.

use mockbank_bank::{Catalog, Hub, HubId, HubRole};

use crate::distribution::AliasTable;
use crate::preset::ProfilesPreset;
use crate::tables;

/// What a purchase at a merchant says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merchant {
    pub(crate) hub: HubId,
    pub(crate) description: u32,
    pub(crate) category: u16,
}

/// Whom customers buy from and work for.
#[derive(Clone, Debug)]
pub(crate) struct Counterparties {
    /// Employers are the first hubs.
    pub(crate) employers: u32,
    /// Description of the first employer's wages; the others' follow.
    pub(crate) first_wages: u32,
    /// By the weight of the category and the popularity within it.
    merchants: AliasTable<Merchant>,
}

/// Units of weight in one of a preset's.
const WEIGHT_UNITS: f64 = 1e6;

impl Counterparties {
    /// The counterparties of a preset, entered in the catalogue.
    pub(crate) fn enter(preset: &ProfilesPreset, catalog: &mut Catalog) -> Self {
        let first_wages = number(catalog.descriptions.len());
        for name in tables::employers() {
            let description = describe(catalog, format!("Payroll from {name}"));
            catalog.hubs.push(Hub {
                role: HubRole::Employer,
                name: name.to_owned(),
                mcc: 0,
                category: mockbank_bank::catalog::category::INCOME,
                description,
            });
        }
        let employers = number(catalog.hubs.len());
        let (mut merchants, mut weights) = (Vec::new(), Vec::new());
        for category in &preset.categories {
            let code = u16::try_from(catalog.categories.len()).unwrap_or(u16::MAX);
            catalog.categories.push(category.name.clone());
            let rows: Vec<_> = tables::merchants()
                .into_iter()
                .filter(|merchant| merchant.category == category.name)
                .collect();
            let popularity: u64 = rows.iter().map(|merchant| merchant.popularity).sum();
            for row in rows {
                let description = describe(catalog, format!("Purchase at {}", row.name));
                merchants.push(Merchant {
                    hub: HubId(number(catalog.hubs.len())),
                    description,
                    category: code,
                });
                weights.push(share(category.weight, row.popularity, popularity));
                catalog.hubs.push(Hub {
                    role: HubRole::Merchant,
                    name: row.name.to_owned(),
                    mcc: row.mcc,
                    category: code,
                    description,
                });
            }
        }
        let choice = AliasTable::new(&weights).expect("a valid preset has a category with weight");
        Self { employers, first_wages, merchants: choice.among(&merchants) }
    }

    /// The merchant of a random word.
    #[inline]
    pub(crate) fn merchant(&self, word: u32) -> Merchant {
        self.merchants.choose(word)
    }
}

/// A merchant's part of its category's weight, in units that keep seven digits of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a valid weight is 0 to 1e6"
)]
fn share(weight: f64, popularity: u64, of: u64) -> u64 {
    (weight * WEIGHT_UNITS + 0.5) as u64 * popularity * 1_000 / of.max(1)
}

fn describe(catalog: &mut Catalog, text: String) -> u32 {
    catalog.descriptions.push(text);
    number(catalog.descriptions.len() - 1)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("the tables are small")
}
