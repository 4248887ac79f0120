//! What the charts show, read from a bounded number of books.

use std::collections::BTreeMap;

use mockbank_bank::{Account, AccountId, Day, Instant, Money, PostingKind};
use mockbank_sim::Preset;
use mockbank_store::{Page, Result, Store, Transaction, TransactionFilter};

use super::convert;
use crate::bank::{Activity, Bin, DayActivity, Histogram, Line};

/// Books that are read: all of a small world's, and a sample of a large one's.
const SAMPLE: u64 = 256;

/// Books that are read for the feed.
const FEED_SAMPLE: u64 = 16;

/// Days that the charts go back.
const DAYS: i64 = 60;

/// Postings of a book that are read at most.
const POSTINGS: u64 = 400;

/// Lines of the feed that are read at most.
const LINES: usize = 40;

/// Bins of a histogram.
const BINS: i64 = 24;

/// A book of the sample.
struct Book {
    account: Account,
    /// Its postings in the window, the newest first.
    postings: Vec<Transaction>,
    /// Whether there are more in the window than were read.
    cut: bool,
    /// Spending profiles of its cards, by number.
    profiles: BTreeMap<i64, String>,
}

/// Reads the charts.
pub(super) async fn read(store: &dyn Store) -> Result<Activity> {
    let world = store.world().await?;
    // A day that has not begun has nothing to show.
    let last = Instant::from_seconds(world.clock.seconds() - 1).day().max(world.start);
    let first = last.plus(1 - DAYS).map_or(world.start, |day| day.max(world.start));
    let mut books = Vec::new();
    for id in sample(world.counts.accounts, SAMPLE) {
        books.extend(book(store, id, first).await?);
    }
    let mut lines: Vec<Line> =
        books.iter().flat_map(|book| book.postings.iter().take(LINES)).map(convert::line).collect();
    keep_latest(&mut lines);
    Ok(Activity {
        sampled: books.len() as u64,
        accounts: world.counts.accounts,
        days: days(&books, first, last),
        spending: spending(&books),
        histograms: histograms(&books, &world.preset_text),
        latest: lines,
    })
}

/// Some of the transactions since an instant, the newest last.
pub(super) async fn latest(store: &dyn Store, since: Instant) -> Result<Vec<Line>> {
    let accounts = store.world().await?.counts.accounts;
    let filter = TransactionFilter { from: Some(since.day()), ..TransactionFilter::default() };
    let page = Page { number: 1, size: LINES as u64 };
    let mut lines = Vec::new();
    for id in sample(accounts, FEED_SAMPLE) {
        let listing = store.transactions_of_account(id, &filter, page).await?;
        lines.extend(listing.items.iter().map(convert::line).filter(|line| line.at >= since));
    }
    keep_latest(&mut lines);
    Ok(lines)
}

/// Accounts spread evenly over all of them.
fn sample(accounts: u64, size: u64) -> impl Iterator<Item = AccountId> {
    let size = size.min(accounts);
    (0..size).map(move |index| AccountId::new((index * accounts / size + 1).cast_signed()))
}

fn keep_latest(lines: &mut Vec<Line>) {
    lines.sort_by_key(|line| line.at);
    lines.drain(..lines.len().saturating_sub(LINES));
}

async fn book(store: &dyn Store, id: AccountId, first: Day) -> Result<Option<Book>> {
    let Some(account) = store.account(id).await? else { return Ok(None) };
    let filter = TransactionFilter { from: Some(first), ..TransactionFilter::default() };
    let page = Page { number: 1, size: POSTINGS };
    let listing = store.transactions_of_account(id, &filter, page).await?;
    let cards = store.cards_of(id).await?;
    Ok(Some(Book {
        account,
        cut: listing.total > listing.items.len() as u64,
        postings: listing.items,
        profiles: cards.into_iter().map(|card| (card.id.number(), card.profile)).collect(),
    }))
}

/// The days that every book was read for.
fn days(books: &[Book], first: Day, last: Day) -> Vec<DayActivity> {
    // The oldest day of a book that was cut off may lack some of its postings.
    let cut = books.iter().filter(|book| book.cut).filter_map(|book| book.postings.last());
    let first = cut.filter_map(|oldest| oldest.posting.at.day().plus(1).ok()).fold(first, Day::max);
    let mut days: Vec<DayActivity> = (first.number()..=last.number())
        .filter_map(|number| Day::from_number(number.into()).ok())
        .map(|day| DayActivity { day, transactions: 0, deposits: 0 })
        .collect();
    for book in books {
        let mut balance = opening(book);
        let mut postings = book.postings.iter().rev().peekable();
        for day in &mut days {
            while let Some(transaction) =
                postings.next_if(|transaction| transaction.posting.at.day() <= day.day)
            {
                balance = transaction.posting.balance;
                day.transactions += u64::from(transaction.posting.at.day() == day.day);
            }
            day.deposits += i128::from(balance.minor());
        }
    }
    days
}

/// The balance before the postings that were read.
fn opening(book: &Book) -> Money {
    match book.postings.last().map(|oldest| oldest.posting) {
        None => book.account.balance,
        // A card's posting leaves the account where it was.
        Some(posting) if posting.card.is_some() => posting.balance,
        Some(posting) => posting.balance.checked_sub(posting.amount).unwrap_or(posting.balance),
    }
}

/// What was spent by category: bills and transfers move money without spending it.
fn spending(books: &[Book]) -> Vec<(String, Money)> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for transaction in books.iter().flat_map(|book| &book.postings) {
        let posting = &transaction.posting;
        let moved = matches!(posting.kind, PostingKind::CardPayment | PostingKind::Transfer);
        if posting.amount.is_negative() && !moved {
            let sum = sums.entry(&transaction.category).or_default();
            *sum = sum.saturating_sub(posting.amount.minor());
        }
    }
    let mut sums: Vec<_> =
        sums.into_iter().map(|(name, sum)| (name.to_owned(), Money::from_minor(sum))).collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    sums
}

/// Amounts of purchases by spending profile, beside what the preset expects.
fn histograms(books: &[Book], preset_text: &str) -> Vec<Histogram> {
    let Ok(preset) = Preset::parse(preset_text) else { return Vec::new() };
    let mut amounts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for book in books {
        for posting in book.postings.iter().map(|transaction| transaction.posting) {
            let profile = posting.card.and_then(|card| book.profiles.get(&card.number()));
            if let (PostingKind::Purchase, Some(profile)) = (posting.kind, profile) {
                amounts.entry(profile).or_default().push(posting.amount.minor().saturating_neg());
            }
        }
    }
    let known = preset.profiles().filter_map(|profile| {
        amounts.get_mut(profile).map(|amounts| histogram(&preset, profile, amounts))
    });
    known.collect()
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
