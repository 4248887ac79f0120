//! Statements that must not be made.

#[expect(dead_code, reason = "other tests use more of the sample bank")]
mod common;

use mockbank_bank::{Account, Instant, Money, Posting, PostingBatch};
use mockbank_export::ExportError;
use mockbank_export::statement::{Balances, Bank, Holding, Line, Period, Statement};

/// Makes a statement over the sample customer's first ten days from the lines of the account that
/// `keep` lets through, after `change`.
fn make(
    keep: fn(&Posting) -> bool,
    change: fn(&mut Period, &mut Balances, &mut Vec<Line>),
) -> Result<(), ExportError> {
    let mut postings = PostingBatch::default();
    let customer = common::live(1, 10, &mut postings);
    let catalog = common::catalog();
    let own = postings.iter().filter(keep);
    let mut lines: Vec<_> = own.map(|line| Line::new(&line, &catalog).unwrap()).collect();
    let Account { opening_balance: opening, balance: closing, .. } = customer.account;
    let mut balances = Balances { opening, closing };
    let mut period = Period { from: common::start(), to: common::start().plus(9).unwrap() };
    change(&mut period, &mut balances, &mut lines);
    let bank = Bank { name: "Mock Bank".to_owned(), routing_number: "000000000".to_owned() };
    let created = Instant::from_seconds(1_736_000_000);
    let holding = Holding::Account(&customer.account);
    Statement::new(&bank, &customer.user, holding, period, created, balances, &lines).map(drop)
}

const OWN: fn(&Posting) -> bool = |posting| posting.card.is_none();

#[test]
fn a_statement_whose_lines_are_the_accounts_own_reconciles() {
    assert!(make(OWN, |_, _, _| ()).is_ok());
}

#[test]
fn what_does_not_reconcile_is_refused() {
    let missing = make(OWN, |_, _, lines| drop(lines.pop()));
    assert!(matches!(missing, Err(ExportError::Unreconciled { .. })));
    let off = make(OWN, |_, balances, _| {
        balances.closing = balances.closing.checked_add(Money::from_minor(1)).unwrap();
    });
    assert!(matches!(off, Err(ExportError::Unreconciled { .. })));
}

#[test]
fn lines_of_a_card_or_of_another_time_are_refused() {
    let with_card = make(|_| true, |_, _, _| ());
    assert!(matches!(with_card, Err(ExportError::ForeignLine(_))));
    let too_late = make(OWN, |period, _, _| period.to = period.from);
    assert!(matches!(too_late, Err(ExportError::ForeignLine(_))));
    let backwards = make(OWN, |period, _, _| (period.from, period.to) = (period.to, period.from));
    assert!(matches!(backwards, Err(ExportError::EmptyPeriod)));
}
