//! Identifiers: opaque to clients, cheap to find for the store.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::reference::{PostingRef, Stream};
use crate::time::Day;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an identifier of the form {0}")]
pub struct IdError(&'static str);

/// Largest number that an identifier carries: 36 bits, so that a transaction's identifier fits
/// its 18 characters.
pub const MAX_NUMBER: i64 = (1 << 36) - 1;

macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The largest number.
            pub const MAX: i64 = $max;

            /// The identifier with this number, which counts from 1.
            ///
            /// # Panics
            /// If the number is not in `1..=MAX`: numbers are given out by the bank.
            pub const fn new(number: i64) -> Self {
                assert!(number >= 1 && number <= Self::MAX);
                Self(number)
            }

            /// The number behind the prefix.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .filter(|digits| {
                        !digits.is_empty()
                            && !digits.starts_with('0')
                            && digits.bytes().all(|byte| byte.is_ascii_digit())
                    })
                    .and_then(|digits| digits.parse().ok())
                    .filter(|number| (1..=Self::MAX).contains(number))
                    .map(Self)
                    .ok_or(IdError(concat!($prefix, "1")))
            }
        }
    };
}

counted_id!(
    /// A customer: `u_1`.
    UserId, "u_", MAX_NUMBER
);
counted_id!(
    /// A deposit account: `acc_1`.
    AccountId, "acc_", MAX_NUMBER
);
counted_id!(
    /// A card: `card_1`.
    CardId, "card_", MAX_NUMBER
);
counted_id!(
    /// What links the two records of a transfer: `grp_1`.
    GroupId, "grp_", (1 << 59) - 1
);

counted_id!(
    /// Money set aside for a movement to come: `hold_1`.
    HoldId, "hold_", MAX_NUMBER
);

impl GroupId {
    /// The first number that the simulation gives out; the bank counts its own below. The
    /// simulation's are computed from the pair, the day and the round (58 bits), so that either
    /// side of a transfer finds the same.
    pub const FIRST_SIMULATED: i64 = 1 << 58;
}

/// A transaction: `txn_` and 18 characters of Crockford's base 32.
///
/// The identifier is derived from what made the transaction (whose book, on which day, from which
/// stream, which one of it), so it is stable: switching another behaviour off renames nothing.
/// And it says where to look: the account's book is one range of the clustered index, and the
/// day is found in it by bisection, so no index over identifiers is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId {
    /// The account in whose book the transaction stands.
    pub account: AccountId,
    /// The day of the transaction.
    pub day: Day,
    /// Which one of that account and day it is.
    pub reference: PostingRef,
}

const PREFIX: &str = "txn_";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 18;

impl TransactionId {
    /// 36 bits of account, 16 of day, 8 of stream, 30 of index: 90 bits, 18 characters of 5.
    fn bits(self) -> u128 {
        let account = u128::from(self.account.number().unsigned_abs());
        let day = u128::from(self.day.number());
        let stream = u128::from(self.reference.stream().code());
        let index = u128::from(self.reference.index());
        account << 54 | day << 38 | stream << 30 | index
    }

    fn from_bits(bits: u128) -> Option<Self> {
        let field = |shift: u32, width: u32| i64::try_from(bits >> shift & ((1 << width) - 1)).ok();
        let account = field(54, 36).filter(|number| *number >= 1)?;
        let stream = Stream::from_code(u8::try_from(field(30, 8)?).ok()?);
        let index = u32::try_from(field(0, 30)?).ok()?;
        Some(Self {
            account: AccountId::new(account),
            day: Day::from_number(field(38, 16)?).ok()?,
            reference: PostingRef::new(stream, index)?,
        })
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.bits();
        let mut text = [0; LENGTH];
        for (place, character) in text.iter_mut().rev().enumerate() {
            *character = ALPHABET[(bits >> (5 * place) & 31) as usize];
        }
        f.write_str(PREFIX)?;
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for TransactionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = IdError("txn_ and 18 characters");
        let code = text.strip_prefix(PREFIX).filter(|code| code.len() == LENGTH).ok_or(wrong)?;
        let mut bits = 0;
        for byte in code.bytes() {
            let digit = ALPHABET.iter().position(|known| *known == byte).ok_or(wrong)?;
            bits = bits << 5 | digit as u128;
        }
        Self::from_bits(bits).ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_are_read_back_and_others_refused() {
        assert_eq!("acc_17".parse(), Ok(AccountId::new(17)));
        assert_eq!(CardId::new(3).to_string(), "card_3");
        for text in ["acc_0", "acc_01", "acc_-1", "acc_", "u_1", "acc_1x", "acc_99999999999"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        for text in ["txn_", "txn_000000000000000000", "txn_zzzzzzzzzzzzzzzzz!", "grp_1"] {
            assert!(text.parse::<TransactionId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_transaction_is_read_back(
            account in 1..=MAX_NUMBER, day: u16, stream: u8, index in 0..=PostingRef::MAX_INDEX,
        ) {
            let id = TransactionId {
                account: AccountId::new(account),
                day: Day::from_number(i64::from(day)).unwrap(),
                reference: PostingRef::new(Stream::from_code(stream), index).unwrap(),
            };
            prop_assert_eq!(id.to_string().len(), 22);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
