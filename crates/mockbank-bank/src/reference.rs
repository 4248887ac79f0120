//! Which posting of an account and a day it is, by what made it.

/// Where a posting comes from: the bank's own streams below 16, the simulation's above.
///
/// The simulation numbers its behaviours itself; the number is part of a transaction's identifier
/// and never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream(u8);

impl Stream {
    /// Movements that somebody asked for: through the API, the terminal or the dashboard. The
    /// index of such a posting is its sequence in the book.
    pub const COMMANDS: Self = Self(0);

    /// The first number that the simulation gives out.
    pub const FIRST_SIMULATED: u8 = 16;

    /// The stream of a number.
    pub const fn from_code(code: u8) -> Self {
        Self(code)
    }

    /// The stream's number.
    pub const fn code(self) -> u8 {
        self.0
    }
}

/// A stream and an index in it: unique for an account and a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostingRef(u64);

impl PostingRef {
    /// The largest index: 30 bits.
    pub const MAX_INDEX: u32 = (1 << 30) - 1;

    /// The reference, or `None` if the index is larger than [`Self::MAX_INDEX`].
    pub const fn new(stream: Stream, index: u32) -> Option<Self> {
        if index > Self::MAX_INDEX {
            return None;
        }
        Some(Self((index as u64) << 8 | stream.0 as u64))
    }

    /// The stream that made the posting.
    pub const fn stream(self) -> Stream {
        Stream((self.0 & 0xff) as u8)
    }

    /// Which of the stream's postings of that account and day it is.
    #[expect(clippy::cast_possible_truncation, reason = "the index has 30 bits")]
    pub const fn index(self) -> u32 {
        (self.0 >> 8) as u32
    }

    /// As one integer, as it is stored: small for the first of a day.
    pub const fn code(self) -> i64 {
        self.0.cast_signed()
    }

    /// The reference of a stored integer.
    pub fn from_code(code: i64) -> Option<Self> {
        let bits = u64::try_from(code).ok()?;
        (bits >> 8 <= u64::from(Self::MAX_INDEX)).then_some(Self(bits))
    }
}
