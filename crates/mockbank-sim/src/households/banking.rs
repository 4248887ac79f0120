//! What happens in a household's books: movements, and what the bank makes of them.

use mockbank_bank::rules::{self, Book, Entry, Refusal};
use mockbank_bank::{
    BankAccount, LedgerAccount, Money, Posting, PostingBatch, PostingKind, PostingRef,
};

use super::days::Today;
use super::memory::{Memory, Pending, Sort};
use super::person::Person;
use super::random::minor;
use super::taint;
use super::world::HouseholdWorld;
use crate::error::SimError;
use crate::label::{Label, LabelBatch, Phase};
use crate::randomness::stream;

/// Something that happens to a household.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) movement: Movement,
    pub(crate) entry: Entry,
    pub(crate) follow: FollowUp,
    /// Number of the need that is bought for.
    pub(crate) need: Option<u8>,
    pub(crate) label: Option<Label>,
}

impl Event {
    pub(crate) fn new(movement: Movement, entry: Entry) -> Self {
        Self { movement, entry, follow: FollowUp::None, need: None, label: None }
    }
}

/// What an event does to the books.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Movement {
    /// Moves the checking account whatever its balance.
    Book(Money),
    /// Pays from the checking account if it is covered; else it is declined.
    Pay(Money),
    /// Collects a bill of this code; uncovered, it is returned for a fee and tried again.
    Collect { amount: Money, code: u32 },
    /// Pays a bill by hand; uncovered, it is paid some days later.
    PayBill(Money),
    /// Charges the card of this index.
    Charge { card: usize, amount: Money },
    /// Moves the card of this index: interest, fees, refunds.
    Card { card: usize, amount: Money },
    /// Makes the statement of a card.
    Statement { card: usize },
    /// Pays a card's statement.
    CardPayment { card: usize },
    /// Puts money by: a fixed amount, and what is beyond the cushion.
    PutBy { amount: Money },
    /// Takes money back from savings.
    TakeBack { amount: Money },
    /// Invests half of what is beyond the reserve with a broker.
    Invest,
    /// Moves the savings account: interest.
    Savings(Money),
}

/// What follows a purchase on a later day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FollowUp {
    None,
    /// Authorised now, posted later, its amount times the factor.
    Clearing {
        days: u8,
        factor: f64,
    },
    /// A share is paid back.
    Refund {
        days: u8,
        share: f64,
    },
    /// Posted twice, once taken back.
    Duplicate {
        days: u8,
    },
    /// Taken back by a chargeback.
    Dispute {
        days: u8,
    },
}

/// Bit of a reference's index that tells whether the local day is odd.
pub(super) const PARITY_BIT: u32 = 29;
/// Distances between the indices of what follows: days and purchases have room for each other.
const LAGS: u32 = 128;
const PURCHASES: u32 = super::random::PLACES;
/// Less is not worth an order to a broker, in minor units.
const LEAST_INVESTED: i64 = 10_000;
/// First index of the fees for returned bills in their stream.
const RETURNED: u32 = 16;

/// Where postings go.
pub(crate) struct Output<'a> {
    pub(crate) postings: &'a mut PostingBatch,
    pub(crate) labels: &'a mut LabelBatch,
}

/// A household's books while events are applied to them.
pub(crate) struct Ledger<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) books: &'a mut [Book],
    pub(crate) checking: usize,
    pub(crate) savings: Option<usize>,
    pub(crate) memory: &'a mut Memory,
    pub(crate) today: &'a Today,
}

type Applied = Result<(), Refusal>;

impl Ledger<'_> {
    /// Applies an event. What the bank refuses is not recorded.
    pub(crate) fn apply(&mut self, event: &Event, out: &mut Output<'_>) -> Result<(), SimError> {
        let account = self.books[self.checking].account;
        self.movement(event, out).or_else(|refusal| match refusal {
            Refusal::OutOfOrder(account) => Err(SimError::BookAhead(account)),
            refusal if event.entry.contra.is_customers() && event.entry.group.is_some() => {
                Err(SimError::OneSided { account, refusal })
            }
            _ => Ok(()),
        })
    }

    fn movement(&mut self, event: &Event, out: &mut Output<'_>) -> Applied {
        let entry = &event.entry;
        match event.movement {
            Movement::Book(amount) => self.book(self.checking, amount, event, out),
            Movement::Savings(amount) => match self.savings {
                Some(savings) => self.book(savings, amount, event, out),
                None => Ok(()),
            },
            Movement::Pay(amount) if self.is_covered(amount) => self.pay(None, amount, event, out),
            Movement::Pay(_) => Ok(()),
            Movement::Collect { amount, .. } | Movement::PayBill(amount)
                if self.is_covered(amount) =>
            {
                self.book(self.checking, negative(amount), event, out)
            }
            Movement::Collect { amount, code } => self.return_bill(amount, code, entry, out),
            Movement::PayBill(amount) => {
                self.postpone(Sort::Postponed, amount, entry);
                Ok(())
            }
            Movement::Charge { card, amount } => {
                let Some(state) = self.books[self.checking].cards.get(card) else { return Ok(()) };
                let held = self.held(card + 1);
                if state.spend.minor() + held + amount.minor() > state.limit.minor() {
                    return Ok(());
                }
                self.pay(Some(card), amount, event, out)
            }
            Movement::Card { card, amount } => self.card(card, amount, event, out),
            Movement::Statement { card } => self.statement(card, entry, out),
            Movement::CardPayment { card } => self.card_payment(card, entry, out),
            Movement::PutBy { amount } => self.put_by(amount, entry, out),
            Movement::TakeBack { amount } => self.take_back(amount, entry, out),
            Movement::Invest => self.invest(event, out),
        }
    }

    fn put(&mut self, posting: &Posting, label: Option<Label>, out: &mut Output<'_>) {
        let on_checking =
            posting.card.is_none() && posting.account == self.books[self.checking].account;
        let is_traced = on_checking && (label.is_some() || self.memory.taint.is_some());
        let label = if is_traced { taint::trace(self.memory, posting, label) } else { label };
        out.postings.push(posting);
        if let Some(label) = label {
            out.labels.push(posting, label);
        }
    }

    fn book(&mut self, book: usize, amount: Money, event: &Event, out: &mut Output<'_>) -> Applied {
        let posting = rules::post_to_deposit(&mut self.books[book], amount, &event.entry)?;
        self.put(&posting, event.label, out);
        Ok(())
    }

    fn card(&mut self, card: usize, amount: Money, event: &Event, out: &mut Output<'_>) -> Applied {
        let book = &mut self.books[self.checking];
        if card < book.cards.len() {
            let posting = rules::post_to_card(book, card, amount, &event.entry)?;
            self.put(&posting, event.label, out);
        }
        Ok(())
    }

    /// What authorised purchases will take from the account (0) or a card (its index plus one).
    fn held(&self, card: usize) -> i64 {
        let held = |item: &&Pending| item.sort == Sort::Clearing && usize::from(item.card) == card;
        self.memory.pending.iter().filter(held).map(|item| -item.amount).sum()
    }

    fn is_covered(&self, amount: Money) -> bool {
        let available = self.books[self.checking].available().minor();
        available + self.person.overdraft - self.held(0) >= amount.minor()
    }

    /// A purchase, now or when it is cleared.
    fn pay(
        &mut self,
        card: Option<usize>,
        amount: Money,
        event: &Event,
        out: &mut Output<'_>,
    ) -> Applied {
        let debit = negative(amount);
        if !self.world.breaches.is_empty() {
            self.expose(event);
        }
        if let FollowUp::Clearing { days, factor } = event.follow {
            let amount = Money::from_minor(-minor(as_float(amount) * factor));
            self.later(Sort::Clearing, days, amount, card, event);
            return Ok(());
        }
        self.post(card, debit, event, out)?;
        match event.follow {
            FollowUp::Refund { days, share } => {
                let back = Money::from_minor(minor(as_float(amount) * share));
                self.later(Sort::Refund, days, back, card, event);
            }
            FollowUp::Dispute { days } => self.later(Sort::Reversal, days, amount, card, event),
            FollowUp::Duplicate { days } => {
                let entry = Entry { reference: duplicate(&event.entry), ..event.entry };
                if self.post(card, debit, &Event { entry, ..*event }, out).is_ok() {
                    self.later(Sort::Reversal, days, amount, card, event);
                }
            }
            FollowUp::None | FollowUp::Clearing { .. } => {}
        }
        Ok(())
    }

    /// Remembers the breach that a payment falls into. Its consequences begin on later days.
    fn expose(&mut self, event: &Event) {
        if event.label.is_none() {
            let exposed = self.world.breaches.exposing(self.today.day, event.entry.contra);
            self.memory.exposed = exposed.unwrap_or(self.memory.exposed);
        }
    }

    fn post(
        &mut self,
        card: Option<usize>,
        amount: Money,
        event: &Event,
        out: &mut Output<'_>,
    ) -> Applied {
        match card {
            None => self.book(self.checking, amount, event, out),
            Some(card) => self.card(card, amount, event, out),
        }
    }

    fn later(&mut self, sort: Sort, days: u8, amount: Money, card: Option<usize>, event: &Event) {
        let entry = &event.entry;
        let origin = entry.reference.map_or(0, PostingRef::index);
        let index = (sort as u32 * LAGS + u32::from(days)) * PURCHASES + origin % PURCHASES;
        let local = self.person.zone.local(entry.at);
        let second = u32::try_from(local.second_of_day()).unwrap_or(0);
        self.memory.pending.push(Pending {
            due: self.today.day.number().saturating_add(days.into()),
            second,
            sort,
            index,
            amount: amount.minor(),
            card: card.map_or(0, |card| u8::try_from(card + 1).unwrap_or(0)),
            // What somebody else's account received does not come back: the bank bears it.
            contra: match (sort, entry.kind) {
                (Sort::Reversal, PostingKind::Transfer) => {
                    LedgerAccount::Bank(BankAccount::Losses).code()
                }
                _ => entry.contra.code(),
            },
            category: entry.category,
            description: entry.description,
            place: entry.place,
            label: event
                .label
                .filter(|_| sort == Sort::Reversal)
                .map(|label| Label { phase: Phase::Restitution, ..label }),
        });
    }

    /// An uncovered bill is tried once more.
    fn postpone(&mut self, sort: Sort, amount: Money, entry: &Entry) {
        let days = self.world.preset.banking.retry_days;
        let first_try = entry.reference.is_some_and(|at| at.stream() == stream::BILLS);
        if first_try {
            let event = Event::new(Movement::Book(amount), *entry);
            self.later(sort, days, negative(amount), None, &event);
        }
    }

    fn return_bill(
        &mut self,
        amount: Money,
        code: u32,
        entry: &Entry,
        out: &mut Output<'_>,
    ) -> Applied {
        let (texts, banking) = (&self.world.market.texts, &self.world.preset.banking);
        let fee = Entry {
            kind: PostingKind::Fee,
            category: texts.fees,
            contra: LedgerAccount::Bank(BankAccount::FeeIncome),
            description: texts.returned_fee,
            reference: PostingRef::new(stream::ACCOUNT_FEES, (RETURNED + code) | parity(entry)),
            ..*entry
        };
        self.postpone(Sort::Retry, amount, entry);
        if banking.returned_fee > 0.0 {
            let fee_amount = Money::from_minor(-minor(banking.returned_fee * 100.0));
            self.book(
                self.checking,
                fee_amount,
                &Event::new(Movement::Book(fee_amount), fee),
                out,
            )?;
        }
        Ok(())
    }

    /// Interest for a balance that was carried, and what is to be paid until the due day.
    fn statement(&mut self, card: usize, entry: &Entry, out: &mut Output<'_>) -> Applied {
        let terms = &self.world.preset.cards;
        let (Some(memory), Some(state)) = (
            self.memory.cards.get(card).copied(),
            self.books[self.checking].cards.get(card).copied(),
        ) else {
            return Ok(());
        };
        let revolving = memory.revolving || memory.statement > 0;
        let mut interest = 0;
        if revolving && memory.sum > 0 {
            interest = minor(float(memory.sum) * terms.rate_yearly / 365.0);
            let amount = Money::from_minor(-interest);
            let event = Event::new(Movement::Card { card, amount }, *entry);
            match self.card(card, amount, &event, out) {
                // The bank books nothing on a blocked card, yet all that is owed is to be paid.
                Err(Refusal::CardBlocked(_)) => interest = 0,
                booked => booked?,
            }
        }
        let owed = state.spend.minor() + interest;
        let least = minor(float(owed.max(0)) * terms.minimum_share) + interest;
        let memory = &mut self.memory.cards[card];
        memory.statement = owed.max(0);
        memory.minimum = least.max(minor(terms.minimum_amount * 100.0)).min(memory.statement);
        (memory.sum, memory.days) = (0, 0);
        Ok(())
    }

    fn card_payment(&mut self, card: usize, entry: &Entry, out: &mut Output<'_>) -> Applied {
        use super::person::PaymentHabit;
        let (Some(style), Some(memory)) =
            (self.person.cards.get(card), self.memory.cards.get(card).copied())
        else {
            return Ok(());
        };
        let Some(state) = self.books[self.checking].cards.get(card).copied() else { return Ok(()) };
        let owed = memory.statement.min(state.spend.minor());
        if owed <= 0 {
            self.memory.cards[card].revolving = false;
            return Ok(());
        }
        let wanted = match style.habit {
            PaymentHabit::Full => owed,
            PaymentHabit::Minimum => memory.minimum,
            PaymentHabit::Part(share) => minor(float(owed) * share) / 500 * 500,
        };
        let room = self.books[self.checking].available().minor() + self.person.overdraft / 2;
        let affordable = room.max(0) * 4 / 5;
        let wanted = wanted.min(affordable).max(memory.minimum).min(owed);
        if wanted > room.max(0) {
            // Not even the minimum: the payment is missed, and the bank charges for it.
            self.memory.cards[card].revolving = true;
            return self.late_fee(card, entry, out);
        }
        let received = Entry {
            reference: shifted(entry, 1),
            description: mockbank_bank::catalog::description::CARD_PAYMENT_RECEIVED,
            ..*entry
        };
        let amount = Money::from_minor(wanted);
        let paid =
            rules::pay_card_part(&mut self.books[self.checking], card, amount, entry, &received)?;
        for posting in &paid {
            self.put(posting, None, out);
        }
        let memory = &mut self.memory.cards[card];
        memory.statement -= wanted;
        memory.revolving = wanted < owed;
        Ok(())
    }

    fn late_fee(&mut self, card: usize, entry: &Entry, out: &mut Output<'_>) -> Applied {
        let texts = &self.world.market.texts;
        let amount = Money::from_minor(-minor(self.world.preset.cards.late_fee * 100.0));
        let fee = Entry {
            kind: PostingKind::Fee,
            category: texts.fees,
            contra: LedgerAccount::Bank(BankAccount::FeeIncome),
            description: texts.late_fee,
            reference: shifted(entry, 2),
            ..*entry
        };
        self.card(card, amount, &Event::new(Movement::Card { card, amount }, fee), out)
    }

    fn put_by(&mut self, amount: Money, entry: &Entry, out: &mut Output<'_>) -> Applied {
        let banking = &self.world.preset.banking;
        let balance = self.books[self.checking].available().minor();
        let cushion = minor(self.person.income * banking.cushion_months);
        let surplus = (balance - cushion - amount.minor()).max(0) / 2;
        let floor = minor(self.person.income * banking.low_months) * 3;
        let amount = (amount.minor() + surplus).min(balance - floor) / 1_000 * 1_000;
        if amount < 1_000 {
            return Ok(());
        }
        self.own_transfer(true, amount, entry, out)
    }

    fn take_back(&mut self, amount: Money, entry: &Entry, out: &mut Output<'_>) -> Applied {
        let Some(savings) = self.savings else { return Ok(()) };
        let there = self.books[savings].available().minor();
        let amount = amount.minor().min(there) / 1_000 * 1_000;
        if amount < 1_000 {
            return Ok(());
        }
        self.own_transfer(false, amount, entry, out)
    }

    fn invest(&mut self, event: &Event, out: &mut Output<'_>) -> Applied {
        let from = self.savings.unwrap_or(self.checking);
        let total: i64 = self.books.iter().map(|book| book.available().minor()).sum();
        let surplus = (total - minor(self.person.reserve)) / 2;
        let amount = surplus.min(self.books[from].available().minor()) / 5_000 * 5_000;
        if amount < LEAST_INVESTED {
            return Ok(());
        }
        self.book(from, Money::from_minor(-amount), event, out)
    }

    fn own_transfer(
        &mut self,
        to_savings: bool,
        amount: i64,
        entry: &Entry,
        out: &mut Output<'_>,
    ) -> Applied {
        let Some(savings) = self.savings else { return Ok(()) };
        let Ok([checking, savings]) = self.books.get_disjoint_mut([self.checking, savings]) else {
            return Ok(());
        };
        let terms = rules::Transfer { amount: Money::from_minor(amount), overdraft: Money::ZERO };
        let (from, to) = if to_savings { (checking, savings) } else { (savings, checking) };
        for posting in rules::transfer(from, to, terms, entry, entry)? {
            self.put(&posting, None, out);
        }
        Ok(())
    }
}

fn negative(amount: Money) -> Money {
    Money::from_minor(-amount.minor())
}

/// The second posting of a purchase: honest and other purchases keep to the other half of places.
fn duplicate(entry: &Entry) -> Option<PostingRef> {
    let reference = entry.reference?;
    let index = (reference.index() + PURCHASES / 2) % PURCHASES;
    PostingRef::new(reference.stream(), index | parity(entry))
}

/// The bit of an entry's reference that tells local days apart.
fn parity(entry: &Entry) -> u32 {
    entry.reference.map_or(0, |reference| reference.index() & 1 << PARITY_BIT)
}

/// The same stream, a later index.
fn shifted(entry: &Entry, by: u32) -> Option<PostingRef> {
    let reference = entry.reference?;
    PostingRef::new(reference.stream(), reference.index() + by)
}

fn as_float(amount: Money) -> f64 {
    float(amount.minor())
}

#[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
pub(crate) fn float(minor: i64) -> f64 {
    minor as f64
}
