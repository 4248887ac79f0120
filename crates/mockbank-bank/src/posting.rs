//! Postings: the lines of the ledger.

use crate::id::{AccountId, CardId, GroupId, TransactionId};
use crate::ledger::LedgerAccount;
use crate::money::Money;
use crate::reference::PostingRef;
use crate::time::Instant;

/// One line in a customer's book.
///
/// A book belongs to a deposit account and holds the account's own postings and those of its
/// cards, numbered without gaps. `card` tells which of the two ledger accounts the amount moved:
/// the card's if there is one, else the deposit account's. The same amount with the other sign
/// moved on `contra`. Where `contra` is a customer's ledger account too, that side stands in a
/// posting of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Whose book it stands in.
    pub account: AccountId,
    /// Place in the book, from 1 without gaps.
    pub sequence: u64,
    /// Value date and time; never before that of the posting in front of it.
    pub at: Instant,
    /// What moved the money.
    pub kind: PostingKind,
    /// Category: a number of the world's catalogue.
    pub category: u16,
    /// Amount; negative is a debit.
    pub amount: Money,
    /// The card whose ledger account moved; `None` if the deposit account's did.
    pub card: Option<CardId>,
    /// The other side.
    pub contra: LedgerAccount,
    /// Balance of the deposit account after the posting.
    pub balance: Money,
    /// Balance of the card's ledger account after the posting, negative when money is owed; zero
    /// where there is no card.
    pub card_balance: Money,
    /// Description: a number of the world's catalogue.
    pub description: u32,
    /// Place: a number of the world's catalogue.
    pub place: u32,
    /// Which stream made it, and which of the account's postings of that stream and day it is.
    pub reference: PostingRef,
    /// Links the two records of a transfer.
    pub group: Option<GroupId>,
}

impl Posting {
    /// The ledger account that moved by `amount`.
    pub fn ledger_account(&self) -> LedgerAccount {
        self.card.map_or(LedgerAccount::Deposit(self.account), LedgerAccount::Card)
    }

    /// The transaction's identifier.
    pub fn transaction_id(&self) -> TransactionId {
        TransactionId { account: self.account, day: self.at.day(), reference: self.reference }
    }
}

/// What moved the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PostingKind {
    /// A purchase with a card.
    Purchase,
    /// Wages.
    Payroll,
    /// A card's bill, paid from the deposit account: one posting on each of the two.
    CardPayment,
    /// One of the two records of a transfer between accounts.
    Transfer,
    /// Entered by hand.
    Manual,
    /// Money back from a merchant.
    Refund,
    /// A bill collected or a standing order paid.
    DirectDebit,
    /// Cash taken out or paid in.
    Cash,
    /// A fee of the bank.
    Fee,
    /// Interest, either way.
    Interest,
    /// A correction that takes an earlier posting back.
    Reversal,
}

impl PostingKind {
    /// Every kind, in the order of the codes.
    pub const ALL: [Self; 11] = [
        Self::Purchase,
        Self::Payroll,
        Self::CardPayment,
        Self::Transfer,
        Self::Manual,
        Self::Refund,
        Self::DirectDebit,
        Self::Cash,
        Self::Fee,
        Self::Interest,
        Self::Reversal,
    ];

    /// The kind as it is stored.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name in files and listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Purchase => "PURCHASE",
            Self::Payroll => "PAYROLL",
            Self::CardPayment => "CARD_PAYMENT",
            Self::Transfer => "TRANSFER",
            Self::Manual => "MANUAL",
            Self::Refund => "REFUND",
            Self::DirectDebit => "DIRECT_DEBIT",
            Self::Cash => "CASH",
            Self::Fee => "FEE",
            Self::Interest => "INTEREST",
            Self::Reversal => "REVERSAL",
        }
    }
}

/// Rows of a [`PostingBlock`].
const BLOCK_ROWS: usize = 32;

macro_rules! batch {
    ($($(#[$doc:meta])* $column:ident: $type:ty = $pack:expr;)+) => {
        /// Postings as columns, in the integers that stores and files keep.
        ///
        /// All columns have the same length. Bounded by whoever fills it, so memory follows the
        /// batch and not the world.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct PostingBatch {
            $($(#[$doc])* pub $column: Vec<$type>,)+
        }

        impl PostingBatch {
            /// An empty batch with room for `rows` postings.
            pub fn with_capacity(rows: usize) -> Self {
                Self { $($column: Vec::with_capacity(rows),)+ }
            }

            /// Puts a posting at the end.
            #[inline]
            pub fn push(&mut self, posting: &Posting) {
                $(self.$column.push(($pack as fn(&Posting) -> $type)(posting));)+
            }

            /// Forgets the rows and keeps the room.
            pub fn clear(&mut self) {
                $(self.$column.clear();)+
            }

            /// Puts another batch's rows at the end.
            pub fn append(&mut self, other: &Self) {
                $(self.$column.extend_from_slice(&other.$column);)+
            }
        }

        /// A few postings on their way to the end of a batch.
        ///
        /// The columns of a large batch lie apart by multiples of a page, so writing them row by
        /// row makes them drive each other out of the cache; here they are gathered first.
        #[derive(Clone, Debug)]
        pub struct PostingBlock {
            rows: usize,
            $($column: [$type; BLOCK_ROWS],)+
        }

        impl Default for PostingBlock {
            fn default() -> Self {
                Self { rows: 0, $($column: [0; BLOCK_ROWS],)+ }
            }
        }

        impl PostingBlock {
            /// Takes a posting; those before it go to the end of `batch` when there is no room.
            #[inline(always)]
            pub fn push(&mut self, posting: &Posting, batch: &mut PostingBatch) {
                if self.rows >= BLOCK_ROWS {
                    self.hand_on(batch);
                }
                let row = self.rows % BLOCK_ROWS;
                $(self.$column[row] = ($pack as fn(&Posting) -> $type)(posting);)+
                self.rows = row + 1;
            }

            /// Puts what was taken at the end of a batch.
            pub fn hand_on(&mut self, batch: &mut PostingBatch) {
                if self.rows == BLOCK_ROWS {
                    // Copies of a size that the compiler knows need no look at it.
                    $(batch.$column.extend_from_slice(&self.$column);)+
                } else {
                    let rows = self.rows;
                    $(batch.$column.extend_from_slice(&self.$column[..rows]);)+
                }
                self.rows = 0;
            }
        }
    };
}

batch! {
    /// Number of the account in whose book the posting stands.
    account: i64 = |p| p.account.number();
    /// Place in the book.
    sequence: i64 = |p| p.sequence.cast_signed();
    /// Seconds since 1970-01-01T00:00:00Z.
    at: i64 = |p| p.at.seconds();
    /// [`PostingKind`].
    kind: u8 = |p| p.kind.code();
    /// Number of the category.
    category: u16 = |p| p.category;
    /// Minor units; negative is a debit.
    amount: i64 = |p| p.amount.minor();
    /// Number of the card, 0 for none.
    card: i64 = |p| p.card.map_or(0, CardId::number);
    /// Code of the ledger account on the other side.
    contra: i64 = |p| p.contra.code();
    /// Deposit account's balance after the posting, in minor units.
    balance: i64 = |p| p.balance.minor();
    /// Card's balance after the posting, in minor units; 0 without a card.
    card_balance: i64 = |p| p.card_balance.minor();
    /// Number of the description.
    description: u32 = |p| p.description;
    /// Number of the place.
    place: u32 = |p| p.place;
    /// Code of the [`PostingRef`].
    reference: i64 = |p| p.reference.code();
    /// Number of the transfer's group, 0 for none.
    group: i64 = |p| p.group.map_or(0, GroupId::number);
}

impl PostingBatch {
    /// Number of postings.
    pub fn len(&self) -> usize {
        self.account.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.account.is_empty()
    }

    /// The posting in a row, or `None` past the end or where a column holds no valid code.
    pub fn get(&self, row: usize) -> Option<Posting> {
        let number = |number: i64| (1..=crate::id::MAX_NUMBER).contains(&number).then_some(number);
        let account = number(*self.account.get(row)?)?;
        let optional = |value: i64| match value {
            0 => Some(None),
            value => number(value).map(Some),
        };
        Some(Posting {
            account: AccountId::new(account),
            sequence: u64::try_from(self.sequence[row]).ok()?,
            at: Instant::from_seconds(self.at[row]),
            kind: PostingKind::from_code(self.kind[row])?,
            category: self.category[row],
            amount: Money::from_minor(self.amount[row]),
            card: optional(self.card[row])?.map(CardId::new),
            contra: LedgerAccount::from_code(self.contra[row])?,
            balance: Money::from_minor(self.balance[row]),
            card_balance: Money::from_minor(self.card_balance[row]),
            description: self.description[row],
            place: self.place[row],
            reference: PostingRef::from_code(self.reference[row])?,
            group: match self.group[row] {
                0 => None,
                group => Some((1..=GroupId::MAX).contains(&group).then(|| GroupId::new(group))?),
            },
        })
    }

    /// The postings in their order; stops at a row that holds no valid code.
    pub fn iter(&self) -> impl Iterator<Item = Posting> {
        (0..self.len()).map_while(|row| self.get(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{BankAccount, HubId};
    use crate::reference::Stream;

    #[test]
    fn a_batch_gives_back_what_it_took() {
        let deposit = Posting {
            account: AccountId::new(7),
            sequence: 3,
            at: Instant::from_seconds(1_735_689_600),
            kind: PostingKind::Payroll,
            category: 0,
            amount: Money::from_minor(123_456),
            card: None,
            contra: LedgerAccount::Hub(HubId(4)),
            balance: Money::from_minor(200_000),
            card_balance: Money::ZERO,
            description: 9,
            place: 2,
            reference: PostingRef::new(Stream::from_code(17), 1).unwrap(),
            group: Some(GroupId::new(5)),
        };
        let card = Posting {
            card: Some(CardId::new(7)),
            contra: LedgerAccount::Bank(BankAccount::ManualEntries),
            amount: Money::from_minor(-1),
            group: None,
            ..deposit
        };
        let mut batch = PostingBatch::with_capacity(2);
        batch.push(&deposit);
        batch.push(&card);
        assert_eq!(batch.iter().collect::<Vec<_>>(), [deposit, card]);
        batch.contra[1] = -1;
        assert_eq!(batch.get(1), None);
        assert_eq!(batch.get(2), None);
    }

    #[test]
    fn a_block_hands_on_what_it_took() {
        let posting = Posting {
            account: AccountId::new(7),
            sequence: 1,
            at: Instant::from_seconds(1_735_689_600),
            kind: PostingKind::Purchase,
            category: 3,
            amount: Money::from_minor(-5),
            card: Some(CardId::new(8)),
            contra: LedgerAccount::Hub(HubId(4)),
            balance: Money::from_minor(200_000),
            card_balance: Money::from_minor(-5),
            description: 9,
            place: 2,
            reference: PostingRef::new(Stream::from_code(17), 1).unwrap(),
            group: Some(GroupId::new(5)),
        };
        for rows in 0..3 * BLOCK_ROWS as u64 {
            let (mut block, mut gathered, mut one_by_one) = Default::default();
            for sequence in 1..=rows {
                PostingBlock::push(&mut block, &Posting { sequence, ..posting }, &mut gathered);
                PostingBatch::push(&mut one_by_one, &Posting { sequence, ..posting });
            }
            block.hand_on(&mut gathered);
            block.hand_on(&mut gathered);
            assert_eq!(gathered, one_by_one);
        }
    }
}
