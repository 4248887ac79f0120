//! The world's catalogue: what the numbers in a posting stand for.
//!
//! A posting names its category, place, description and counterparty by number. The texts stand
//! here, once, in the order in which the world was made; the store keeps them as it gets them.

/// Texts behind the numbers of postings, and the counterparties behind the hubs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Category names; the first ones are those of [`category`].
    pub categories: Vec<String>,
    /// Place names; the first one is [`place::ONLINE`].
    pub places: Vec<String>,
    /// Descriptions; the first ones are those of [`description`].
    pub descriptions: Vec<String>,
    /// Counterparties by the number of their hub.
    pub hubs: Vec<Hub>,
}

/// A counterparty with a ledger account of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// What it is to the customers.
    pub role: HubRole,
    /// Its name.
    pub name: String,
    /// Merchant category code of ISO 18245, 0 for none.
    pub mcc: u16,
    /// The category of what is bought there.
    pub category: u16,
    /// Number of the description that its postings carry.
    pub description: u32,
}

/// What a counterparty is to the customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HubRole {
    /// Pays wages.
    Employer,
    /// Sells.
    Merchant,
    /// Lets homes.
    Landlord,
    /// Collects taxes and pays benefits.
    Government,
    /// Supplies under a contract: power, telephone, insurance.
    Biller,
    /// Keeps accounts elsewhere.
    OtherBank,
}

impl HubRole {
    /// Every role, in the order of the codes.
    pub const ALL: [Self; 6] = [
        Self::Employer,
        Self::Merchant,
        Self::Landlord,
        Self::Government,
        Self::Biller,
        Self::OtherBank,
    ];

    /// The role as it is stored.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The role of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name in files and listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Employer => "EMPLOYER",
            Self::Merchant => "MERCHANT",
            Self::Landlord => "LANDLORD",
            Self::Government => "GOVERNMENT",
            Self::Biller => "BILLER",
            Self::OtherBank => "OTHER_BANK",
        }
    }
}

/// Numbers of the categories that every world has.
pub mod category {
    /// Wages and other income.
    pub const INCOME: u16 = 0;
    /// Card bills.
    pub const BILLS: u16 = 1;
    /// Transfers between accounts.
    pub const TRANSFER: u16 = 2;
    /// Entered by hand.
    pub const MANUAL: u16 = 3;
    /// Their names, in order.
    pub const NAMES: [&str; 4] = ["Income", "Bills", "Transfer", "Manual"];
}

/// Numbers of the places that every world has.
pub mod place {
    /// No place in particular.
    pub const ONLINE: u32 = 0;
    /// Their names, in order.
    pub const NAMES: [&str; 1] = ["Online"];
}

/// Numbers of the descriptions that every world has.
pub mod description {
    /// The account's side of a card bill.
    pub const CARD_BILL: u32 = 0;
    /// The card's side of a card bill.
    pub const CARD_PAYMENT_RECEIVED: u32 = 1;
    /// A manual transaction without a description of its own.
    pub const MANUAL: u32 = 2;
    /// The payer's side of a transfer without a description of its own.
    pub const TRANSFER_OUT: u32 = 3;
    /// The receiver's side of a transfer without a description of its own.
    pub const TRANSFER_IN: u32 = 4;
    /// Their texts, in order.
    pub const TEXTS: [&str; 5] = [
        "Credit card bill payment",
        "Payment received, thank you",
        "Manual transaction",
        "Transfer sent",
        "Transfer received",
    ];
}

impl Catalog {
    /// A catalogue that holds what every world has, and nothing more.
    pub fn with_standard_entries() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Self {
            categories: texts(&category::NAMES),
            places: texts(&place::NAMES),
            descriptions: texts(&description::TEXTS),
            hubs: Vec::new(),
        }
    }
}
