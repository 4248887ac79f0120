//! Commands that move money or set it aside.

use super::Vault;
use super::desk::{Desk, Stop, take};
use crate::catalog::{category, description, place};
use crate::command::{BatchMode, ManualTarget, Outcome, Refused, TransferOrder};
use crate::hold::{Hold, HoldState};
use crate::id::{GroupId, HoldId};
use crate::ledger::{BankAccount, LedgerAccount};
use crate::money::Money;
use crate::posting::{Posting, PostingKind};
use crate::rules::{self, Entry, Refusal, Transfer};
use crate::time::Instant;

/// The two sides of a transfer that is about to be judged.
struct Sides {
    debit: Entry,
    credit: Entry,
    group: GroupId,
    /// The next free number of a group if the transfer is good.
    next_group: i64,
}

impl<V: Vault> Desk<'_, V> {
    pub(super) fn transfer(
        &mut self,
        order: &TransferOrder,
    ) -> Result<[Posting; 2], Stop<V::Error>> {
        let mut from = self.account(order.from)?;
        let mut to = self.account(order.to)?;
        let text = order.description.as_deref();
        let sides = self.sides(text)?;
        let terms = Transfer { amount: order.amount, overdraft: self.overdraft(&from) };
        let (debit, credit) = (&sides.debit, &sides.credit);
        let moved = rules::transfer(&mut from.book, &mut to.book, terms, debit, credit)?;
        self.keep_transfer(&sides, text, moved)?;
        self.keep(from);
        self.keep(to);
        Ok(moved)
    }

    pub(super) fn batch(
        &mut self,
        mode: BatchMode,
        orders: &[TransferOrder],
    ) -> Result<Outcome, Stop<V::Error>> {
        let mut results = Vec::with_capacity(orders.len());
        for (index, order) in orders.iter().enumerate() {
            match (self.transfer(order), mode) {
                (Ok(moved), _) => results.push(Ok(moved)),
                (Err(Stop::Refused(refused)), BatchMode::Independent) => {
                    results.push(Err(refused.refusal));
                }
                (Err(Stop::Refused(refused)), BatchMode::Atomic) => {
                    return Err(Stop::Refused(Refused { order: Some(index), ..refused }));
                }
                (Err(failed), _) => return Err(failed),
            }
        }
        Ok(Outcome::Batch(results))
    }

    pub(super) fn authorise(
        &mut self,
        order: &TransferOrder,
        expires_in: i64,
    ) -> Result<Outcome, Stop<V::Error>> {
        let mut from = self.account(order.from)?;
        let to = self.account(order.to)?;
        let hold = Hold {
            id: HoldId::new(take(&mut self.effects.numbers.hold, HoldId::MAX)?),
            from: order.from,
            to: order.to,
            amount: order.amount,
            description: order.description.clone(),
            authorised_at: self.now,
            expires_at: expiry(self.now, expires_in)?,
            state: HoldState::Pending,
        };
        let overdraft = self.overdraft(&from);
        rules::authorise(&mut from.book, &to.book, &hold, overdraft, self.now)?;
        self.keep(from);
        self.effects.holds.insert(hold.id, hold.clone());
        Ok(Outcome::Held(hold, None))
    }

    pub(super) fn post_hold(
        &mut self,
        id: HoldId,
        amount: Option<Money>,
    ) -> Result<Outcome, Stop<V::Error>> {
        let mut hold = self.hold(id)?;
        let mut from = self.account(hold.from)?;
        let mut to = self.account(hold.to)?;
        let text = hold.description.clone();
        let sides = self.sides(text.as_deref())?;
        let amount = amount.unwrap_or(hold.amount);
        let entries = [&sides.debit, &sides.credit];
        let (payer, payee) = (&mut from.book, &mut to.book);
        let moved = rules::post_hold(payer, payee, &mut hold, amount, sides.group, entries)?;
        self.keep_transfer(&sides, text.as_deref(), moved)?;
        self.keep(from);
        self.keep(to);
        self.effects.holds.insert(id, hold.clone());
        Ok(Outcome::Held(hold, Some(moved)))
    }

    pub(super) fn void_hold(&mut self, id: HoldId) -> Result<Outcome, Stop<V::Error>> {
        let mut hold = self.hold(id)?;
        let mut from = self.account(hold.from)?;
        rules::void_hold(&mut from.book, &mut hold, self.now)?;
        self.keep(from);
        self.effects.holds.insert(id, hold.clone());
        Ok(Outcome::Held(hold, None))
    }

    pub(super) fn book_by_hand(
        &mut self,
        target: ManualTarget,
        amount: Money,
        text: Option<&str>,
    ) -> Result<Outcome, Stop<V::Error>> {
        let entry = Entry {
            at: self.now,
            kind: PostingKind::Manual,
            category: category::MANUAL,
            contra: LedgerAccount::Bank(BankAccount::ManualEntries),
            description: self.describe(text, description::MANUAL)?,
            place: place::ONLINE,
            reference: None,
            group: None,
        };
        let (record, posting) = match target {
            ManualTarget::Account(account) => {
                let mut record = self.account(account)?;
                self.check_currency(&record)?;
                let posting = rules::post_to_deposit(&mut record.book, amount, &entry)?;
                (record, posting)
            }
            ManualTarget::Card(card) => {
                let (mut record, index) = self.card(card)?;
                self.check_currency(&record)?;
                let posting = rules::post_to_card(&mut record.book, index, amount, &entry)?;
                (record, posting)
            }
        };
        self.keep_description(text, entry.description)?;
        self.effects.postings.push(posting);
        self.keep(record);
        Ok(Outcome::Booked(posting))
    }

    fn sides(&mut self, text: Option<&str>) -> Result<Sides, Stop<V::Error>> {
        let mut next_group = self.effects.numbers.group;
        let group = GroupId::new(take(&mut next_group, GroupId::FIRST_SIMULATED - 1)?);
        let debit = Entry {
            at: self.now,
            kind: PostingKind::Transfer,
            category: category::TRANSFER,
            // The rule sets it for either side.
            contra: LedgerAccount::Bank(BankAccount::Settlement),
            description: self.describe(text, description::TRANSFER_OUT)?,
            place: place::ONLINE,
            reference: None,
            group: Some(group),
        };
        // A text of the client's own stands on both sides.
        let credit = match text {
            Some(_) => debit,
            None => Entry { description: description::TRANSFER_IN, ..debit },
        };
        Ok(Sides { debit, credit, group, next_group })
    }

    fn keep_transfer(
        &mut self,
        sides: &Sides,
        text: Option<&str>,
        moved: [Posting; 2],
    ) -> Result<(), Refusal> {
        self.keep_description(text, sides.debit.description)?;
        self.effects.numbers.group = sides.next_group;
        self.effects.postings.extend(moved);
        Ok(())
    }
}

fn expiry(now: Instant, expires_in: i64) -> Result<Instant, Refusal> {
    if expires_in <= 0 {
        return Err(Refusal::ExpiryNotAhead);
    }
    now.plus_seconds(expires_in).map_err(|_| Refusal::ExpiryNotAhead)
}
