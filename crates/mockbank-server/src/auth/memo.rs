//! What was found out before and stays true, so that it need not be found out again.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::{PoisonError, RwLock};

/// Parts that are locked on their own.
const SHARDS: usize = 16;

/// A bounded number of answers by what was asked.
///
/// Questions are kept by their hash, which is computed once: of two with the same one, the later is
/// remembered.
pub(crate) struct Memo<K, V> {
    shards: Vec<RwLock<Shard<K, V>>>,
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
        let hash = self.hasher.hash_one(key);
        let shard = self.shard(hash).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(&hash).filter(|(asked, _)| asked.borrow() == key).map(|(_, answer)| *answer)
    }

    /// Remembers the answer to `key`. A part that is full begins anew: what is asked often is soon
    /// back, and no order of use has to be kept.
    pub(crate) fn keep(&self, key: K, answer: V) {
        let hash = self.hasher.hash_one(&key);
        let mut shard = self.shard(hash).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.most_in_shard {
            shard.clear();
        }
        shard.insert(hash, (key, answer));
    }

    /// By bits that the map of a shard uses least.
    fn shard(&self, hash: u64) -> &RwLock<Shard<K, V>> {
        let shard = (hash >> 32) % (SHARDS as u64);
        &self.shards[usize::try_from(shard).unwrap_or_default()]
    }
}

type Shard<K, V> = HashMap<u64, (K, V), BuildHasherDefault<Hashed>>;

/// The hash of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
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
