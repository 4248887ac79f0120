//! Customers, accounts and cards in which two worlds differ.

use std::collections::BTreeMap;

use mockbank_bank::{Account, Card, CardStatus, Money, User};
use mockbank_sim::World;
use mockbank_store::Snapshot;

use crate::error::Result;

/// Rows read at once.
const BATCH: usize = 1 << 12;

/// Customers, accounts and cards that only one of two worlds has, or that differ in more than what
/// their transactions left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Customers.
    pub users: u64,
    /// Deposit accounts.
    pub accounts: u64,
    /// Cards.
    pub cards: u64,
}

/// An account as it was opened.
fn opened(mut account: Account) -> Account {
    (account.balance, account.postings) = (account.opening_balance, 0);
    account
}

/// A card as it was issued.
fn issued(mut card: Card) -> Card {
    (card.status, card.spend) = (CardStatus::Active, Money::ZERO);
    (card.last_bill, card.postings) = (None, 0);
    card
}

pub(super) fn stored(before: &mut dyn Snapshot, after: &mut dyn Snapshot) -> Result<Holders> {
    Ok(Holders {
        users: differing(
            |user: &User| user.id.number(),
            |from| Ok([before.users(from, BATCH)?, after.users(from, BATCH)?]),
        )?,
        accounts: differing(
            |account: &Account| account.id.number(),
            |from| {
                let read = [before.accounts(from, BATCH)?, after.accounts(from, BATCH)?];
                Ok(read.map(|accounts| accounts.into_iter().map(opened).collect()))
            },
        )?,
        cards: differing(
            |card: &Card| card.id.number(),
            |from| {
                let read = [before.cards(from, BATCH)?, after.cards(from, BATCH)?];
                Ok(read.map(|cards| cards.into_iter().map(issued).collect()))
            },
        )?,
    })
}

pub(super) fn simulated(worlds: [&World; 2], users: [i64; 2]) -> Holders {
    let mut differing = Holders::default();
    for number in 1..=users[0].max(users[1]) {
        let [before, after] = [0, 1]
            .map(|side: usize| (number <= users[side]).then(|| worlds[side].newcomer(number)));
        let both = [before, after].map(|newcomer| {
            newcomer.map_or_else(
                || (Vec::new(), Vec::new(), Vec::new()),
                |newcomer| (vec![newcomer.user], newcomer.accounts, newcomer.cards),
            )
        });
        let [before, after] = both;
        differing.users += unequal(&before.0, after.0, |user| user.id.number());
        differing.accounts += unequal(&before.1, after.1, |account| account.id.number());
        differing.cards += unequal(&before.2, after.2, |card| card.id.number());
    }
    differing
}

/// Counts what differs in two worlds, which `read` gives in the order of numbers.
fn differing<T: PartialEq>(
    number: impl Fn(&T) -> i64,
    mut read: impl FnMut(i64) -> Result<[Vec<T>; 2]>,
) -> Result<u64> {
    let (mut after, mut count) = (0, 0);
    loop {
        let mut both = read(after)?;
        if both.iter().all(Vec::is_empty) {
            return Ok(count);
        }
        // Beyond the end of a full batch, the world may have more.
        let full = both.iter().filter(|read| read.len() == BATCH);
        let until = full.filter_map(|read| read.last()).map(&number).min().unwrap_or(i64::MAX);
        for read in &mut both {
            read.truncate(read.partition_point(|item| number(item) <= until));
        }
        let [before, later] = both;
        count += unequal(&before, later, &number);
        if until == i64::MAX {
            return Ok(count);
        }
        after = until;
    }
}

fn unequal<T: PartialEq>(before: &[T], after: Vec<T>, number: impl Fn(&T) -> i64) -> u64 {
    let mut rest: BTreeMap<i64, T> = after.into_iter().map(|item| (number(&item), item)).collect();
    let mut count = 0;
    for item in before {
        let is_same = rest.remove(&number(item)).is_some_and(|other| other == *item);
        count += u64::from(!is_same);
    }
    count + rest.len() as u64
}
