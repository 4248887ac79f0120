//! A world's figures beside the published ones.

use mockbank_sim::measure::Figures;
use serde::{Deserialize, Serialize};

use crate::Report;
use crate::reference::{Published, Reference};

/// The figures that have a published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named and explained in the published figures")]
pub enum Metric {
    PaymentsMonthly,
    ValueMonthly,
    BillCountShare,
    BillValueShare,
    CreditShare,
    Fano,
    NightShare,
    NoonShare,
    SaturdayShare,
    SundayShare,
    Followed,
    Burstiness,
    PayDayEffect,
    AmountsMedian,
    AmountsLnSd,
    AmountsLnSkew,
    AmountsLnKurtosis,
    AmountsP99OverP50,
    AmountsHill,
    AmountIcc,
    WholeShare,
    NinetyNineShare,
    IncomeCv,
    FridayIncomeShare,
    WeekendIncomeShare,
    BalanceMedian,
    FeeShare,
    Revolvers,
    RevolverDebt,
    MerchantZipf,
}

impl Metric {
    /// The figure of a world; not a number where there is nothing to measure.
    pub fn of(self, figures: &Figures) -> f64 {
        let cards = figures.credit_monthly + figures.debit_monthly;
        match self {
            Self::PaymentsMonthly => figures.payments_monthly,
            Self::ValueMonthly => figures.value_monthly,
            Self::BillCountShare => figures.bill_count_share,
            Self::BillValueShare => figures.bill_value_share,
            Self::CreditShare => figures.credit_monthly / cards,
            Self::Fano => figures.fano,
            Self::NightShare => figures.night_share,
            Self::NoonShare => figures.hours[12],
            Self::SaturdayShare => figures.weekdays[5],
            Self::SundayShare => figures.weekdays[6],
            Self::Followed => figures.followed,
            Self::Burstiness => figures.burstiness,
            Self::PayDayEffect => figures.pay_day_effect,
            Self::AmountsMedian => figures.amounts.median,
            Self::AmountsLnSd => figures.amounts.ln_sd,
            Self::AmountsLnSkew => figures.amounts.ln_skew,
            Self::AmountsLnKurtosis => figures.amounts.ln_kurtosis,
            Self::AmountsP99OverP50 => figures.amounts.p99_over_p50,
            Self::AmountsHill => figures.amounts.hill,
            Self::AmountIcc => figures.amount_icc,
            Self::WholeShare => figures.endings[0],
            Self::NinetyNineShare => figures.endings[1],
            Self::IncomeCv => figures.income_cv,
            Self::FridayIncomeShare => figures.income_weekdays[4],
            Self::WeekendIncomeShare => figures.income_weekdays[5] + figures.income_weekdays[6],
            Self::BalanceMedian => figures.balance_median,
            Self::FeeShare => figures.fee_share,
            Self::Revolvers => figures.revolvers,
            Self::RevolverDebt => figures.revolver_debt,
            Self::MerchantZipf => figures.merchant_zipf,
        }
    }
}

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
