//! How a world is cut into parts, and the parts into shards.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{ExportError, Result};

/// Cuts a world into parts: fixed ranges of customers, whoever writes them and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    users: u64,
    users_per_part: u64,
}

impl Plan {
    /// Cuts a world of `users` customers into parts of `users_per_part`.
    pub fn new(users: u64, users_per_part: u64) -> Result<Self> {
        let possible = users >= 1
            && users_per_part >= 1
            && users <= mockbank_bank::id::MAX_NUMBER.cast_unsigned()
            && u32::try_from(users.div_ceil(users_per_part)).is_ok();
        possible.then_some(Self { users, users_per_part }).ok_or(ExportError::BadPlan)
    }

    /// Customers in the world.
    pub const fn users(self) -> u64 {
        self.users
    }

    /// Number of parts.
    pub fn parts(self) -> u32 {
        u32::try_from(self.users.div_ceil(self.users_per_part)).unwrap_or(u32::MAX)
    }

    /// Numbers of the customers in a part, which counts from 0.
    pub fn users_of(self, part: u32) -> Result<RangeInclusive<i64>> {
        if part >= self.parts() {
            return Err(ExportError::NoSuchPart { part, of: self.parts() });
        }
        let before = u64::from(part) * self.users_per_part;
        let last = self.users.min(before + self.users_per_part);
        Ok(before.cast_signed() + 1..=last.cast_signed())
    }
}

/// One of several machines or processes that write the parts of one export between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// The only shard.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// The parts that this shard writes: every `of`th one.
    pub fn parts(self, plan: Plan) -> impl Iterator<Item = u32> {
        let step = usize::try_from(self.of).unwrap_or(usize::MAX);
        (self.number - 1..plan.parts()).step_by(step)
    }
}

/// `1/4`, counted from 1.
impl FromStr for Shard {
    type Err = ExportError;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (number, of) = text.split_once('/')?;
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            (1..=of).contains(&number).then_some(Self { number, of })
        };
        read().ok_or_else(|| ExportError::BadShard(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_customer_is_in_one_part_of_one_shard(
            users in 1u64..2_000, users_per_part in 1u64..300, of in 1u32..9,
        ) {
            let plan = Plan::new(users, users_per_part).unwrap();
            let mut seen: Vec<i64> = (1..=of)
                .flat_map(|number| Shard { number, of }.parts(plan))
                .flat_map(|part| plan.users_of(part).unwrap())
                .collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (1..=users.cast_signed()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        assert!(Plan::new(0, 1).is_err());
        assert!(Plan::new(1, 0).is_err());
        assert!(Plan::new(u64::MAX, 1).is_err());
        assert!(Plan::new(10, 5).unwrap().users_of(2).is_err());
    }

    #[test]
    fn shards_are_read_and_others_refused() {
        assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
        for text in ["", "1", "0/3", "4/3", "a/b", "1/2/3", "-1/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
