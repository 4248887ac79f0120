//! One thread reads and writes the store while another computes, a bounded distance apart.

use std::sync::mpsc::sync_channel;

/// What the store's side of a pipeline does.
pub(crate) trait Stage {
    /// What there is to compute.
    type Work: Send;
    /// What comes of it.
    type Product: Send;
    /// Why the whole may fail.
    type Error: Send;

    /// The next piece of work, or `None` when there is no more.
    fn next(&mut self) -> Result<Option<Self::Work>, Self::Error>;

    /// Takes what came of a piece, in the order of the pieces.
    fn take(&mut self, product: Self::Product) -> Result<(), Self::Error>;
}

/// Pieces that may be under way at once: one is computed while the next one waits.
const DEPTH: usize = 2;

/// Runs a stage to its end, computing on another thread. The first error ends it.
pub(crate) fn run<S: Stage>(
    stage: &mut S,
    compute: impl Fn(S::Work) -> Result<S::Product, S::Error> + Send,
) -> Result<(), S::Error> {
    std::thread::scope(|scope| {
        let (give_work, work) = sync_channel(DEPTH);
        let (give_product, products) = sync_channel(DEPTH);
        scope.spawn(move || {
            for piece in work {
                if give_product.send(compute(piece)).is_err() {
                    return;
                }
            }
        });
        let mut under_way = 0;
        let mut more = true;
        while more || under_way > 0 {
            while more && under_way < DEPTH {
                let Some(piece) = stage.next()? else {
                    more = false;
                    break;
                };
                // Fails only if the computing thread panicked, which the scope passes on.
                more = give_work.send(piece).is_ok();
                under_way += 1;
            }
            if under_way > 0 {
                let Ok(product) = products.recv() else { break };
                under_way -= 1;
                stage.take(product?)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers {
        next: u32,
        end: u32,
        fail_at: Option<u32>,
        taken: Vec<u32>,
    }

    impl Stage for Numbers {
        type Work = u32;
        type Product = u32;
        type Error = String;

        fn next(&mut self) -> Result<Option<u32>, String> {
            self.next += 1;
            Ok((self.next <= self.end).then_some(self.next))
        }

        fn take(&mut self, product: u32) -> Result<(), String> {
            if self.fail_at == Some(product) {
                return Err(format!("no room for {product}"));
            }
            self.taken.push(product);
            Ok(())
        }
    }

    #[test]
    fn products_arrive_in_the_order_of_the_work() {
        let mut numbers = Numbers { next: 0, end: 100, fail_at: None, taken: Vec::new() };
        assert_eq!(run(&mut numbers, |number| Ok(number * 2)), Ok(()));
        assert_eq!(numbers.taken, (1..=100).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_error_of_either_side_ends_it() {
        let mut numbers = Numbers { next: 0, end: 100, fail_at: Some(7), taken: Vec::new() };
        assert_eq!(run(&mut numbers, Ok), Err("no room for 7".to_owned()));
        let mut numbers = Numbers { next: 0, end: 100, fail_at: None, taken: Vec::new() };
        let odd = |number| if number == 5 { Err("five".to_owned()) } else { Ok(number) };
        assert_eq!(run(&mut numbers, odd), Err("five".to_owned()));
        assert_eq!(numbers.taken, [1, 2, 3, 4]);
    }
}
