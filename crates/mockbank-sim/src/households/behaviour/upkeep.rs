//! What the bank and the customer do about the accounts themselves: cash, savings, interest,
//! statements, fees, and what follows earlier purchases.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{BankAccount, GroupId, LedgerAccount, Money, PostingKind, PostingRef, Stream};

use crate::households::banking::{Event, Movement, float};
use crate::households::days::Today;
use crate::households::memory::{Memory, Pending, Sort};
use crate::households::person::{PaymentHabit, Person};
use crate::households::random::{
    HOUR, MINOR, MONTH, counter_second, deposited, lognormal, minor, rounded, scattered, uniform,
};
use crate::households::traits::Traits;
use crate::households::world::HouseholdWorld;
use crate::randomness::permutation::group_code;
use crate::randomness::stream;

/// One day's upkeep of one person's accounts.
pub(crate) struct Upkeep<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) memory: &'a Memory,
    pub(crate) today: &'a Today,
    pub(crate) place: u32,
}

/// Indices in the streams' postings.
const WITHDRAWAL: u32 = 0;
const DEPOSIT: u32 = 1;
/// Draw and indices of cash for the second time on a day, and how often there is one.
const AGAIN: u32 = 2;
const TWICE: f64 = 0.06;
/// Cash is of a large sum one time of so many.
const LARGE_CASH: u32 = 128;
const PUT_BY: u32 = 0;
const TAKEN_BACK: u32 = 1;
const SAVINGS_INTEREST: u32 = 2;
const INVESTED: u32 = 3;
const CARD_INDICES: u32 = 8;
const CARRIED: u32 = 3;
const OVERDRAFT_FEE: u32 = 0;
const LATE: u32 = 4;
/// Rounds of friends are below; groups of a customer's own transfers come after them.
const OWN_GROUPS: i64 = 48;
/// The earliest day of the month on which customers look at what they have put by.
const INVESTING_DAY: u8 = 6;
/// Days in a year, for interest.
const YEAR: f64 = 365.0;

impl Upkeep<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        for item in &self.memory.pending {
            if item.due == self.today.day.number() {
                events.push(self.pending(item));
            }
        }
        if self.memory.fee_due {
            self.overdraft_fee(events);
        }
        if self.world.preset.banking.cash_enabled {
            self.cash(events);
        }
        if self.world.preset.banking.saving_enabled {
            if self.person.has_savings {
                self.savings(events);
            }
            if self.today.of_month == self.person.market_day + INVESTING_DAY {
                self.invest(events);
            }
        }
        for card in 0..self.person.cards.len() {
            self.card(card, events);
        }
    }

    fn entry(
        &self,
        second: u32,
        kind: PostingKind,
        bank: BankAccount,
        stream: Stream,
        index: u32,
    ) -> Entry {
        Entry {
            at: self.today.at(second),
            kind,
            category: category::BILLS,
            contra: LedgerAccount::Bank(bank),
            description: description::CARD_BILL,
            place: place::ONLINE,
            reference: PostingRef::new(stream, index),
            group: None,
        }
    }

    fn pending(&self, item: &Pending) -> Event {
        let kind = match item.sort {
            Sort::Clearing => PostingKind::Purchase,
            Sort::Refund => PostingKind::Refund,
            Sort::Reversal => PostingKind::Reversal,
            Sort::Retry | Sort::Postponed => PostingKind::DirectDebit,
        };
        let contra = LedgerAccount::from_code(item.contra)
            .unwrap_or(LedgerAccount::Bank(BankAccount::Settlement));
        let entry = Entry {
            contra,
            category: item.category,
            description: item.description,
            place: item.place,
            ..self.entry(item.second, kind, BankAccount::Settlement, stream::LIFECYCLE, item.index)
        };
        let amount = Money::from_minor(item.amount);
        let movement = match (item.sort, item.card) {
            (Sort::Retry, _) => Movement::Collect {
                amount: Money::from_minor(-item.amount),
                code: item.index % 512,
            },
            (Sort::Postponed, _) => Movement::PayBill(Money::from_minor(-item.amount)),
            (_, 0) => Movement::Book(amount),
            (_, card) => Movement::Card { card: usize::from(card) - 1, amount },
        };
        Event { label: item.label, ..Event::new(movement, entry) }
    }

    fn overdraft_fee(&self, events: &mut Vec<Event>) {
        let fee = self.world.preset.banking.overdraft_fee;
        if fee <= 0.0 {
            return;
        }
        let entry = Entry {
            category: self.world.market.texts.fees,
            description: self.world.market.texts.overdraft_fee,
            ..self.entry(
                7 * HOUR,
                PostingKind::Fee,
                BankAccount::FeeIncome,
                stream::ACCOUNT_FEES,
                OVERDRAFT_FEE,
            )
        };
        events.push(Event::new(Movement::Book(Money::from_minor(-minor(fee * MINOR))), entry));
    }

    fn cash(&self, events: &mut Vec<Event>) {
        let (banking, texts) = (&self.world.preset.banking, &self.world.market.texts);
        let draw = self.world.key.draw(self.person.number, stream::CASH, self.today.day, 0);
        let out = banking.withdrawals_monthly * self.person.cash / MONTH;
        let back = banking.cash_deposits_monthly * self.person.cash / MONTH;
        let chance = uniform(draw.lane(0));
        if chance >= out + back {
            return;
        }
        // Now and then it is for a used car, or from its sale.
        let factor = if draw.lane(3).is_multiple_of(LARGE_CASH) { 8.0 } else { 1.0 };
        let typical =
            lognormal(banking.withdrawal, draw.lane(2)) * MINOR * self.today.prices * factor;
        let withdraws = chance < out;
        let (index, text) =
            if withdraws { (WITHDRAWAL, texts.withdrawal) } else { (DEPOSIT, texts.cash_deposit) };
        let salt = self.world.salt(self.person.number, self.today.day);
        let entry = |second, index| Entry {
            category: texts.cash,
            description: text,
            place: self.place,
            ..self.entry(
                second,
                PostingKind::Cash,
                BankAccount::Cash,
                stream::CASH,
                scattered(salt, index),
            )
        };
        let movement = if withdraws {
            Movement::Pay(Money::from_minor(rounded(typical, 2_000)))
        } else {
            Movement::Book(Money::from_minor(deposited(
                typical * 1.6,
                draw.lane(2).rotate_left(16),
            )))
        };
        let second = counter_second(draw.lane(1), draw.lane(3));
        events.push(Event::new(movement, entry(second, index)));
        let again = self.world.key.draw(self.person.number, stream::CASH, self.today.day, AGAIN);
        if uniform(again.lane(0)) < TWICE {
            let second = counter_second(again.lane(1), again.lane(2));
            events.push(Event::new(movement, entry(second, AGAIN + index)));
        }
    }

    fn invest(&self, events: &mut Vec<Event>) {
        let to = self.world.market.brokers;
        let entry = Entry {
            category: to.category,
            description: to.description,
            contra: to.account,
            ..self.entry(
                11 * HOUR + 600,
                PostingKind::Transfer,
                BankAccount::Settlement,
                stream::SAVING,
                INVESTED,
            )
        };
        events.push(Event::new(Movement::Invest, entry));
    }

    fn savings(&self, events: &mut Vec<Event>) {
        let (banking, texts) = (&self.world.preset.banking, &self.world.market.texts);
        let own = |index: u32, text: u32, second: u32| Entry {
            category: texts.savings,
            description: text,
            group: Some(self.own_group(index)),
            ..self.entry(
                second,
                PostingKind::Transfer,
                BankAccount::Settlement,
                stream::SAVING,
                index,
            )
        };
        let yesterday = self.memory.paid + 1 == self.today.day.number();
        if yesterday {
            let share = float(self.memory.paid_amount) * self.person.saving;
            let amount = Money::from_minor(minor(share) / 1_000 * 1_000);
            let entry = own(PUT_BY, texts.to_savings, 9 * HOUR + 1_800);
            events.push(Event::new(Movement::PutBy { amount }, entry));
        }
        if self.memory.low && !yesterday {
            let amount = Money::from_minor(minor(self.person.income * banking.low_months * 3.0));
            let entry = own(TAKEN_BACK, texts.from_savings, 10 * HOUR + 900);
            events.push(Event::new(Movement::TakeBack { amount }, entry));
        }
        if self.today.of_month == 1 && self.memory.savings_sum > 0 {
            let interest = float(self.memory.savings_sum) * banking.savings_rate_yearly / YEAR;
            if interest >= 1.0 {
                let entry = Entry {
                    category: texts.interest,
                    description: texts.savings_interest,
                    ..self.entry(
                        5 * HOUR,
                        PostingKind::Interest,
                        BankAccount::InterestExpense,
                        stream::SAVING,
                        SAVINGS_INTEREST,
                    )
                };
                events
                    .push(Event::new(Movement::Savings(Money::from_minor(minor(interest))), entry));
            }
        }
    }

    /// Above the groups that the bank counts and beside those of transfers between people: the
    /// customer (36 bits), the day (16) and the transfer (6).
    fn own_group(&self, index: u32) -> GroupId {
        let salt = self.world.salt(self.person.number, self.today.day);
        let place = self.person.number.cast_signed() << 22
            | i64::from(self.today.day.number()) << 6
            | group_code(salt, OWN_GROUPS + i64::from(index));
        GroupId::new(GroupId::FIRST_SIMULATED + place)
    }

    fn card(&self, card: usize, events: &mut Vec<Event>) {
        let (style, terms) = (self.person.cards[card], &self.world.preset.cards);
        let first = u32::try_from(card).unwrap_or(0) * CARD_INDICES;
        let texts = &self.world.market.texts;
        let of_month = self.today.of_month;
        if self.today.day == self.world.start {
            self.carried(card, first + CARRIED, events);
        }
        if of_month == style.statement_day {
            let entry = Entry {
                category: texts.interest,
                description: texts.card_interest,
                ..self.entry(
                    23 * HOUR + 3_000,
                    PostingKind::Interest,
                    BankAccount::InterestIncome,
                    stream::CARD_ACCOUNT,
                    first + LATE + 1,
                )
            };
            events.push(Event::new(Movement::Statement { card }, entry));
        }
        let late_day = style.due_day + terms.late_days;
        if of_month != style.due_day && of_month != late_day.min(28) {
            return;
        }
        let key = self.world.key;
        let month = u32::from(self.today.months);
        let draw = key.draw(
            self.person.number,
            stream::CARD_ACCOUNT,
            mockbank_bank::Day::default(),
            month << 4 | first,
        );
        let is_late = uniform(draw.lane(0)) < terms.late_probability;
        let pay = Entry {
            ..self.entry(
                7 * HOUR + 60 * first,
                PostingKind::CardPayment,
                BankAccount::Settlement,
                stream::CARD_ACCOUNT,
                first,
            )
        };
        if of_month == style.due_day && is_late {
            let amount = Money::from_minor(-minor(terms.late_fee * MINOR));
            let entry = Entry {
                kind: PostingKind::Fee,
                category: texts.fees,
                contra: LedgerAccount::Bank(BankAccount::FeeIncome),
                description: texts.late_fee,
                reference: PostingRef::new(stream::CARD_ACCOUNT, first + LATE),
                ..pay
            };
            events.push(Event::new(Movement::Card { card, amount }, entry));
        } else if (of_month == style.due_day) != is_late {
            events.push(Event::new(Movement::CardPayment { card }, pay));
        }
    }

    /// What revolvers owe from before the world's first day.
    fn carried(&self, card: usize, index: u32, events: &mut Vec<Event>) {
        let traits = Traits::new(self.world.key, self.person.user.number());
        let revolves = self.person.cards[card].habit != PaymentHabit::Full;
        if !revolves {
            return;
        }
        let draw = traits.draw(7 + index / CARD_INDICES);
        let amount =
            lognormal(self.world.preset.cards.carried_months, draw.lane(0)) * self.person.income;
        let amount = Money::from_minor(minor(amount));
        let entry = Entry {
            contra: self.world.market.people_out.account,
            description: self.world.market.texts.carried,
            ..self.entry(
                HOUR,
                PostingKind::Transfer,
                BankAccount::Settlement,
                stream::CARD_ACCOUNT,
                index,
            )
        };
        events.push(Event::new(Movement::Charge { card, amount }, entry));
    }
}
