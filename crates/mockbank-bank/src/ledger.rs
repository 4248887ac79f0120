//! The accounts of the ledger: the customers', their cards', the counterparties' and the bank's own.

use std::fmt;

use crate::id::{AccountId, CardId};

/// One account of the ledger, on either side of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// One of the bank's own accounts.
    Bank(BankAccount),
    /// A counterparty that the bank settles with: an employer, a merchant.
    Hub(HubId),
    /// A customer's deposit account.
    Deposit(AccountId),
    /// A customer's card: what is owed on it, below zero.
    Card(CardId),
}

/// The bank's own accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BankAccount {
    /// What customers brought with them when their accounts were opened.
    OpeningBalances,
    /// The other side of manual transactions.
    ManualEntries,
    /// Cash in the tills and machines.
    Cash,
    /// Fees earned.
    FeeIncome,
    /// Interest paid to savers.
    InterestExpense,
    /// Interest earned on overdrafts, cards and loans.
    InterestIncome,
    /// Payments to and from other banks.
    Settlement,
    /// What was written off.
    Losses,
}

impl BankAccount {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::OpeningBalances,
        Self::ManualEntries,
        Self::Cash,
        Self::FeeIncome,
        Self::InterestExpense,
        Self::InterestIncome,
        Self::Settlement,
        Self::Losses,
    ];

    /// The name in listings, `opening-balances`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpeningBalances => "opening-balances",
            Self::ManualEntries => "manual-entries",
            Self::Cash => "cash",
            Self::FeeIncome => "fee-income",
            Self::InterestExpense => "interest-expense",
            Self::InterestIncome => "interest-income",
            Self::Settlement => "settlement",
            Self::Losses => "losses",
        }
    }
}

/// A counterparty, numbered from 0 in the order of the world's catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubId(pub u32);

/// Bits of a ledger account's code that tell its class.
const CLASS_BITS: u32 = 2;

impl LedgerAccount {
    /// The account as one integer, as it is stored: two bits of class below the number.
    pub fn code(self) -> i64 {
        let (class, number) = match self {
            Self::Bank(account) => (0, account as i64),
            Self::Hub(hub) => (1, i64::from(hub.0)),
            Self::Deposit(account) => (2, account.number()),
            Self::Card(card) => (3, card.number()),
        };
        number << CLASS_BITS | class
    }

    /// The account of a code, or `None` if no account has it.
    pub fn from_code(code: i64) -> Option<Self> {
        let number = code >> CLASS_BITS;
        let counted = (1..=crate::id::MAX_NUMBER).contains(&number);
        match code & ((1 << CLASS_BITS) - 1) {
            0 => BankAccount::ALL.get(usize::try_from(number).ok()?).copied().map(Self::Bank),
            1 => u32::try_from(number).ok().map(|hub| Self::Hub(HubId(hub))),
            2 => counted.then(|| Self::Deposit(AccountId::new(number))),
            _ => counted.then(|| Self::Card(CardId::new(number))),
        }
    }

    /// Whether the account belongs to a customer, so that the movement's other side has a posting
    /// of its own; the bank's and the counterparties' sides are kept as totals.
    pub const fn is_customers(self) -> bool {
        matches!(self, Self::Deposit(_) | Self::Card(_))
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank(account) => write!(f, "bank:{}", account.name()),
            Self::Hub(hub) => write!(f, "hub:{}", hub.0),
            Self::Deposit(account) => account.fmt(f),
            Self::Card(card) => card.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        let accounts = BankAccount::ALL.into_iter().map(LedgerAccount::Bank).chain([
            LedgerAccount::Hub(HubId(0)),
            LedgerAccount::Hub(HubId(u32::MAX)),
            LedgerAccount::Deposit(AccountId::new(1)),
            LedgerAccount::Card(CardId::new(crate::id::MAX_NUMBER)),
        ]);
        for account in accounts {
            assert_eq!(LedgerAccount::from_code(account.code()), Some(account));
        }
        for code in [-1, 2, 3, 8 << 2, i64::MIN, i64::MAX] {
            assert_eq!(LedgerAccount::from_code(code), None, "{code}");
        }
    }
}
