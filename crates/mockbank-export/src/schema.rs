//! The tables and columns of exported files, described once for every format.
//!
//! The writers build their files from these lists and [`dictionary`](crate::dictionary) prints
//! them, so a file cannot differ from its description.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

/// Digits of an amount, those behind the point included: the most that Parquet keeps in 64 bits.
pub const AMOUNT_PRECISION: u8 = 18;

/// Digits of an amount behind the point.
pub const AMOUNT_SCALE: i8 = 2;

/// The tables of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// Customers.
    Users,
    /// Deposit accounts.
    Accounts,
    /// Cards.
    Cards,
    /// Counterparties of the bank: merchants, employers and others.
    Merchants,
    /// Postings in the customers' books.
    Transactions,
    /// The other side of the postings, by day.
    Settlements,
    /// The truth about postings of crime.
    Labels,
    /// What the bank notices of crime.
    Alerts,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 8] = [
        Self::Users,
        Self::Accounts,
        Self::Cards,
        Self::Merchants,
        Self::Transactions,
        Self::Settlements,
        Self::Labels,
        Self::Alerts,
    ];

    /// Whether the table is only there where crime is labelled.
    pub const fn is_of_crime(self) -> bool {
        matches!(self, Self::Labels | Self::Alerts)
    }

    /// The name in paths and in the data dictionary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Accounts => "accounts",
            Self::Cards => "cards",
            Self::Merchants => "merchants",
            Self::Transactions => "transactions",
            Self::Settlements => "settlements",
            Self::Labels => "labels",
            Self::Alerts => "alerts",
        }
    }

    /// What a row is.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Users => "A customer of the bank.",
            Self::Accounts => "A deposit account of a customer.",
            Self::Cards => "A credit card, billed to a deposit account.",
            Self::Merchants => {
                "A counterparty with a ledger account of its own: a merchant, an employer, a \
                 landlord, a biller, the government, another bank."
            }
            Self::Transactions => {
                "A posting in a customer's book: the amount moved on the card if there is one, \
                 else on the deposit account, and with the other sign on the contra account. \
                 Key: account_id, sequence. opening_balance + sum(amount where card_id is null) = \
                 balance of the account."
            }
            Self::Settlements => {
                "What a day's transactions moved on an account of the bank or of a counterparty, \
                 their other side. Each file has rows of its own for its customers, so sum them by \
                 account and day. For every day of the whole world sum(credit - debit) + \
                 sum(amount of the day's transactions) = 0."
            }
            Self::Labels => {
                "The truth about a transaction that is part of a crime or moves its money; others \
                 have no row. Key: account_id, sequence, as in transactions. Only in worlds \
                 with crime."
            }
            Self::Alerts => {
                "A transaction that the bank noticed, some of them honest; much crime is never \
                 noticed. Key: account_id, sequence, as in transactions. A detector may learn it \
                 from the day in decided_on. Only in worlds with crime."
            }
        }
    }

    /// The columns, in their order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Users => USERS,
            Self::Accounts => ACCOUNTS,
            Self::Cards => CARDS,
            Self::Merchants => MERCHANTS,
            Self::Transactions => TRANSACTIONS,
            Self::Settlements => SETTLEMENTS,
            Self::Labels => LABELS,
            Self::Alerts => ALERTS,
        }
    }

    /// The columns as an Arrow schema, with meaning and unit in the fields' metadata.
    pub fn schema(self) -> SchemaRef {
        let fields: Vec<Field> = self.columns().iter().map(Column::field).collect();
        let about = HashMap::from([("meaning".to_owned(), self.meaning().to_owned())]);
        Arc::new(Schema::new_with_metadata(fields, about))
    }
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Name, the same in every format.
    pub name: &'static str,
    /// Type of the values.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether values may be missing.
    pub nullable: bool,
    /// What a value of one stands for; empty where a value has no unit.
    pub unit: &'static str,
    /// What the column tells.
    pub meaning: &'static str,
}

/// Type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole number of 64 bits.
    Int64,
    /// Whole number of 32 bits.
    Int32,
    /// Text.
    Text,
    /// Text out of few different ones, dictionary-encoded in Parquet and Arrow.
    Label,
    /// Exact decimal number with two digits behind the point.
    Amount,
    /// Moment in UTC, kept in milliseconds since 1970.
    Timestamp,
    /// Calendar day.
    Date,
    /// True or false.
    Boolean,
}

impl ColumnType {
    /// The type in Arrow and, through Arrow's mapping, in Parquet.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Int64 => DataType::Int64,
            Self::Int32 => DataType::Int32,
            Self::Text => DataType::Utf8,
            Self::Label => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Self::Amount => DataType::Decimal128(AMOUNT_PRECISION, AMOUNT_SCALE),
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Date => DataType::Date32,
            Self::Boolean => DataType::Boolean,
        }
    }

    /// The type as readers of Parquet and Arrow see it.
    pub const fn stored(self) -> &'static str {
        match self {
            Self::Int64 => "int64",
            Self::Int32 => "int32",
            Self::Text => "string",
            Self::Label => "dictionary string",
            Self::Amount => "decimal(18, 2)",
            Self::Timestamp => "timestamp (ms, UTC)",
            Self::Date => "date",
            Self::Boolean => "boolean",
        }
    }

    /// The form in CSV and JSON lines.
    pub const fn written(self) -> &'static str {
        match self {
            Self::Int64 | Self::Int32 => "17",
            Self::Text | Self::Label => "text",
            Self::Amount => "-12.30",
            Self::Timestamp => "2025-01-31T08:00:00Z",
            Self::Date => "2025-01-31",
            Self::Boolean => "true",
        }
    }
}

impl Column {
    const fn new(name: &'static str, kind: ColumnType, meaning: &'static str) -> Self {
        let unit = match kind {
            ColumnType::Amount => "major units of the world's currency",
            _ => "",
        };
        Self { name, kind, nullable: false, unit, meaning }
    }

    const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    fn field(&self) -> Field {
        let mut about = HashMap::from([("meaning".to_owned(), self.meaning.to_owned())]);
        if !self.unit.is_empty() {
            about.insert("unit".to_owned(), self.unit.to_owned());
        }
        Field::new(self.name, self.kind.arrow(), self.nullable).with_metadata(about)
    }
}

use ColumnType::{Amount, Boolean, Date, Int32, Int64, Label, Text, Timestamp};

const USERS: &[Column] = &[
    Column::new("user_id", Int64, "Number of the customer: 7 is u_7 in the API."),
    Column::new("username", Text, "Login name, unique in the bank."),
    Column::new("first_name", Text, "Given name."),
    Column::new("last_name", Text, "Family name."),
    Column::new("email", Text, "E-mail address."),
    Column::new("city", Text, "Home city."),
    Column::new("created_at", Timestamp, "When the customer was registered."),
    Column::new("theme", Text, "Colours that the customer chose: light or dark."),
    Column::new("notifications", Boolean, "Whether the customer wants to be notified."),
];

const ACCOUNTS: &[Column] = &[
    Column::new("account_id", Int64, "Number of the account: 7 is acc_7 in the API."),
    Column::new("user_id", Int64, "Number of the customer who holds it."),
    Column::new("type", Label, "CHECKING or SAVINGS."),
    Column::new("currency", Label, "Code of ISO 4217."),
    Column::new("status", Label, "ACTIVE, FROZEN or CLOSED."),
    Column::new("opening_balance", Amount, "What was in it when it was opened; no transaction."),
    Column::new("balance", Amount, "Ledger balance at the end of the exported time."),
    Column::new("salary_amount", Amount, "Salary paid into it; zero for none.")
        .unit("major units of the world's currency, per month"),
    Column::new("employer_id", Int64, "Number of the employer in merchants.").nullable(),
    Column::new("transactions", Int64, "Number of postings in its book, its cards' included.")
        .unit("postings"),
];

const CARDS: &[Column] = &[
    Column::new("card_id", Int64, "Number of the card: 7 is card_7 in the API."),
    Column::new("account_id", Int64, "Number of the account that pays its bill."),
    Column::new("masked_number", Text, "Card number; only the last four digits are known."),
    Column::new("status", Label, "ACTIVE, BLOCKED or EXPIRED."),
    Column::new("credit_limit", Amount, "The most that may be owed on it."),
    Column::new("billing_day", Int32, "Day on which the bill is paid.").unit("day of the month"),
    Column::new("spending_profile", Text, "Name of the spending profile in the preset."),
    Column::new("current_spend", Amount, "What is owed on it at the end of the exported time."),
    Column::new("issue_date", Date, "Day on which it was issued."),
    Column::new("expiry_date", Date, "Last day on which it is valid."),
    Column::new("last_bill_date", Date, "Day on which the bill was last paid.").nullable(),
    Column::new("transactions", Int64, "Number of postings on the card.").unit("postings"),
];

const MERCHANTS: &[Column] = &[
    Column::new("merchant_id", Int64, "Number of the counterparty, from 0."),
    Column::new("role", Label, "EMPLOYER, MERCHANT, LANDLORD, GOVERNMENT, BILLER or OTHER_BANK."),
    Column::new("name", Text, "Name."),
    Column::new("mcc", Int32, "Merchant category code of ISO 18245.").nullable(),
    Column::new("category", Label, "Category of what is bought there."),
    Column::new("description", Label, "Description that its transactions carry."),
];

const TRANSACTIONS: &[Column] = &[
    Column::new("account_id", Int64, "Number of the account in whose book the posting stands."),
    Column::new("sequence", Int64, "Place in the account's book, from 1 without gaps."),
    Column::new("posted_at", Timestamp, "Value date and time; never falls along a book."),
    Column::new(
        "kind",
        Label,
        "What moved the money: PURCHASE, PAYROLL, CARD_PAYMENT, TRANSFER, MANUAL, REFUND, \
         DIRECT_DEBIT, CASH, FEE, INTEREST or REVERSAL.",
    ),
    Column::new("category", Label, "Category, as in Food & Dining."),
    Column::new("amount", Amount, "What moved, seen from the customer; negative is a debit."),
    Column::new("card_id", Int64, "Number of the card on which it moved; null for the account.")
        .nullable(),
    Column::new("balance", Amount, "Balance of the deposit account after the posting."),
    Column::new(
        "card_balance",
        Amount,
        "Balance of the card after the posting, negative when money is owed; null without a card.",
    )
    .nullable(),
    Column::new("description", Label, "Text of the transaction."),
    Column::new("location", Label, "Place, or Online."),
    Column::new(
        "contra_type",
        Label,
        "Class of the ledger account on the other side: BANK, HUB (a row of merchants), DEPOSIT \
         or CARD.",
    ),
    Column::new(
        "contra_id",
        Int64,
        "Number of the account on the other side: merchant_id, account_id or card_id; null for \
         the bank's own.",
    )
    .nullable(),
    Column::new(
        "counterparty",
        Label,
        "Name of the counterparty or of the bank's own account on the other side; null where \
         that is a customer's.",
    )
    .nullable(),
    Column::new("transfer_group_id", Int64, "Links the two postings of a transfer: 7 is grp_7.")
        .nullable(),
    Column::new(
        "stream",
        Int32,
        "Number of the stream that made it: 0 for what somebody asked for, 16 and above for the \
         behaviours of the simulation.",
    ),
    Column::new(
        "stream_index",
        Int32,
        "Which of the stream's postings of that account and day it is. The transaction's \
         identifier in the API is txn_ and 18 digits of base 32 (0-9, a-z without i, l, o, u) of \
         the number account_id * 2^54 + days since 1970 * 2^38 + stream * 2^30 + stream_index.",
    ),
];

const SETTLEMENTS: &[Column] = &[
    Column::new("account_type", Label, "Class of the account: BANK or HUB (a row of merchants)."),
    Column::new("merchant_id", Int64, "Number of the counterparty; null for the bank's accounts.")
        .nullable(),
    Column::new("counterparty", Label, "Name of the counterparty or of the bank's account."),
    Column::new("settled_on", Date, "Day of the transactions."),
    Column::new("debit", Amount, "What was taken from the account, as a positive number."),
    Column::new("credit", Amount, "What was paid into the account."),
    Column::new("transactions", Int64, "Number of the transactions behind it.").unit("postings"),
];

const LABELS: &[Column] = &[
    Column::new("account_id", Int64, "Number of the account in whose book the posting stands."),
    Column::new("sequence", Int64, "Place of the posting in the account's book."),
    Column::new("scheme_id", Int64, "Number of the scheme, the same in all books that it touches."),
    Column::new("typology", Text, "Sort of the scheme, as in CARD_TESTING or FAN_OUT."),
    Column::new(
        "role",
        Text,
        "What the customer is in it: VICTIM, MULE, SOURCE, BENEFICIARY or PERPETRATOR.",
    ),
    Column::new(
        "phase",
        Text,
        "Step of the scheme: PROBE, THEFT, PLACEMENT, LAYERING or INTEGRATION; or what comes of it: \
         RESTITUTION or SPENDING.",
    ),
    Column::new("hop", Int32, "Distance from where the money came in, 0 there.").unit("accounts"),
    Column::new("taint", Int32, "Share of the amount that stems from the scheme.")
        .unit("thousandths"),
];

const ALERTS: &[Column] = &[
    Column::new("account_id", Int64, "Number of the account in whose book the posting stands."),
    Column::new("sequence", Int64, "Place of the posting in the account's book."),
    Column::new("alerted_on", Date, "Day on which the bank noticed it."),
    Column::new("decided_on", Date, "Day on which the bank had decided."),
    Column::new("confirmed", Boolean, "Whether the bank then believed in a crime."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_column_is_explained() {
        for table in Table::ALL {
            let mut names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns().len(), "{}", table.name());
            assert!(table.columns().iter().all(|column| column.meaning.ends_with('.')));
        }
    }
}
