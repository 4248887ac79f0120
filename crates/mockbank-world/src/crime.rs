//! What is known of crime in postings: the truth, and what the bank notices.

use std::collections::BTreeMap;

use mockbank_bank::PostingBatch;
use mockbank_sim::{AlertBatch, LabelBatch, World};

/// Labels and alerts, each with its posting's place in the book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crime {
    /// The truth.
    pub labels: LabelBatch,
    /// Sequence number of each label's posting.
    pub label_sequences: Vec<i64>,
    /// What the bank notices, and when.
    pub alerts: AlertBatch,
    /// Sequence number of each alert's posting.
    pub alert_sequences: Vec<i64>,
}

impl Crime {
    /// What is known of postings, whose labels are `labels`.
    pub(crate) fn of(world: &World, postings: &PostingBatch, labels: &LabelBatch) -> Self {
        let alerts = world.alerts(postings, labels);
        let mut places = BTreeMap::new();
        let labelled = labels.account.iter().zip(&labels.day).zip(&labels.reference);
        let noticed = alerts.account.iter().zip(&alerts.day).zip(&alerts.reference);
        for ((account, day), reference) in labelled.chain(noticed) {
            places.insert((*account, *day, *reference), 0);
        }
        for posting in postings.iter() {
            let key =
                (posting.account.number(), posting.at.day().number(), posting.reference.code());
            if let Some(place) = places.get_mut(&key) {
                *place = posting.sequence.cast_signed();
            }
        }
        let sequences = |account: &[i64], day: &[u16], reference: &[i64]| -> Vec<i64> {
            let keys = account.iter().zip(day).zip(reference);
            keys.map(|((account, day), reference)| places[&(*account, *day, *reference)]).collect()
        };
        Self {
            label_sequences: sequences(&labels.account, &labels.day, &labels.reference),
            alert_sequences: sequences(&alerts.account, &alerts.day, &alerts.reference),
            labels: labels.clone(),
            alerts,
        }
    }
}
