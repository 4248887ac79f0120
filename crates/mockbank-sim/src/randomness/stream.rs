//! The registry of streams: what randomness is drawn for.
//!
//! A stream's number is part of every address drawn from it and, for behaviours, of every
//! transaction's identifier. So a number is given once and keeps its meaning; a new behaviour takes
//! the next free one, and all that was drawn before stays as it was.

use mockbank_bank::Stream;

macro_rules! streams {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)+) => {
        $($(#[$doc])* pub(crate) const $name: Stream = Stream::from_code($number);)+

        #[cfg(test)]
        const ALL: &[Stream] = &[$($name),+];
    };
}

streams! {
    /// Wages. Postings count the pay days of the month.
    PAYROLL = 16;
    /// Purchases, drawn by card. Postings count the account's cards.
    SPENDING = 17;
    /// Card bills. Postings count the account's cards, two for each.
    CARD_BILLING = 18;
    /// Transfers between customers, drawn by the lower number of the two. Postings count rounds.
    TRANSFERS = 19;

    /// Income of households, by user. Postings count its kinds.
    INCOME = 20;
    /// Contracts, by user. Postings count the kinds of bills and their contracts.
    BILLS = 21;
    /// Purchases of households, by user. Postings count the purchases of the day.
    NEEDS = 22;
    /// Cash, by user.
    CASH = 23;
    /// Transfers between a customer's own accounts, and interest on savings.
    SAVING = 24;
    /// Statements, payments, interest and fees of cards.
    CARD_ACCOUNT = 25;
    /// Transfers between people, by the lower number of the two or by user.
    FRIENDS = 26;
    /// What follows a purchase: clearing, refunds, reversals. Postings count the day's.
    LIFECYCLE = 27;
    /// Fees of deposit accounts, and bills that are tried again.
    ACCOUNT_FEES = 28;

    /// A customer's name and settings, by user.
    PERSON = 128;
    /// Where customers live, by block of users.
    HOME = 129;
    /// A customer's account, by account.
    ACCOUNT = 130;
    /// A card, by card.
    CARD = 131;
    /// Who knows whom, by block of users and by user.
    ACQUAINTANCE = 132;
    /// Age, work, home and tastes of a person, by user.
    TRAITS = 133;
    /// Jobs that end, by user.
    JOB = 134;
    /// The places that a customer goes to, by user.
    HABIT = 135;
    /// Journeys, by user.
    JOURNEY = 136;
    /// Terms of contracts, by user.
    CONTRACT = 137;
    /// Fraud, by user.
    CRIME = 138;
    /// Laundering, by block of users.
    SCHEMES = 139;
    /// Where the references of a day stand, by user.
    SCATTER = 140;
    /// What the bank notices, by account.
    ALERTS = 141;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once_and_leave_the_banks_own_free() {
        let mut numbers: Vec<u8> = ALL.iter().map(|stream| stream.code()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ALL.len());
        assert!(numbers[0] >= Stream::FIRST_SIMULATED);
    }
}
