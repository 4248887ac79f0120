//! Weighted choice in constant time.

use std::hint::select_unpredictable;

/// Walker's alias method, built by Vose's algorithm in integers: each column is chosen equally
/// often and gives its own item or its alias. Items are numbers of the weights, or what stands
/// for them.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable<T = u32> {
    columns: Vec<Column<T>>,
}

#[derive(Clone, Copy, Debug)]
struct Column<T> {
    /// How many of 2^32 words keep the column's own item.
    keep: u64,
    own: T,
    alias: T,
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
        let full = |own| Column { keep: 1 << 32, own, alias: own };
        let mut columns: Vec<Column<u32>> = (0..count).map(full).collect();
        while let (Some(poor), Some(rich)) = (small.pop(), large.last().copied()) {
            let held = mass[poor as usize];
            let keep = u64::try_from((held * FULL + total / 2) / total).ok()?;
            columns[poor as usize] = Column { keep, own: poor, alias: rich };
            mass[rich as usize] -= total - held;
            if mass[rich as usize] < total {
                large.pop();
                small.push(rich);
            }
        }
        Some(Self { columns })
    }

    /// The same choice among items, as many as there were weights.
    pub(crate) fn among<T: Copy>(self, items: &[T]) -> AliasTable<T> {
        let column = |Column { keep, own, alias }: Column<u32>| Column {
            keep,
            own: items[own as usize],
            alias: items[alias as usize],
        };
        AliasTable { columns: self.columns.into_iter().map(column).collect() }
    }
}

impl<T: Copy> AliasTable<T> {
    /// The choice of a random word: the upper half of its product with the number of columns
    /// is the column, the lower half decides within it.
    #[inline]
    pub(crate) fn choose(&self, word: u32) -> T {
        let product = u64::from(word) * self.columns.len() as u64;
        let Column { keep, own, alias } = &self.columns[(product >> 32) as usize];
        *select_unpredictable(product & u64::from(u32::MAX) < *keep, own, alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exact probability of each choice, in 2^-32 of a column.
    fn probabilities(table: &AliasTable) -> Vec<u64> {
        let mut mass = vec![0; table.columns.len()];
        for Column { keep, own, alias } in &table.columns {
            mass[*own as usize] += keep;
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
