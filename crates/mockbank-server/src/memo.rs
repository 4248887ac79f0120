//! What was found out before and stays true, so that it need not be found out again.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{PoisonError, RwLock};

/// Parts that are locked on their own.
const SHARDS: usize = 16;

/// A bounded number of answers by what was asked.
pub(crate) struct Memo<K, V> {
    shards: Vec<RwLock<HashMap<K, V>>>,
    hasher: RandomState,
    most_in_shard: usize,
}

impl<K: Hash + Eq, V: Copy> Memo<K, V> {
    /// Remembers about `most` answers.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
            most_in_shard: most.div_ceil(SHARDS).max(1),
        }
    }

    /// The answer to `key`, if it is remembered.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    /// Remembers the answer to `key`. A part that is full begins anew: what is asked often is soon
    /// back, and no order of use has to be kept.
    pub(crate) fn keep(&self, key: K, answer: V) {
        let mut shard = self.shard(&key).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.most_in_shard {
            shard.clear();
        }
        shard.insert(key, answer);
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &RwLock<HashMap<K, V>> {
        let shard = self.hasher.hash_one(key) % (SHARDS as u64);
        &self.shards[usize::try_from(shard).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_remembered_up_to_a_bound() {
        let memo = Memo::new(64);
        memo.keep("seven".to_owned(), 7);
        assert_eq!(memo.get("seven"), Some(7));
        assert_eq!(memo.get("eight"), None);
        for number in 0..10_000 {
            memo.keep(number.to_string(), number);
            assert_eq!(memo.get(&*number.to_string()), Some(number));
        }
        let kept: usize = memo.shards.iter().map(|shard| shard.read().unwrap().len()).sum();
        assert!(kept <= 64, "{kept}");
    }
}
