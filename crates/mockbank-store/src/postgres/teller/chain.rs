//! Where the chain of seals ends, as far as a teller can know.

use crate::seal::SealHash;

/// Number and hash of a seal.
pub(super) type End = (i64, SealHash);

/// Groups that look the end up after others have appended to the chain. As long as they do, a group
/// that relied on its own memory would mostly be carried out twice.
const WARY: u32 = 32;

/// The end of the chain as the last group left it.
///
/// A teller that is alone need not ask for it, and so seals and commits in the same breath. Should
/// somebody have appended all the same, the next number is taken, and the server refuses the group.
#[derive(Debug, Default)]
pub(super) struct ChainEnd {
    own: Option<End>,
    /// Groups that still look the end up.
    wary: u32,
}

impl ChainEnd {
    /// The end, where it is worth relying on it.
    pub(super) fn expected(&self) -> Option<End> {
        self.own.filter(|_| self.wary == 0)
    }

    /// A group has looked the end up.
    pub(super) fn found(&mut self, end: End) {
        match self.own {
            Some(own) if own != end => self.wary = WARY,
            _ => self.wary = self.wary.saturating_sub(1),
        }
    }

    /// A group was committed, and the chain ends with it.
    pub(super) fn leave(&mut self, end: End) {
        self.own = Some(end);
    }

    /// Somebody else has appended to the chain, where it was relied on that nobody had.
    pub(super) fn meet(&mut self) {
        self.wary = WARY;
    }

    /// What is known is of no use any more.
    pub(super) fn forget(&mut self) {
        self.own = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(number: i64) -> End {
        (number, [0; 32])
    }

    #[test]
    fn the_end_is_relied_on_until_others_append_and_again_when_they_have_been_away() {
        let mut chain = ChainEnd::default();
        assert_eq!(chain.expected(), None);
        chain.found(end(3));
        chain.leave(end(5));
        assert_eq!(chain.expected(), Some(end(5)));
        chain.meet();
        for number in 5..5 + i64::from(WARY) {
            assert_eq!(chain.expected(), None);
            chain.found(end(number));
            chain.leave(end(number + 1));
        }
        assert_eq!(chain.expected(), Some(end(5 + i64::from(WARY))));
        chain.forget();
        assert_eq!(chain.expected(), None);
    }

    #[test]
    fn an_end_that_is_anothers_is_looked_up_for_a_while() {
        let mut chain = ChainEnd::default();
        chain.found(end(1));
        chain.leave(end(2));
        chain.found(end(9));
        chain.leave(end(10));
        assert_eq!(chain.expected(), None);
    }
}
