//! A content hash of customers, what they hold and their postings, whatever their order.

mod records;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::posting::PostingBatch;

/// The content of a world, or a part of it, in 128 bits: the hash of each record, added up.
///
/// Sums do not depend on order, so shards, threads and databases that hold the same records have
/// the same hash, and the hashes of parts add up to that of the whole. A record's hash covers
/// every column: of postings ([`Self::add`]), customers ([`Self::add_user`]), accounts
/// ([`Self::add_account`]) and cards ([`Self::add_card`]). It finds errors, not forgeries: whoever wants to can make postings collide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContentHash(u128);

/// Columns of a posting.
const COLUMNS: usize = 14;

/// Secrets for each half of the hash and each column, so that equal values in different columns
/// differ: the fractional digits of pi, as words.
const KEYS: [[u64; COLUMNS]; 2] = [
    [
        0x243f_6a88_85a3_08d3,
        0x1319_8a2e_0370_7344,
        0xa409_3822_299f_31d0,
        0x082e_fa98_ec4e_6c89,
        0x4528_21e6_38d0_1377,
        0xbe54_66cf_34e9_0c6c,
        0xc0ac_29b7_c97c_50dd,
        0x3f84_d5b5_b547_0917,
        0x9216_d5d9_8979_fb1b,
        0xd131_0ba6_98df_b5ac,
        0x2ffd_72db_d01a_dfb7,
        0xb8e1_afed_6a26_7e96,
        0xba7c_9045_f12c_7f99,
        0x24a1_9947_b391_6cf7,
    ],
    [
        0x0801_f2e2_858e_fc16,
        0x6369_20d8_7157_4e69,
        0xa458_fea3_f493_3d7e,
        0x0d95_748f_728e_b658,
        0x718b_cd58_8215_4aee,
        0x7b54_a41d_c25a_59b5,
        0x9c30_d539_2af2_6013,
        0xc5d1_b023_2860_85f0,
        0xca41_7918_b8db_38ef,
        0x8e79_dcb0_603a_180e,
        0x6c9e_0e8b_b01e_8a3e,
        0xd715_77c1_bd31_4b27,
        0x78af_2fda_5560_5c60,
        0xe655_25f3_aa55_ab94,
    ],
];

impl ContentHash {
    /// The hash of nothing.
    pub const EMPTY: Self = Self(0);

    /// The hash of a batch.
    pub fn of(batch: &PostingBatch) -> Self {
        let mut hash = Self::EMPTY;
        hash.add(batch);
        hash
    }

    /// Adds a batch's postings.
    pub fn add(&mut self, batch: &PostingBatch) {
        let rows = batch.len();
        // Slices of one length, so that the loop need not look at each index.
        let [account, sequence, at, amount, card] =
            [&batch.account, &batch.sequence, &batch.at, &batch.amount, &batch.card]
                .map(|column| &column[..rows]);
        let [contra, balance, card_balance, reference, group] =
            [&batch.contra, &batch.balance, &batch.card_balance, &batch.reference, &batch.group]
                .map(|column| &column[..rows]);
        let (kind, category) = (&batch.kind[..rows], &batch.category[..rows]);
        let (description, place) = (&batch.description[..rows], &batch.place[..rows]);
        for row in 0..rows {
            let hash = row_hash(&[
                account[row].cast_unsigned(),
                sequence[row].cast_unsigned(),
                at[row].cast_unsigned(),
                kind[row].into(),
                category[row].into(),
                amount[row].cast_unsigned(),
                card[row].cast_unsigned(),
                contra[row].cast_unsigned(),
                balance[row].cast_unsigned(),
                card_balance[row].cast_unsigned(),
                description[row].into(),
                place[row].into(),
                reference[row].cast_unsigned(),
                group[row].cast_unsigned(),
            ]);
            self.0 = self.0.wrapping_add(hash);
        }
    }

    /// Adds the records behind another hash.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Two universal hashes of the NH family (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: Fast
/// and Secure Message Authentication", 1999), each mixed to 64 bits so that sums of rows do not
/// cancel.
#[inline]
fn row_hash(columns: &[u64; COLUMNS]) -> u128 {
    let [low, high] = &KEYS;
    u128::from(half_hash(columns, high)) << 64 | u128::from(half_hash(columns, low))
}

#[inline]
fn half_hash(columns: &[u64; COLUMNS], keys: &[u64; COLUMNS]) -> u64 {
    let mut sum = 0_u128;
    for pair in 0..COLUMNS / 2 {
        let (a, b) = (2 * pair, 2 * pair + 1);
        let left = u128::from(columns[a].wrapping_add(keys[a]));
        let right = u128::from(columns[b].wrapping_add(keys[b]));
        sum = sum.wrapping_add(left * right);
    }
    mix(sum)
}

/// Folds 128 bits to 64, then the finaliser of `SplitMix64`.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "takes the halves")]
fn mix(sum: u128) -> u64 {
    let mut bits = (sum >> 64) as u64 ^ (sum as u64).rotate_left(29);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// 32 hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The text is no content hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a content hash is 32 hexadecimal digits")]
pub struct ContentHashError;

impl FromStr for ContentHash {
    type Err = ContentHashError;

    fn from_str(text: &str) -> Result<Self, ContentHashError> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sum = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        sum.map(Self).ok_or(ContentHashError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        AccountId, CardId, GroupId, HubId, Instant, LedgerAccount, Money, Posting, PostingKind,
        PostingRef, Stream,
    };

    fn batch(amounts: &[i64]) -> PostingBatch {
        let mut batch = PostingBatch::default();
        for (amount, sequence) in amounts.iter().zip(1..) {
            batch.push(&Posting {
                account: AccountId::new(1),
                sequence,
                at: Instant::from_seconds(5),
                kind: PostingKind::Purchase,
                category: 1,
                amount: Money::from_minor(*amount),
                card: Some(CardId::new(1)),
                contra: LedgerAccount::Hub(HubId(3)),
                balance: Money::from_minor(7),
                card_balance: Money::from_minor(-1),
                description: 2,
                place: 4,
                reference: PostingRef::new(Stream::from_code(17), 0).unwrap(),
                group: Some(GroupId::new(9)),
            });
        }
        batch
    }

    fn row(batch: &PostingBatch, row: usize) -> PostingBatch {
        let mut one = PostingBatch::default();
        one.push(&batch.get(row).unwrap());
        one
    }

    #[test]
    fn every_column_counts() {
        let base = ContentHash::of(&batch(&[100]));
        let changes: [fn(&mut PostingBatch); COLUMNS] = [
            |b| b.account[0] += 1,
            |b| b.sequence[0] += 1,
            |b| b.at[0] += 1,
            |b| b.kind[0] += 1,
            |b| b.category[0] += 1,
            |b| b.amount[0] += 1,
            |b| b.card[0] += 1,
            |b| b.contra[0] += 1,
            |b| b.balance[0] += 1,
            |b| b.card_balance[0] += 1,
            |b| b.description[0] += 1,
            |b| b.place[0] += 1,
            |b| b.reference[0] += 1,
            |b| b.group[0] += 1,
        ];
        for (column, change) in changes.iter().enumerate() {
            let mut changed = batch(&[100]);
            change(&mut changed);
            let hash = ContentHash::of(&changed);
            assert_ne!(hash, base, "column {column}");
            assert!((hash.0 ^ base.0).count_ones() > 30, "column {column}");
        }
    }

    #[test]
    fn a_hash_is_read_back_and_other_texts_refused() {
        let hash = ContentHash::of(&batch(&[1, 2]));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for text in ["", "12", "+0000000000000000000000000000001", "zz"] {
            assert_eq!(text.parse::<ContentHash>(), Err(ContentHashError));
        }
    }

    proptest! {
        #[test]
        fn order_and_parts_do_not_matter(
            amounts in prop::collection::vec(-1000..1000_i64, 1..20), cut: prop::sample::Index,
        ) {
            let whole = batch(&amounts);
            let rows: Vec<_> = (0..whole.len()).map(|at| row(&whole, at)).collect();
            let cut = cut.index(rows.len());
            let mut parts = [ContentHash::EMPTY; 2];
            for (at, row) in rows.iter().enumerate().rev() {
                parts[usize::from(at < cut)].add(row);
            }
            let [mut sum, other] = parts;
            sum.merge(other);
            prop_assert_eq!(sum, ContentHash::of(&whole));
        }
    }
}
