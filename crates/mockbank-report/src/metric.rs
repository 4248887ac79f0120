//! Which of a world's figures have a published one.

use mockbank_sim::measure::Figures;
use serde::{Deserialize, Serialize};

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
