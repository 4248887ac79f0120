//! What the charts show.

use std::collections::BTreeMap;

use mockbank_bank::{Catalog, DailyTotal, Day, Instant, PostingKind};
use mockbank_store::{LedgerTotals, Result, Store};
use tokio::runtime::Runtime;

use super::sample::Sample;
use crate::bank::{Activity, DayActivity};

/// Days that the charts go back.
const DAYS: i64 = 60;

/// Reads the charts: those over days from what the ledger keeps of each day, the others from a
/// sample of the books.
pub(super) fn read(store: &dyn Store, runtime: &Runtime) -> Result<Activity> {
    // All of one moment, while another thread may let time pass.
    let mut snapshot = runtime.block_on(store.snapshot())?;
    let world = snapshot.world()?;
    let ledger = snapshot.ledger()?;
    // A day that has not begun has nothing to show, unless something was booked at its start.
    let last = Instant::from_seconds(world.clock.seconds() - 1).day().max(world.start);
    let first = last.plus(1 - DAYS).map_or(world.start, |day| day.max(world.start));
    let totals = snapshot.daily_totals(first..=Day::MAX)?;
    drop(snapshot);
    let last = totals.last().map_or(last, |total| last.max(total.day));
    let catalog = runtime.block_on(store.catalog())?;
    let sample = runtime.block_on(Sample::read(store, world.counts.users, first))?;
    Ok(Activity {
        days: days(&totals, &ledger, first, last),
        spending: spending(&totals, &catalog),
        sampled: sample.customers,
        customers: world.counts.users,
        histograms: sample.histograms(&world.preset_text),
        latest: sample.latest(),
    })
}

/// The days up to the last one, at whose end the ledger stands where it does: what was posted on a
/// day leads back to the end of the day before it.
fn days(totals: &[DailyTotal], ledger: &LedgerTotals, first: Day, last: Day) -> Vec<DayActivity> {
    let (mut deposits, mut card_debt) = (ledger.deposits, ledger.card_debt);
    let mut totals = totals.iter().rev().peekable();
    let mut days = Vec::new();
    for number in (first.number()..=last.number()).rev() {
        let day = Day::of(number);
        let mut activity = DayActivity { day, transactions: 0, deposits, card_debt };
        while let Some(total) = totals.next_if(|total| total.day == day) {
            activity.transactions += total.postings;
            if total.on_card {
                card_debt += total.net();
            } else {
                deposits -= total.net();
            }
        }
        days.push(activity);
    }
    days.reverse();
    days
}

/// What was spent by category: bills and transfers move money without spending it.
fn spending(totals: &[DailyTotal], catalog: &Catalog) -> Vec<(String, i128)> {
    let mut sums: BTreeMap<u16, i128> = BTreeMap::new();
    for total in totals {
        let moved = matches!(total.kind, PostingKind::CardPayment | PostingKind::Transfer);
        if total.debits > 0 && !moved {
            *sums.entry(total.category).or_default() += total.debits;
        }
    }
    let name = |category: u16| catalog.categories.get(usize::from(category)).cloned();
    let mut sums: Vec<_> =
        sums.into_iter().filter_map(|(category, sum)| Some((name(category)?, sum))).collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    sums
}
