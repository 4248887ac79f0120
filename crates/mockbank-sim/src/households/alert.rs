//! What the bank notices of crime, and when: apart from the truth, as a bank would know it.

use std::collections::BTreeSet;

use mockbank_bank::{Day, PostingBatch};

use super::random::{lognormal, uniform};
use super::world::HouseholdWorld;
use crate::label::{AlertBatch, LabelBatch, Phase};
use crate::randomness::stream;

/// Days in which alerts are decided, at most.
const LONGEST: f64 = 180.0;
/// Share of true alerts that are dismissed by mistake.
const DISMISSED: f64 = 0.08;

impl HouseholdWorld {
    pub(crate) fn has_crime(&self) -> bool {
        self.preset.crime.enabled
    }

    /// The alerts on postings, whose labels tell the truth. Each posting's is drawn for itself.
    pub(crate) fn alerts(&self, postings: &PostingBatch, labels: &LabelBatch) -> AlertBatch {
        let keys = labels.account.iter().zip(&labels.day).zip(&labels.reference);
        let is_crime = |phase: &u8| Phase::from_code(*phase).is_some_and(Phase::is_crime);
        let crimes: BTreeSet<(i64, u16, i64)> = keys
            .zip(&labels.phase)
            .filter(|(_, phase)| is_crime(phase))
            .map(|(((account, day), reference), _)| (*account, *day, *reference))
            .collect();
        let crime = &self.preset.crime;
        let mut alerts = AlertBatch::default();
        for posting in postings.iter() {
            let (account, day) = (posting.account.number(), posting.at.day());
            let reference = posting.reference;
            let index = u32::from(reference.stream().code()) << 24 ^ reference.index();
            let draw = self.key.draw(account.unsigned_abs(), stream::ALERTS, day, index);
            let is_crime = crimes.contains(&(account, day.number(), reference.code()));
            let chance = if is_crime { crime.alerted } else { crime.false_alarms };
            if uniform(draw.lane(0)) >= chance {
                continue;
            }
            let days = lognormal(crime.alert_days, draw.lane(1)).min(LONGEST);
            let alerted = later(day, days / 3.0);
            alerts.account.push(account);
            alerts.day.push(day.number());
            alerts.reference.push(reference.code());
            alerts.alerted.push(alerted.number());
            alerts.decided.push(later(alerted, days).number());
            alerts.confirmed.push(is_crime && uniform(draw.lane(2)) >= DISMISSED);
        }
        alerts
    }
}

#[expect(clippy::cast_possible_truncation, reason = "some months at most")]
fn later(day: Day, days: f64) -> Day {
    day.plus(days as i64).unwrap_or(Day::MAX)
}
