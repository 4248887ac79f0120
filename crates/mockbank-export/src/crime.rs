//! What is known of crime, as rows to be written.

/// The truth about a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelRow {
    /// Number of the account in whose book the posting stands.
    pub account: i64,
    /// Its place there.
    pub sequence: i64,
    /// Number of the scheme.
    pub scheme: i64,
    /// Name of the scheme's sort.
    pub typology: &'static str,
    /// Name of what the customer is in it.
    pub role: &'static str,
    /// Name of the scheme's step.
    pub phase: &'static str,
    /// Distance from where the money came in.
    pub hop: u8,
    /// Share of the amount that stems from the scheme, in thousandths.
    pub taint: u16,
}

/// A posting that the bank noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// Number of the account in whose book the posting stands.
    pub account: i64,
    /// Its place there.
    pub sequence: i64,
    /// Day of the alert, since 1970-01-01.
    pub alerted: u16,
    /// Day of the decision, since 1970-01-01.
    pub decided: u16,
    /// Whether the bank then believed in a crime.
    pub confirmed: bool,
}
