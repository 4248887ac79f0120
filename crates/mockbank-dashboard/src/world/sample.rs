//! What is shown of some customers' books: the latest transactions, and amounts of purchases.

use std::collections::BTreeMap;

use mockbank_bank::{Day, Instant, Money, PostingKind, UserId};
use mockbank_sim::Preset;
use mockbank_store::{AccountFilter, Page, Result, Store, Transaction, TransactionFilter};

use super::convert;
use crate::bank::{Bin, Histogram, Line};

/// Customers whose books are read: all of a small world's, and a sample of a large one's.
const SAMPLE: u64 = 256;

/// Customers whose books are read for the feed.
const FEED_SAMPLE: u64 = 16;

/// Accounts of a customer that are read at most.
const ACCOUNTS: u64 = 8;

/// Postings of a book that are read at most.
const POSTINGS: u64 = 200;

/// Lines of the feed that are read at most.
const LINES: usize = 40;

/// Bins of a histogram.
const BINS: i64 = 24;

/// Some customers' books.
pub(super) struct Sample {
    /// How many customers.
    pub(super) customers: u64,
    books: Vec<Book>,
}

struct Book {
    /// Its latest postings in the window, the newest first.
    postings: Vec<Transaction>,
    /// Spending profiles of its cards, by number.
    profiles: BTreeMap<i64, String>,
}

impl Sample {
    /// Reads what was posted from a day on.
    pub(super) async fn read(store: &dyn Store, users: u64, first: Day) -> Result<Self> {
        let mut sample = Self { customers: 0, books: Vec::new() };
        for user in spread(users, SAMPLE) {
            sample.customers += 1;
            sample.books.extend(books(store, user, first, POSTINGS).await?);
        }
        Ok(sample)
    }

    /// The latest transactions, the newest last.
    pub(super) fn latest(&self) -> Vec<Line> {
        let lines = self.books.iter().flat_map(|book| book.postings.iter().take(LINES));
        latest_of(lines.map(convert::line).collect())
    }

    /// Amounts of purchases by spending profile, beside what the preset expects.
    pub(super) fn histograms(&self, preset_text: &str) -> Vec<Histogram> {
        let Ok(preset) = Preset::parse(preset_text) else { return Vec::new() };
        let mut amounts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for book in &self.books {
            for posting in book.postings.iter().map(|transaction| transaction.posting) {
                let profile = posting.card.and_then(|card| book.profiles.get(&card.number()));
                if let (PostingKind::Purchase, Some(profile)) = (posting.kind, profile) {
                    let amount = posting.amount.minor().saturating_neg();
                    amounts.entry(profile).or_default().push(amount);
                }
            }
        }
        let known = preset.profiles().filter_map(|profile| {
            amounts.get_mut(profile).map(|amounts| histogram(&preset, profile, amounts))
        });
        known.collect()
    }
}

/// Some of the transactions since an instant, the newest last.
pub(super) async fn latest(store: &dyn Store, since: Instant) -> Result<Vec<Line>> {
    let users = store.world().await?.counts.users;
    let mut lines = Vec::new();
    for user in spread(users, FEED_SAMPLE) {
        for book in books(store, user, since.day(), LINES as u64).await? {
            let recent = book.postings.iter().map(convert::line);
            lines.extend(recent.filter(|line| line.at >= since));
        }
    }
    Ok(latest_of(lines))
}

/// Customers spread evenly over all of them.
fn spread(users: u64, size: u64) -> impl Iterator<Item = UserId> {
    let size = size.min(users);
    (0..size).map(move |index| UserId::new((index * users / size + 1).cast_signed()))
}

fn latest_of(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| line.at);
    lines.drain(..lines.len().saturating_sub(LINES));
    lines
}

async fn books(store: &dyn Store, user: UserId, first: Day, postings: u64) -> Result<Vec<Book>> {
    let page = Page { number: 1, size: ACCOUNTS };
    let accounts = store.accounts_of(user, &AccountFilter::default(), page).await?;
    let filter = TransactionFilter { from: Some(first), ..TransactionFilter::default() };
    let page = Page { number: 1, size: postings };
    let mut books = Vec::new();
    for account in accounts.items {
        let listing = store.transactions_of_account(account.id, &filter, page).await?;
        let cards = store.cards_of(account.id).await?;
        books.push(Book {
            postings: listing.items,
            profiles: cards.into_iter().map(|card| (card.id.number(), card.profile)).collect(),
        });
    }
    Ok(books)
}

fn histogram(preset: &Preset, profile: &str, amounts: &mut [i64]) -> Histogram {
    amounts.sort_unstable();
    // The last hundredth of a long tail would squeeze all else into the first bins.
    let high = amounts.get(amounts.len() * 99 / 100).copied().unwrap_or(1);
    let width = round_width(high);
    let purchases = amounts.len();
    let bins = (0..BINS).map(|index| {
        let (low, end) = (index * width, (index + 1) * width);
        let below = |limit: i64| amounts.partition_point(|amount| *amount < limit);
        let share = |limit: i64| preset.purchases_up_to(profile, Money::from_minor(limit - 1));
        Bin {
            count: u32::try_from(below(end) - below(low)).unwrap_or(u32::MAX),
            expected: share(end)
                .zip(share(low))
                .map(|(to_end, to_low)| (to_end - to_low) * as_f64(purchases)),
        }
    });
    Histogram {
        profile: profile.to_owned(),
        bins: bins.collect(),
        width: as_f64(usize::try_from(width).unwrap_or(0)) / 100.0,
    }
}

/// The width of bins up to an amount: 1, 2 or 5 times a power of ten major units.
fn round_width(high: i64) -> i64 {
    let tens = (0..12).map(|power| 100 * 10_i64.pow(power));
    let widths = tens.flat_map(|ten| [ten, 2 * ten, 5 * ten]);
    let mut fitting = widths.skip_while(|width| width * BINS < high);
    fitting.next().unwrap_or(i64::MAX / BINS)
}

#[expect(clippy::cast_precision_loss, reason = "a chart has some hundred dots")]
fn as_f64(number: usize) -> f64 {
    number as f64
}
