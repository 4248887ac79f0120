//! Customers and what they hold.

use crate::id::{AccountId, CardId, UserId};
use crate::ledger::HubId;
use crate::money::{Currency, Money};
use crate::time::{Day, Instant};

/// A customer of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Identifier, `u_1`.
    pub id: UserId,
    /// Login name, unique in the bank.
    pub username: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Home city: a place of the world's catalogue.
    pub city: String,
    /// When the customer was registered, in the bank's time.
    pub created_at: Instant,
    /// What the customer chose for the bank's screens.
    pub settings: Settings,
}

/// A customer's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours of the screens: `light` or `dark`.
    pub theme: String,
    /// Whether the customer wants to be notified.
    pub notifications: bool,
}

/// A deposit account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identifier, `acc_1`.
    pub id: AccountId,
    /// Whose it is.
    pub user: UserId,
    /// What sort of account.
    pub kind: AccountKind,
    /// What it is kept in.
    pub currency: Currency,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// What was in it when the account was opened.
    pub opening_balance: Money,
    /// The ledger balance now.
    pub balance: Money,
    /// Monthly salary that is paid into it; zero for none.
    pub salary: Money,
    /// Who pays the salary.
    pub employer: Option<HubId>,
    /// Number of postings in the account's book, its cards' included; also the last sequence.
    pub postings: u64,
}

/// What sort of deposit account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// For everyday payments.
    Checking,
    /// For putting money by.
    Savings,
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Money may neither come nor go.
    Frozen,
    /// Closed for good, empty.
    Closed,
}

/// A credit card, which spends against its limit and is paid from its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Identifier, `card_1`.
    pub id: CardId,
    /// The account that pays its bill.
    pub account: AccountId,
    /// Last four digits of the number; the others are never kept.
    pub last_four: u16,
    /// Whether it can be used.
    pub status: CardStatus,
    /// The most that may be owed on it.
    pub limit: Money,
    /// Day of the month on which the bill is paid.
    pub billing_day: u8,
    /// Name of the spending profile in the preset.
    pub profile: String,
    /// What is owed on it now: not negative, unless it was credited beyond its debt.
    pub spend: Money,
    /// When it was issued.
    pub issued: Day,
    /// Last day on which it is valid.
    pub expires: Day,
    /// When the bill was last paid.
    pub last_bill: Option<Day>,
    /// Number of postings on the card.
    pub postings: u64,
}

/// Whether a card can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardStatus {
    /// In use.
    Active,
    /// Stopped by the customer or the bank.
    Blocked,
    /// Past its last day.
    Expired,
}

macro_rules! named {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that clients see.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The value of a name that clients write.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }

            /// The value as it is stored.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The value of a stored code.
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code)).copied()
            }
        }
    };
}

named!(AccountKind { Checking = "CHECKING", Savings = "SAVINGS" });
named!(AccountStatus { Active = "ACTIVE", Frozen = "FROZEN", Closed = "CLOSED" });
named!(CardStatus { Active = "ACTIVE", Blocked = "BLOCKED", Expired = "EXPIRED" });

impl Card {
    /// The number as clients see it, `****-****-****-1234`.
    pub fn masked_number(&self) -> String {
        format!("****-****-****-{:04}", self.last_four)
    }

    /// The status on a day: a card in use expires when its last day is over.
    pub fn status_on(&self, day: Day) -> CardStatus {
        if self.status == CardStatus::Active && day > self.expires {
            CardStatus::Expired
        } else {
            self.status
        }
    }
}
