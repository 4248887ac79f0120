//! The published figures that worlds are held against.

use serde::Deserialize;
use thiserror::Error;

use crate::metric::Metric;

/// The published figures as they are kept.
const TEXT: &str = include_str!("../../../data/reference.toml");

/// The published figures are not readable.
#[derive(Debug, Error)]
#[error("the published figures: {0}")]
pub struct ReferenceError(#[from] toml::de::Error);

/// Published figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Single figures, in the order in which they are shown.
    pub metrics: Vec<Published>,
    /// Distributions.
    pub shapes: Shapes,
}

/// A published figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Which of a world's figures it is about.
    pub key: Metric,
    /// What it belongs to.
    pub group: String,
    /// What it tells.
    pub name: String,
    /// What it counts in.
    pub unit: Unit,
    /// The figure.
    pub published: f64,
    /// How far from it a world's may be.
    pub tolerance: f64,
    /// Days that a world must have lived for the figure to be comparable.
    #[serde(default = "one_day")]
    pub days: u16,
    /// Whether it was read at its source.
    #[serde(default = "yes")]
    pub confirmed: bool,
    /// Who published it.
    pub source: String,
}

const fn one_day() -> u16 {
    1
}

const fn yes() -> bool {
    true
}

/// What a figure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A plain number.
    Number,
    /// A share, 0 to 1.
    Share,
    /// Major units of money.
    Money,
}

/// Published distributions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// Shares of purchases by hour.
    pub hours: [f64; 24],
    /// Shares of purchases by weekday, from Monday.
    pub weekdays: [f64; 7],
    /// Shares of incomes by weekday.
    pub income_weekdays: [f64; 7],
    /// Purchases by month over the year's mean.
    pub months: [f64; 12],
    /// Percentiles of purchases: percent and amount.
    pub amounts: Vec<(f64, f64)>,
    /// Median monthly income.
    pub income_median: f64,
    /// Median of customers' deposits.
    pub balance_median: f64,
}

impl Reference {
    /// The published figures that come with the program.
    ///
    /// # Errors
    /// Where the file is not readable, which a test rules out.
    pub fn builtin() -> Result<Self, ReferenceError> {
        Ok(toml::from_str(TEXT)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_source_and_shares_add_up() {
        let reference = Reference::builtin().unwrap();
        assert!(reference.metrics.iter().all(|metric| !metric.source.is_empty()));
        assert!(reference.metrics.iter().all(|metric| metric.tolerance > 0.0));
        let Shapes { hours, weekdays, income_weekdays, .. } = reference.shapes;
        for sum in [hours.iter().sum::<f64>(), weekdays.iter().sum(), income_weekdays.iter().sum()]
        {
            assert!((sum - 1.0).abs() < 0.005, "{sum}");
        }
    }
}
