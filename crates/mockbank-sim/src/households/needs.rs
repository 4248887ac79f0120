//! What people need, as tables that all purchases are drawn from.

use super::random::{indexed, mean};
use crate::distribution::{AliasTable, Chance};
use crate::preset::HouseholdsPreset;
use crate::preset::households::Need;
use crate::preset::validate_households::MAX_NEEDS;

/// A need with its tables.
#[derive(Clone, Debug)]
pub(crate) struct NeedTables {
    pub(super) hours: AliasTable,
    pub(super) ranks: AliasTable,
    pub(super) online: Chance,
    pub(super) independent: Chance,
}

/// What all purchases are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Spending {
    pub(super) needs: Vec<NeedTables>,
    /// How many purchases of each need fall on a weekday of a month, against the average.
    pub(super) rhythm: Vec<[f64; MAX_NEEDS]>,
}

/// Places of a need that a customer may know.
const RANKS: u32 = 256;
/// Exponent of the lower tail of amounts: a coffee, an app, an hour in a car park.
pub(super) const SMALL_EXPONENT: f64 = 1.0;

/// The mean amount of a need in major units, at the preset's prices.
pub(crate) fn mean_amount(need: &Need) -> f64 {
    let small = need.small * (1.0 - SMALL_EXPONENT / (SMALL_EXPONENT + 1.0));
    mean(need.amount) * (1.0 + need.tail / (need.exponent - 1.0) - small)
}

impl Spending {
    pub(crate) fn new(preset: &HouseholdsPreset) -> Self {
        let needs = preset.needs.iter().map(|need| NeedTables {
            hours: table(&need.hours),
            ranks: {
                let rank = |rank: u32| libm::pow(f64::from(rank), -need.loyalty);
                table(&(1..=RANKS).map(rank).collect::<Vec<_>>())
            },
            online: Chance::new(need.online),
            independent: Chance::new(need.independent),
        });
        let mut rhythm = vec![[0.0; MAX_NEEDS]; 7 * 12];
        for (index, need) in preset.needs.iter().enumerate() {
            let (weekdays, months) = (indexed(&need.weekdays), indexed(&need.months));
            for (place, row) in rhythm.iter_mut().enumerate() {
                row[index] = weekdays[place % 7] * months[place / 7];
            }
        }
        Self { needs: needs.collect(), rhythm }
    }
}

fn table(weights: &[f64]) -> AliasTable {
    let scaled: Vec<u64> = weights.iter().map(|weight| super::random::weight(*weight)).collect();
    AliasTable::new(&scaled).expect("valid weights are not all 0")
}
