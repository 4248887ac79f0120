//! What is known of crime in postings: the truth, and what the bank notices.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use mockbank_bank::PostingBatch;
use mockbank_sim::{AlertBatch, Customer, LabelBatch, World};
use mockbank_store::WorldInfo;

use crate::error::Result;
use crate::evolve::world_of;

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

/// Account, day and reference of a posting.
type Key = (i64, u16, i64);

impl Crime {
    /// What is known of postings; `labels` are those of the same customers. Those that name no
    /// posting here are left out.
    pub(crate) fn of(world: &World, postings: &PostingBatch, labels: &LabelBatch) -> Self {
        let alerts = world.alerts(postings, labels);
        let label_keys = keys(&labels.account, &labels.day, &labels.reference);
        let alert_keys = keys(&alerts.account, &alerts.day, &alerts.reference);
        let mut places: BTreeMap<Key, Option<i64>> =
            label_keys.iter().chain(&alert_keys).map(|key| (*key, None)).collect();
        for posting in postings.iter() {
            let key =
                (posting.account.number(), posting.at.day().number(), posting.reference.code());
            if let Some(place) = places.get_mut(&key) {
                *place = Some(posting.sequence.cast_signed());
            }
        }
        let mut crime = Self::default();
        for (row, key) in label_keys.iter().enumerate() {
            if let Some(sequence) = places[key] {
                crime.labels.push_row(labels, row);
                crime.label_sequences.push(sequence);
            }
        }
        for (row, key) in alert_keys.iter().enumerate() {
            if let Some(sequence) = places[key] {
                crime.alerts.push_row(&alerts, row);
                crime.alert_sequences.push(sequence);
            }
        }
        crime
    }
}

fn keys(accounts: &[i64], days: &[u16], references: &[i64]) -> Vec<Key> {
    let keys = accounts.iter().zip(days).zip(references);
    keys.map(|((account, day), reference)| (*account, *day, *reference)).collect()
}

/// Whether there is crime in a stored world whose labels can be found.
pub fn has_labels(info: &WorldInfo) -> bool {
    world_of(info).is_ok_and(|world| world.has_crime())
}

/// The truth about a stored world. The store does not keep it: it is found by simulating the
/// customers once more.
pub(crate) struct Truth {
    pub(crate) world: World,
    info: WorldInfo,
    simulated: PostingBatch,
}

impl Truth {
    /// The truth about the stored world that `world` simulates.
    pub(crate) fn of(world: World, info: &WorldInfo) -> Self {
        Self { world, info: info.clone(), simulated: PostingBatch::default() }
    }

    /// Adds the labels of customers. They may name postings that the store does not have, since
    /// the bank was told to book otherwise.
    pub(crate) fn labels(
        &mut self,
        numbers: &RangeInclusive<i64>,
        labels: &mut LabelBatch,
    ) -> Result<()> {
        // Customers who signed up later commit no crimes.
        let last = (*numbers.end()).min(self.info.population.into());
        for number in (*numbers.start()).max(1)..=last {
            self.simulated.clear();
            let mut customer = Customer::from_newcomer(&self.world, &self.world.newcomer(number))?;
            let (from, to) = (self.info.start.start(), self.info.clock);
            let postings = &mut self.simulated;
            self.world.simulate_labelled(&mut customer, from, to, postings, labels)?;
        }
        Ok(())
    }
}
