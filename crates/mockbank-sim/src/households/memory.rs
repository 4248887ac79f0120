//! What a household remembers from one day to the next: small, explicit, and kept as bytes.
//!
//! What a day is drawn from changes at the end of days alone; what changes while a day is applied
//! (statements, pending items) is read when later movements are applied. So steps may end anywhere.

use crate::label::{Label, Phase, Role, Typology};

/// A customer's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// How freely is spent, in thousandths; follows what is on the account.
    pub(crate) ease: u16,
    /// Day of the last income, and its amount in minor units.
    pub(crate) paid: u16,
    pub(crate) paid_amount: i64,
    /// Day of the last purchase of the first need (groceries).
    pub(crate) groceries: u16,
    /// Number of the employer.
    pub(crate) employer: u32,
    /// Wages against those of the first job, in thousandths.
    pub(crate) pay_level: u32,
    /// Day on which the next job begins, 0 for having one.
    pub(crate) jobless_until: u16,
    /// Closing balances of the savings account this month, summed.
    pub(crate) savings_sum: i64,
    /// Whether the account was below zero at the end of the last day.
    pub(crate) overdrawn: bool,
    /// Whether a fee is due for that.
    pub(crate) fee_due: bool,
    /// Whether money is to come back from savings.
    pub(crate) low: bool,
    /// The breach in which the customer's card was exposed, counted from one.
    pub(crate) exposed: u8,
    /// Money of schemes on the checking account.
    pub(crate) taint: Option<Taint>,
    pub(crate) cards: Vec<CardMemory>,
    pub(crate) pending: Vec<Pending>,
}

/// Tainted money on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taint {
    /// The latest payment that brought some.
    pub(crate) label: Label,
    /// In minor units.
    pub(crate) amount: i64,
}

/// What is remembered of a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CardMemory {
    /// What the last statement asked for, less what was paid since, in minor units.
    pub(crate) statement: i64,
    /// The least that had to be paid of it.
    pub(crate) minimum: i64,
    /// Closing balances since the last statement, summed, and their number.
    pub(crate) sum: i64,
    pub(crate) days: u16,
    /// Whether a part of the last statement was left unpaid, so that interest runs.
    pub(crate) revolving: bool,
}

/// What will be posted later because of something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Day on which it is posted, and the second of it.
    pub(crate) due: u16,
    pub(crate) second: u32,
    pub(crate) sort: Sort,
    /// What its reference counts.
    pub(crate) index: u32,
    /// Minor units; negative takes money.
    pub(crate) amount: i64,
    /// Index of the card plus one, 0 for the deposit account.
    pub(crate) card: u8,
    pub(crate) contra: i64,
    pub(crate) category: u16,
    pub(crate) description: u32,
    pub(crate) place: u32,
    pub(crate) label: Option<Label>,
}

/// Sorts of pending items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A purchase that was authorised before.
    Clearing,
    /// Goods brought back.
    Refund,
    /// A posting taken back.
    Reversal,
    /// A bill that could not be collected at first.
    Retry,
    /// A bill that the customer could not pay at first.
    Postponed,
}

impl Sort {
    const ALL: [Self; 5] =
        [Self::Clearing, Self::Refund, Self::Reversal, Self::Retry, Self::Postponed];
}

/// First byte of a memory; another layout takes another.
const LAYOUT: u8 = 2;

impl Memory {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(vec![LAYOUT]);
        out.put(u64::from(self.ease));
        out.put(u64::from(self.paid));
        out.put_signed(self.paid_amount);
        out.put(u64::from(self.groceries));
        out.put(u64::from(self.employer));
        out.put(u64::from(self.pay_level));
        out.put(u64::from(self.jobless_until));
        out.put_signed(self.savings_sum);
        let flags = [self.overdrawn, self.fee_due, self.low];
        out.put(flags.iter().fold(0, |bits, flag| bits << 1 | u64::from(*flag)));
        out.put(u64::from(self.exposed));
        out.put_label(self.taint.map(|taint| taint.label));
        if let Some(taint) = self.taint {
            out.put_signed(taint.amount);
        }
        out.put(self.cards.len() as u64);
        for card in &self.cards {
            out.put_signed(card.statement);
            out.put_signed(card.minimum);
            out.put_signed(card.sum);
            out.put(u64::from(card.days) << 1 | u64::from(card.revolving));
        }
        out.put(self.pending.len() as u64);
        for item in &self.pending {
            for value in [
                u64::from(item.due),
                u64::from(item.second),
                item.sort as u64,
                u64::from(item.index),
                u64::from(item.card),
                u64::from(item.category),
                u64::from(item.description),
                u64::from(item.place),
            ] {
                out.put(value);
            }
            out.put_signed(item.amount);
            out.put_signed(item.contra);
            out.put_label(item.label);
        }
        out.0
    }

    /// The memory of bytes, or `None` where they were written by another version.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (layout, rest) = bytes.split_first()?;
        let mut from = (*layout == LAYOUT).then_some(Reader(rest))?;
        let mut memory = Self {
            ease: from.take()?,
            paid: from.take()?,
            paid_amount: from.take_signed()?,
            groceries: from.take()?,
            employer: from.take()?,
            pay_level: from.take()?,
            jobless_until: from.take()?,
            savings_sum: from.take_signed()?,
            ..Self::default()
        };
        let flags: u8 = from.take()?;
        (memory.overdrawn, memory.fee_due, memory.low) =
            (flags & 4 != 0, flags & 2 != 0, flags & 1 != 0);
        memory.exposed = from.take()?;
        if from.flag()? {
            memory.taint = Some(Taint { label: from.label()?, amount: from.take_signed()? });
        }
        let cards: u32 = from.take()?;
        for _ in 0..cards {
            let (statement, minimum) = (from.take_signed()?, from.take_signed()?);
            let sum = from.take_signed()?;
            let days: u32 = from.take()?;
            let (days, revolving) = (u16::try_from(days >> 1).ok()?, days & 1 == 1);
            memory.cards.push(CardMemory { statement, minimum, sum, days, revolving });
        }
        let pending: u32 = from.take()?;
        for _ in 0..pending {
            memory.pending.push(from.pending()?);
        }
        from.0.is_empty().then_some(memory)
    }
}

/// Writes integers of variable length: seven bits a byte, the lowest first.
struct Writer(Vec<u8>);

impl Writer {
    fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    /// Small numbers of either sign stay short.
    fn put_signed(&mut self, value: i64) {
        self.put((value << 1 ^ value >> 63).cast_unsigned());
    }

    fn put_label(&mut self, label: Option<Label>) {
        self.put(label.is_some().into());
        let Some(label) = label else { return };
        self.put_signed(label.scheme);
        for code in [label.typology.code(), label.role.code(), label.phase.code(), label.hop] {
            self.put(code.into());
        }
        self.put(label.taint.into());
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn word(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.word()?).ok()
    }

    fn take_signed(&mut self) -> Option<i64> {
        let word = self.word()?;
        Some((word >> 1).cast_signed() ^ -((word & 1).cast_signed()))
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.take::<u8>()? != 0)
    }

    fn label(&mut self) -> Option<Label> {
        Some(Label {
            scheme: self.take_signed()?,
            typology: Typology::from_code(self.take()?)?,
            role: Role::from_code(self.take()?)?,
            phase: Phase::from_code(self.take()?)?,
            hop: self.take()?,
            taint: self.take()?,
        })
    }

    fn pending(&mut self) -> Option<Pending> {
        Some(Pending {
            due: self.take()?,
            second: self.take()?,
            sort: Sort::ALL.get(self.take::<usize>()?).copied()?,
            index: self.take()?,
            card: self.take()?,
            category: self.take()?,
            description: self.take()?,
            place: self.take()?,
            amount: self.take_signed()?,
            contra: self.take_signed()?,
            label: if self.flag()? { Some(self.label()?) } else { None },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_read_back_and_others_refused() {
        let label = Label {
            scheme: 1 << 60,
            typology: Typology::Stack,
            role: Role::Mule,
            phase: Phase::Restitution,
            hop: 3,
            taint: 1_000,
        };
        let memory = Memory {
            exposed: 1,
            taint: Some(Taint { label, amount: 1 << 40 }),
            ease: 1_000,
            paid_amount: -5,
            savings_sum: i64::MIN,
            overdrawn: true,
            low: true,
            cards: vec![CardMemory {
                statement: 7,
                days: 31,
                revolving: true,
                ..CardMemory::default()
            }],
            pending: vec![Pending {
                due: 20_000,
                second: 86_399,
                sort: Sort::Retry,
                index: 77,
                amount: i64::MAX,
                card: 2,
                contra: 4_097,
                category: 9,
                description: 1 << 20,
                place: 250,
                label: Some(label),
            }],
            ..Memory::default()
        };
        let bytes = memory.to_bytes();
        assert_eq!(Memory::from_bytes(&bytes), Some(memory));
        assert_eq!(Memory::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Memory::from_bytes(&[2, 0]), None);
        assert_eq!(Memory::from_bytes(&[]), None);
    }
}
