//! Money of schemes after it has come into an account: how much of a later payment stems from it.
//!
//! Money on an account has no marks, so a rule decides, and it is the haircut: every payment takes
//! its share of the tainted money, as large as that money's share of the balance before it. What
//! the scheme itself moves on is taken from the tainted money first. The trace follows a customer's
//! checking account and ends where money leaves it.

use mockbank_bank::Posting;

use super::memory::{Memory, Taint};
use crate::label::{Label, Phase};

/// Below this share of the balance, in thousandths, nobody follows the money any further.
const LEAST_SHARE: i64 = 20;

/// Takes note of a posting on the checking account whose label is `label`; the label that it has
/// in the end.
pub(crate) fn trace(memory: &mut Memory, posting: &Posting, label: Option<Label>) -> Option<Label> {
    let amount = posting.amount.minor();
    if let Some(label) = label {
        if amount > 0 && label.phase != Phase::Restitution {
            let known = memory.taint.map_or(0, |taint| taint.amount);
            let amount = known.saturating_add(amount.saturating_mul(label.taint.into()) / 1_000);
            memory.taint = Some(Taint { label, amount });
        } else if let Some(taint) = memory.taint.filter(|taint| taint.label.scheme == label.scheme)
        {
            let amount = taint.amount.saturating_add(amount.min(0));
            memory.taint = Some(Taint { amount, ..taint }).filter(|taint| taint.amount > 0);
        }
        return Some(label);
    }
    if amount >= 0 {
        return None;
    }
    let Taint { label, amount: tainted } = memory.taint?;
    let before = posting.balance.minor().saturating_sub(amount).max(1);
    let share = (i128::from(tainted) * 1_000 / i128::from(before)).min(1_000);
    let share = i64::try_from(share).unwrap_or(1_000);
    let left = tainted.saturating_sub(amount.saturating_neg().saturating_mul(share) / 1_000);
    let is_followed = share >= LEAST_SHARE;
    memory.taint = Some(Taint { label, amount: left }).filter(|_| is_followed && left > 0);
    is_followed.then(|| Label {
        phase: Phase::Spending,
        hop: label.hop.saturating_add(1),
        taint: u16::try_from(share).unwrap_or(1_000),
        ..label
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{Role, Typology};
    use mockbank_bank::{
        AccountId, BankAccount, Instant, LedgerAccount, Money, PostingKind, PostingRef, Stream,
    };

    fn posting(amount: i64, balance: i64) -> Posting {
        Posting {
            account: AccountId::new(1),
            sequence: 1,
            at: Instant::from_seconds(0),
            kind: PostingKind::Transfer,
            amount: Money::from_minor(amount),
            balance: Money::from_minor(balance),
            card: None,
            card_balance: Money::ZERO,
            contra: LedgerAccount::Bank(BankAccount::Settlement),
            category: 0,
            description: 0,
            place: 0,
            group: None,
            reference: PostingRef::new(Stream::from_code(200), 0).unwrap(),
        }
    }

    #[test]
    fn payments_take_their_share_of_tainted_money() {
        let mut memory = Memory::default();
        let layered = Label {
            scheme: 7,
            typology: Typology::Cycle,
            role: Role::Mule,
            phase: Phase::Layering,
            hop: 2,
            taint: 1_000,
        };
        assert_eq!(trace(&mut memory, &posting(-100, 900), None), None);
        // 1,000 come in beside 1,000 that were there; the scheme moves 400 on.
        trace(&mut memory, &posting(100_000, 200_000), Some(layered));
        trace(&mut memory, &posting(-40_000, 160_000), Some(layered));
        assert_eq!(memory.taint.unwrap().amount, 60_000);
        // Three eighths of what is spent are tainted.
        let label = trace(&mut memory, &posting(-80_000, 80_000), None).unwrap();
        assert_eq!((label.phase, label.hop, label.taint), (Phase::Spending, 3, 375));
        assert_eq!(memory.taint.unwrap().amount, 30_000);
        // Honest money thins it out until nobody follows it.
        assert_eq!(trace(&mut memory, &posting(2_000_000, 2_080_000), None), None);
        assert_eq!(trace(&mut memory, &posting(-1_000, 2_079_000), None), None);
        assert_eq!(memory.taint, None);
    }
}
