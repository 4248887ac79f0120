//! A world's figures beside the published ones.

use serde::Serialize;

use crate::facts::Report;
use crate::metric::Metric;
use crate::reference::{Published, Reference};

/// How a figure stands to the published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not farther from it than the tolerance.
    Within,
    /// Farther.
    Outside,
    /// The world is too short or holds nothing to measure.
    NotMeasurable,
}

/// A figure beside the published one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Which figure.
    pub metric: Metric,
    /// What it tells.
    pub name: String,
    /// The world's.
    pub measured: Option<f64>,
    /// The published one.
    pub published: f64,
    /// How far apart they may be.
    pub tolerance: f64,
    /// How they stand.
    pub verdict: Verdict,
    /// Who published it.
    pub source: String,
    /// Whether that was read at its source.
    pub confirmed: bool,
}

/// Holds every published figure against the world's.
pub fn findings(report: &Report, reference: &Reference) -> Vec<Finding> {
    reference.metrics.iter().map(|published| finding(report, published)).collect()
}

fn finding(report: &Report, published: &Published) -> Finding {
    let measured = Some(published.key.of(&report.figures))
        .filter(|value| value.is_finite() && report.world.days >= published.days);
    let verdict = match measured {
        None => Verdict::NotMeasurable,
        Some(value) if (value - published.published).abs() <= published.tolerance => {
            Verdict::Within
        }
        Some(_) => Verdict::Outside,
    };
    Finding {
        metric: published.key,
        name: published.name.clone(),
        measured,
        published: published.published,
        tolerance: published.tolerance,
        verdict,
        source: published.source.clone(),
        confirmed: published.confirmed,
    }
}
