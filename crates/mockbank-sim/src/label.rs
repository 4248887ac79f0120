//! The truth about postings of crime, beside the postings and never in them.

/// What is true of a posting that is part of a crime, or that moves its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Number of the scheme, the same for all its postings in all books.
    pub scheme: i64,
    /// What sort of scheme it is.
    pub typology: Typology,
    /// What the customer is in it.
    pub role: Role,
    /// Which step the posting belongs to.
    pub phase: Phase,
    /// Distance from where the money came in, 0 there.
    pub hop: u8,
    /// Share of the amount that stems from the scheme, in thousandths.
    pub taint: u16,
}

macro_rules! coded {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$variant_doc])* $variant,)+ }

        impl $type {
            /// Every value, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in files and listings.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
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

coded! {
    /// Sorts of schemes.
    Typology {
        /// Small purchases that try a stolen card, then large ones.
        CardTesting = "CARD_TESTING",
        /// A burst of purchases without the card.
        CardNotPresent = "CARD_NOT_PRESENT",
        /// Purchases with a copied or stolen card in shops.
        StolenCard = "STOLEN_CARD",
        /// Somebody else's payments from the customer's account.
        AccountTakeover = "ACCOUNT_TAKEOVER",
        /// Payments that the customer was talked into.
        PushPaymentScam = "PUSH_PAYMENT_SCAM",
        /// A card spent to its limit by a customer who will not pay.
        BustOut = "BUST_OUT",
        /// A purchase that its buyer disputes all the same.
        FriendlyChargeback = "FRIENDLY_CHARGEBACK",
        /// Cash paid in below the limit of reports, then moved on.
        Structuring = "STRUCTURING",
        /// One pays many.
        FanOut = "FAN_OUT",
        /// Many pay one.
        FanIn = "FAN_IN",
        /// Money goes round and comes back.
        Cycle = "CYCLE",
        /// One pays many, who pay one.
        ScatterGather = "SCATTER_GATHER",
        /// Many pay one, who pays many.
        GatherScatter = "GATHER_SCATTER",
        /// Some pay some others.
        Bipartite = "BIPARTITE",
        /// Layers that each pay the next.
        Stack = "STACK",
        /// Payments along a random path.
        RandomPath = "RANDOM_PATH",
        /// Purchases without the card, its data stolen from a merchant of a scenario.
        DataBreach = "DATA_BREACH",
    }
}

coded! {
    /// What a customer is in a scheme.
    Role {
        /// Loses money.
        Victim = "VICTIM",
        /// Lends the account to others' money.
        Mule = "MULE",
        /// Brings the money in.
        Source = "SOURCE",
        /// Ends with the money.
        Beneficiary = "BENEFICIARY",
        /// Acts on one's own account.
        Perpetrator = "PERPETRATOR",
    }
}

coded! {
    /// Steps of a scheme.
    Phase {
        /// A first try.
        Probe = "PROBE",
        /// The theft itself.
        Theft = "THEFT",
        /// Money comes in from outside.
        Placement = "PLACEMENT",
        /// Money moves between accounts.
        Layering = "LAYERING",
        /// Money leaves as if it were clean.
        Integration = "INTEGRATION",
        /// The bank gives money back.
        Restitution = "RESTITUTION",
        /// Money of a scheme is spent as if it were the customer's own: by the haircut, each
        /// payment carries as much taint as the balance before it.
        Spending = "SPENDING",
    }
}

macro_rules! columns {
    ($(#[$batch_doc:meta])* $batch:ident { $($(#[$doc:meta])* $column:ident: $type:ty,)+ }) => {
        $(#[$batch_doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $batch { $($(#[$doc])* pub $column: Vec<$type>,)+ }

        impl $batch {
            /// Number of rows.
            pub fn len(&self) -> usize {
                self.account.len()
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.account.is_empty()
            }

            /// Forgets the rows and keeps the room.
            pub fn clear(&mut self) {
                $(self.$column.clear();)+
            }

            /// Puts a row of another batch at the end.
            ///
            /// # Panics
            /// If the other batch has no such row.
            pub fn push_row(&mut self, other: &Self, row: usize) {
                $(self.$column.push(other.$column[row]);)+
            }

            /// Puts another batch's rows at the end.
            pub fn append(&mut self, other: &Self) {
                $(self.$column.extend_from_slice(&other.$column);)+
            }
        }
    };
}

columns! {
    /// Labels as columns. `account`, `day` and `reference` are those of the posting's identifier,
    /// so a label finds its posting.
    LabelBatch {
        /// Number of the account in whose book the posting stands.
        account: i64,
        /// Day of the posting, since 1970-01-01.
        day: u16,
        /// Code of the posting's reference.
        reference: i64,
        /// See [`Label::scheme`].
        scheme: i64,
        /// Code of the [`Typology`].
        typology: u8,
        /// Code of the [`Role`].
        role: u8,
        /// Code of the [`Phase`].
        phase: u8,
        /// See [`Label::hop`].
        hop: u8,
        /// See [`Label::taint`].
        taint: u16,
    }
}

columns! {
    /// What the bank notices, as columns: some of the crime, late, and some honest postings. A
    /// detector may learn from this on the day it is known; the truth it may not see.
    AlertBatch {
        /// Number of the account in whose book the posting stands.
        account: i64,
        /// Day of the posting, since 1970-01-01.
        day: u16,
        /// Code of the posting's reference.
        reference: i64,
        /// Day of the alert.
        alerted: u16,
        /// Day on which the bank knows.
        decided: u16,
        /// Whether the bank then believes in a crime.
        confirmed: bool,
    }
}

impl Phase {
    /// Whether postings of the phase are steps of the crime, and not what comes of it afterwards.
    pub const fn is_crime(self) -> bool {
        !matches!(self, Self::Restitution | Self::Spending)
    }
}

impl LabelBatch {
    pub(crate) fn push(&mut self, posting: &mockbank_bank::Posting, label: Label) {
        self.account.push(posting.account.number());
        self.day.push(posting.at.day().number());
        self.reference.push(posting.reference.code());
        self.scheme.push(label.scheme);
        self.typology.push(label.typology.code());
        self.role.push(label.role.code());
        self.phase.push(label.phase.code());
        self.hop.push(label.hop);
        self.taint.push(label.taint);
    }
}
