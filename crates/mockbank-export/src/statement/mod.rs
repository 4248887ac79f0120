//! Statements: what happened on an account or a card in a period, for accounting programs.
//!
//! [`ofx`] and [`camt053`] write the same [`Statement`]. One that does not lead from its opening
//! to its closing balance cannot be made.

pub mod camt053;
pub mod ofx;
mod xml;

use mockbank_bank::{
    Account, Card, Catalog, Currency, Day, HubId, Instant, LedgerAccount, Money, Posting,
    PostingKind, TransactionId, User,
};

use crate::error::{ExportError, Result};

/// The bank that issues a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// Its name.
    pub name: String,
    /// Its routing number; at most 9 characters of it are written.
    pub routing_number: String,
}

/// What a statement is about.
#[derive(Clone, Copy, Debug)]
pub enum Holding<'a> {
    /// A deposit account.
    Account(&'a Account),
    /// A card, with the account that pays its bill.
    Card(&'a Card, &'a Account),
}

impl Holding<'_> {
    /// The ledger account whose lines the statement holds.
    pub fn ledger_account(self) -> LedgerAccount {
        match self {
            Self::Account(account) => LedgerAccount::Deposit(account.id),
            Self::Card(card, _) => LedgerAccount::Card(card.id),
        }
    }

    /// The currency of its amounts.
    pub fn currency(self) -> Currency {
        match self {
            Self::Account(account) | Self::Card(_, account) => account.currency,
        }
    }

    fn number(self) -> String {
        self.ledger_account().to_string()
    }
}

/// Whole days, the first and the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

impl Period {
    fn contains(self, at: Instant) -> bool {
        (self.from..=self.to).contains(&at.day())
    }

    /// The last second of the last day.
    fn end(self) -> Instant {
        Instant::from_seconds(self.to.start().seconds() + mockbank_bank::time::SECONDS_PER_DAY - 1)
    }
}

/// A posting with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The transaction's identifier.
    pub id: TransactionId,
    /// The ledger account that moved.
    pub ledger_account: LedgerAccount,
    /// When it was posted.
    pub at: Instant,
    /// What moved the money.
    pub kind: PostingKind,
    /// What moved, seen from the customer; negative is a debit.
    pub amount: Money,
    /// Text of the transaction.
    pub description: String,
    /// Name of the other side, where it has one.
    pub counterparty: Option<String>,
}

impl Line {
    /// A posting with the texts of its catalogue.
    ///
    /// # Errors
    /// If the posting holds a number that the catalogue does not know.
    pub fn new(posting: &Posting, catalog: &Catalog) -> Result<Self> {
        let description = usize::try_from(posting.description)
            .ok()
            .and_then(|number| catalog.descriptions.get(number))
            .ok_or(ExportError::UnknownCode {
                column: "description",
                value: posting.description.into(),
            })?;
        let counterparty = match posting.contra {
            LedgerAccount::Hub(HubId(number)) => {
                let hub = usize::try_from(number).ok().and_then(|hub| catalog.hubs.get(hub));
                let hub = hub.ok_or(ExportError::UnknownCode {
                    column: "contra account",
                    value: posting.contra.code(),
                })?;
                Some(hub.name.clone())
            }
            LedgerAccount::Bank(_) | LedgerAccount::Deposit(_) | LedgerAccount::Card(_) => None,
        };
        Ok(Self {
            id: posting.transaction_id(),
            ledger_account: posting.ledger_account(),
            at: posting.at,
            kind: posting.kind,
            amount: posting.amount,
            description: description.clone(),
            counterparty,
        })
    }
}

/// A statement whose lines lead from its opening to its closing balance.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    bank: &'a Bank,
    owner: &'a User,
    holding: Holding<'a>,
    period: Period,
    created: Instant,
    opening: Money,
    lines: &'a [Line],
    closing: Money,
}

/// Balances at both ends of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balances {
    /// At the start of the first day.
    pub opening: Money,
    /// At the end of the last day.
    pub closing: Money,
}

impl<'a> Statement<'a> {
    /// A statement with these lines, the oldest first, made at an instant of the bank's time.
    ///
    /// # Errors
    /// If a line is of another ledger account or lies outside the period, or if the opening
    /// balance and the lines do not add up to the closing balance.
    pub fn new(
        bank: &'a Bank,
        owner: &'a User,
        holding: Holding<'a>,
        period: Period,
        created: Instant,
        balances: Balances,
        lines: &'a [Line],
    ) -> Result<Self> {
        if period.from > period.to {
            return Err(ExportError::EmptyPeriod);
        }
        let belongs = |line: &&Line| {
            line.ledger_account == holding.ledger_account() && period.contains(line.at)
        };
        if let Some(foreign) = lines.iter().find(|line| !belongs(line)) {
            return Err(ExportError::ForeignLine(foreign.id));
        }
        let Balances { opening, closing } = balances;
        let moved: i128 = lines.iter().map(|line| line.amount).sum();
        let sum = i128::from(opening.minor()) + moved;
        if sum != i128::from(closing.minor()) {
            return Err(ExportError::Unreconciled { opening, sum, closing });
        }
        Ok(Self { bank, owner, holding, period, created, opening, lines, closing })
    }

    fn owner_name(&self) -> String {
        format!("{} {}", self.owner.first_name, self.owner.last_name)
    }
}
