//! Measuring a stored world.

use std::collections::{BTreeMap, BTreeSet};

use mockbank_bank::PostingBatch;
use mockbank_sim::measure::{Distributions, Figures, Measure};
use mockbank_sim::{LabelBatch, Typology};
use mockbank_store::{LedgerTotals, Snapshot, WorldInfo};

use crate::crime::Truth;
use crate::error::{Result, WorldError};
use crate::evolve::world_of;
use crate::watch::{Progress, Watch};

/// Rows read at once.
const BATCH: usize = 1 << 14;

/// What was found in a world.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Its identity, clock and counts.
    pub world: WorldInfo,
    /// What stands on the ledger's accounts.
    pub ledger: LedgerTotals,
    /// Its figures.
    pub figures: Figures,
    /// How things spread.
    pub distributions: Distributions,
    /// The crime that stands in its books, by typology; `None` where the preset has none.
    pub crime: Option<BTreeMap<Typology, CrimeCount>>,
}

/// How much there is of a typology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrimeCount {
    /// Schemes.
    pub schemes: u64,
    /// Postings.
    pub postings: u64,
    /// What left accounts and cards, in minor units, as far as it stems from the scheme.
    pub debited: i128,
}

/// Reads a whole world and measures it.
///
/// The labels of crime are no part of a stored world. They are found by simulating it once more,
/// and count where the posting that they name stands in the store.
pub fn survey(snapshot: &mut dyn Snapshot, watch: &dyn Watch) -> Result<Survey> {
    let info = snapshot.world()?;
    let ledger = snapshot.ledger()?;
    let mut truth = Truth::of(world_of(&info)?, &info);
    let has_crime = truth.world.has_crime();
    let days = info.clock.day().number().saturating_sub(info.start.number());
    let mut measure = Measure::new(info.start, days);
    let mut census = Census::default();
    let mut accounts = accounts_by_user(snapshot)?;
    let mut progress = Progress { done: 0, total: info.counts.transactions, rows: 0 };
    let (mut after, mut postings) = (0, PostingBatch::with_capacity(BATCH));
    loop {
        let users = snapshot.users(after, BATCH)?;
        let Some(last) = users.last() else { break };
        after = last.id.number();
        for user in &users {
            if watch.cancelled() {
                return Err(WorldError::Interrupted);
            }
            postings.clear();
            for account in accounts.remove(&user.id.number()).unwrap_or_default() {
                read_book(snapshot, account, &mut postings)?;
            }
            measure.add(&postings, truth.world.zone(user));
            if has_crime {
                census.labels.clear();
                truth.labels(&(user.id.number()..=user.id.number()), &mut census.labels)?;
                census.add(&postings);
            }
            progress.rows += postings.len() as u64;
            progress.done = progress.rows;
            watch.progress(progress);
        }
    }
    Ok(Survey {
        ledger,
        figures: measure.figures(),
        distributions: measure.distributions(),
        crime: has_crime.then(|| census.counted()),
        world: info,
    })
}

fn accounts_by_user(snapshot: &mut dyn Snapshot) -> Result<BTreeMap<i64, Vec<i64>>> {
    let mut by_user: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let accounts = snapshot.accounts(after, BATCH)?;
        let Some(last) = accounts.last() else { return Ok(by_user) };
        after = last.id.number();
        for account in &accounts {
            by_user.entry(account.user.number()).or_default().push(account.id.number());
        }
    }
}

/// Puts the postings of an account's book at the end of `out`.
fn read_book(snapshot: &mut dyn Snapshot, account: i64, out: &mut PostingBatch) -> Result<()> {
    let mut sequence = 0;
    loop {
        let before = out.len();
        snapshot.postings((account, sequence), account, BATCH, out)?;
        if out.len() == before {
            return Ok(());
        }
        sequence = out.sequence.last().copied().unwrap_or(sequence);
    }
}

#[derive(Default)]
struct Census {
    counts: BTreeMap<Typology, CrimeCount>,
    schemes: BTreeSet<(Typology, i64)>,
    labels: LabelBatch,
}

impl Census {
    /// Counts the labels that name a posting in the store.
    fn add(&mut self, stored: &PostingBatch) {
        let labels = &self.labels;
        if labels.is_empty() {
            return;
        }
        let places = stored.account.iter().zip(&stored.at).zip(&stored.reference).enumerate();
        let found: BTreeMap<(i64, i64, i64), usize> = places
            .map(|(row, ((account, at), code))| ((*account, at.div_euclid(86_400), *code), row))
            .collect();
        for row in 0..labels.len() {
            let key = (labels.account[row], i64::from(labels.day[row]), labels.reference[row]);
            let (Some(&place), Some(typology)) =
                (found.get(&key), Typology::from_code(labels.typology[row]))
            else {
                continue;
            };
            let count = self.counts.entry(typology).or_default();
            count.postings += 1;
            let debited = i128::from(stored.amount[place].min(0).unsigned_abs());
            count.debited += debited * i128::from(labels.taint[row]) / 1_000;
            self.schemes.insert((typology, labels.scheme[row]));
        }
    }

    fn counted(mut self) -> BTreeMap<Typology, CrimeCount> {
        for (typology, _) in &self.schemes {
            self.counts.entry(*typology).or_default().schemes += 1;
        }
        self.counts
    }
}
