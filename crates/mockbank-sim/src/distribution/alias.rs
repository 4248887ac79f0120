//! Weighted choice in constant time.

use std::hint::select_unpredictable;

/// Walker's alias method, built by Vose's algorithm in integers: each column is chosen equally
/// often and gives itself or its alias.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable {
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    /// How many of 2^32 words keep the column.
    keep: u64,
    alias: u32,
}

/// Words in a full column.
const FULL: u128 = 1 << 32;

impl AliasTable {
    /// The table of these weights, or `None` if there are none, all are zero, or there are more
    /// than 2^24. The probabilities are exact to 2^-32 a column.
    pub(crate) fn new(weights: &[u64]) -> Option<Self> {
        let total: u128 = weights.iter().copied().map(u128::from).sum();
        let count = u32::try_from(weights.len()).ok().filter(|count| *count <= 1 << 24)?;
        if total == 0 {
            return None;
        }
        // Scaled so that the average column holds `total`.
        let mut mass: Vec<u128> =
            weights.iter().map(|weight| u128::from(*weight) * u128::from(count)).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            (0..count).partition(|column| mass[*column as usize] < total);
        let mut columns: Vec<Column> =
            (0..count).map(|alias| Column { keep: 1 << 32, alias }).collect();
        while let (Some(poor), Some(rich)) = (small.pop(), large.last().copied()) {
            let held = mass[poor as usize];
            let keep = u64::try_from((held * FULL + total / 2) / total).ok()?;
            columns[poor as usize] = Column { keep, alias: rich };
            mass[rich as usize] -= total - held;
            if mass[rich as usize] < total {
                large.pop();
                small.push(rich);
            }
        }
        Some(Self { columns })
    }

    /// The choice of a random word: the upper half of its product with the number of columns
    /// is the column, the lower half decides within it.
    #[inline]
    pub(crate) fn choose(&self, word: u32) -> u32 {
        let product = u64::from(word) * self.columns.len() as u64;
        let column = (product >> 32) as u32;
        let Column { keep, alias } = self.columns[column as usize];
        select_unpredictable(product & u64::from(u32::MAX) < keep, column, alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exact probability of each choice, in 2^-32 of a column.
    fn probabilities(table: &AliasTable) -> Vec<u64> {
        let mut mass = vec![0; table.columns.len()];
        for (column, Column { keep, alias }) in table.columns.iter().enumerate() {
            mass[column] += keep;
            mass[*alias as usize] += (1 << 32) - keep;
        }
        mass
    }

    #[test]
    fn choices_follow_their_weights() {
        let weights = [30, 20, 15, 10, 10, 5, 10];
        let table = AliasTable::new(&weights).unwrap();
        for (mass, weight) in probabilities(&table).into_iter().zip(weights) {
            let expected = (weight * 7) << 32;
            assert!((mass * 100).abs_diff(expected) <= 700, "{mass} for {weight}");
        }
    }

    #[test]
    fn what_weighs_nothing_is_never_chosen() {
        let table = AliasTable::new(&[0, 3, 0, 1]).unwrap();
        assert_eq!(probabilities(&table)[0], 0);
        assert_eq!(probabilities(&table)[2], 0);
        assert!(AliasTable::new(&[0, 0]).is_none());
        assert!(AliasTable::new(&[]).is_none());
    }
}
