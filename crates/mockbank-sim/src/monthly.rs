//! The common customer, with one account, one card and nobody to transfer to, moved month by month:
//! from one day with something on it to the next, with no list of events. It gives what moving
//! through every day gives, faster.

use std::ops::Range;

use mockbank_bank::rules::{self, Book, Entry};
use mockbank_bank::{Instant, Money, PostingBatch, PostingBlock};

use crate::behaviour::{Behaviours, Event, Movement};
use crate::calendar::CalendarDay;
use crate::customer::{AccountTraits, CardTraits, ProfileCustomer};
use crate::error::SimError;
use crate::profiles::{apply, refused};
use crate::randomness::Draw;

/// Moves a customer through `[from, to)`, or returns `None` for one who is not of the common kind.
pub(crate) fn simulate(
    behaviours: &Behaviours,
    customer: &mut ProfileCustomer,
    from: Instant,
    to: Instant,
    out: &mut PostingBatch,
) -> Option<Result<(), SimError>> {
    let traits = &mut customer.traits;
    let [account] = traits.accounts.as_mut_slice() else { return None };
    let [book] = customer.books.as_mut_slice() else { return None };
    let [card] = account.cards.as_slice() else { return None };
    if book.cards.len() != 1 || !traits.contacts.is_empty() {
        return None;
    }
    let wages = behaviours.payroll.as_ref().and_then(|payroll| payroll.wages(account));
    let (home, card) = (traits.home, *card);
    let block = PostingBlock::default();
    let mut life = Life { behaviours, home, card, wages, account, book, from, to, block, out };
    let lived = life.live();
    let Life { card, mut block, .. } = life;
    block.hand_on(out);
    account.cards[0] = card;
    Some(lived)
}

/// A customer on the way through `[from, to)`.
struct Life<'a> {
    behaviours: &'a Behaviours,
    home: u32,
    card: CardTraits,
    /// What is paid on a pay day.
    wages: Option<Money>,
    account: &'a AccountTraits,
    book: &'a mut Book,
    from: Instant,
    to: Instant,
    block: PostingBlock,
    out: &'a mut PostingBatch,
}

/// Days of the longest month.
const LONGEST: usize = 31;

impl Life<'_> {
    fn live(&mut self) -> Result<(), SimError> {
        let mut first = (self.from < self.to).then(|| CalendarDay::of(self.from.day()));
        while let Some(day) = first.filter(|day| day.day.start() < self.to) {
            self.month_from(day)?;
            let rest = u32::from(day.month_length - day.of_month);
            first = day.later(rest).and_then(CalendarDay::next);
        }
        Ok(())
    }

    /// Lives from a day to the end of its month.
    fn month_from(&mut self, first: CalendarDay) -> Result<(), SimError> {
        let left = days_within(first, self.to);
        let due = self.due_from(first) & left;
        let spending = self.behaviours.spending.as_ref();
        let bought = spending.map_or(0, |s| s.days_from(&mut self.card, first.day)) & left;
        // Drawn before anything happens, so that the draws do not wait for each other.
        let mut details = [Draw([0; 2]); LONGEST];
        if let Some(spending) = spending {
            for (details, offset) in details.iter_mut().zip(bits(bought)) {
                *details = spending.details(&self.card, first.day, offset);
            }
        }
        let mut details = details.iter();
        for offset in bits(bought | due) {
            let Some(today) = first.later(offset) else { break };
            let is_due = due >> offset & 1 == 1;
            let buys =
                spending.filter(|_| bought >> offset & 1 == 1).zip(details.as_slice().first());
            let Some((spending, drawn)) = buys else {
                self.settle(today, 0..u32::MAX)?;
                continue;
            };
            details.next();
            let (amount, entry) = spending.purchase(&self.card, self.home, today.day, 0, *drawn);
            let place = place_of_purchase(today.second(entry.at));
            if is_due {
                self.settle(today, 0..place)?;
            }
            if (self.from..self.to).contains(&entry.at) {
                match rules::purchase(self.book, 0, amount, &entry) {
                    Ok(posting) => self.block.push(&posting, self.out),
                    Err(refusal) => refused(refusal)?,
                }
            }
            if is_due {
                self.settle(today, place..u32::MAX)?;
            }
        }
        Ok(())
    }

    /// The days from `first` to the end of its month with wages or a bill: a bit for each.
    fn due_from(&self, first: CalendarDay) -> u32 {
        let bit = |day: u8| {
            let offset = day.min(first.month_length).checked_sub(first.of_month);
            offset.map_or(0, |offset| 1 << offset)
        };
        let Behaviours { payroll, card_billing, .. } = self.behaviours;
        let pay_days = payroll.as_ref().map_or(&[][..], |payroll| payroll.days());
        let bill_day = card_billing.as_ref().map_or(0, |_| bit(self.card.billing_day));
        pay_days.iter().fold(bill_day, |due, day| due | bit(*day))
    }

    /// What is due on a day at these places in it.
    fn settle(&mut self, today: CalendarDay, places: Range<u32>) -> Result<(), SimError> {
        let Behaviours { payroll, card_billing, .. } = self.behaviours;
        let paid = payroll.as_ref().map_or(0, |payroll| place_of_wages(payroll.second()));
        let billed = card_billing.as_ref().map_or(0, |billing| place_of_bill(billing.second()));
        if paid < billed && places.contains(&paid) {
            self.pay(today)?;
        }
        if places.contains(&billed) {
            self.bill(today)?;
        }
        if paid >= billed && places.contains(&paid) {
            self.pay(today)?;
        }
        Ok(())
    }

    fn pay(&mut self, today: CalendarDay) -> Result<(), SimError> {
        let Some(payroll) = &self.behaviours.payroll else { return Ok(()) };
        let Some(wages) = self.wages else { return Ok(()) };
        payroll.due(today).try_for_each(|index| {
            self.happen(Movement::Deposit(wages), payroll.entry(today, index, self.account))
        })
    }

    fn bill(&mut self, today: CalendarDay) -> Result<(), SimError> {
        match &self.behaviours.card_billing {
            Some(billing) if today.is_due(self.card.billing_day) => {
                self.happen(Movement::CardBill { card: 0 }, billing.entry(today, 0))
            }
            _ => Ok(()),
        }
    }

    fn happen(&mut self, movement: Movement, entry: Entry) -> Result<(), SimError> {
        if !(self.from..self.to).contains(&entry.at) {
            return Ok(());
        }
        let keep = |posting: &_| self.block.push(posting, self.out);
        apply(self.book, &Event { book: 0, movement, entry }, keep)
    }
}

/// A bit for each day from `first` to the end of its month that begins before `to`.
fn days_within(first: CalendarDay, to: Instant) -> u32 {
    let rest_of_month = u32::from(first.month_length - first.of_month);
    let last = Instant::from_seconds(to.seconds() - 1).day().number();
    let rest = rest_of_month.min(u32::from(last.saturating_sub(first.day.number())));
    u32::MAX >> (31 - rest)
}

/// The places of a day: by the second, and within it in the order of the behaviours.
const fn place_of_wages(second: u32) -> u32 {
    3 * second
}

const fn place_of_purchase(second: u32) -> u32 {
    3 * second + 1
}

const fn place_of_bill(second: u32) -> u32 {
    3 * second + 2
}

/// The places of the bits that are set, from the lowest.
fn bits(mut word: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = (word != 0).then(|| word.trailing_zeros());
        word &= word.wrapping_sub(1);
        lowest
    })
}

#[cfg(test)]
mod tests {
    use mockbank_bank::Day;
    use proptest::prelude::*;

    use super::*;
    use crate::preset::{Model, Preset};
    use crate::profiles::ProfileWorld;

    /// The classic preset with other hours and days, and a limit that is met.
    fn world(seed: u64, hours: [u8; 3], days: [u8; 3], off: usize) -> ProfileWorld {
        let [pay, spend, bill] = hours;
        let [first, second, billing] = days;
        let mut pay_days = vec![first.min(second), first.max(second)];
        pay_days.dedup();
        let switches = ["payroll", "spending", "card_billing", "transfers"];
        let off = format!("[{}]\nenabled = true", switches[off]);
        let text = Preset::builtin("classic")
            .unwrap()
            .replace("hour = 6 ", &format!("hour = {pay} "))
            .replace("from = 8, to = 22", &format!("from = {spend}, to = {}", spend + 1))
            .replace("hour = 23 ", &format!("hour = {bill} "))
            .replace("days = [1, 15] ", &format!("days = {pay_days:?} "))
            .replace("billing_days = [1, 10, 15]", &format!("billing_days = [{billing}]"))
            .replace("card_limit = 5000", "card_limit = 700")
            .replace(&off, &off.replace("true", "false"));
        let preset = Preset::parse(&text).unwrap();
        let Model::Profiles(sections) = preset.model().clone() else { panic!("of this model") };
        ProfileWorld::new(*sections, seed, Day::parse("2027-11-05").unwrap(), 100)
    }

    proptest! {
        #[test]
        fn month_by_month_is_the_same_as_day_by_day(
            seed: u64,
            number in 1..1_000_i64,
            hours in [4..7_u8, 4..7_u8, 4..7_u8],
            days in [1..32_u8, 1..32_u8, 1..32_u8],
            off in 0..4_usize,
            from in 0..40 * 86_400_i64,
            steps in prop::collection::vec(0..130 * 86_400_i64, 1..6),
        ) {
            let world = world(seed, hours, days, off);
            let newcomer = world.newcomer(number);
            let mut monthly = ProfileCustomer::from_newcomer(&world, &newcomer).unwrap();
            let mut daily = monthly.clone();
            let (mut of_monthly, mut of_daily) = (PostingBatch::default(), PostingBatch::default());
            let mut from = newcomer.user.created_at.plus_seconds(from).unwrap();
            for step in steps {
                let to = from.plus_seconds(step).unwrap();
                let simulated =
                    simulate(&world.behaviours, &mut monthly, from, to, &mut of_monthly);
                prop_assert_eq!(simulated, Some(Ok(())));
                world.simulate_days(&mut daily, from, to, &mut of_daily).unwrap();
                from = to;
            }
            prop_assert_eq!(of_monthly, of_daily);
            prop_assert_eq!(monthly.books, daily.books);
        }

        #[test]
        fn what_fails_fails_the_same(number in 1..100_i64, days in 0..65_535_i64, ahead in 0..90_i64) {
            let world = world(1, [6, 5, 4], [1, 15, 31], 3);
            let mut monthly = ProfileCustomer::from_newcomer(&world, &world.newcomer(number)).unwrap();
            let from = Day::from_number(days).unwrap().start();
            monthly.books[0].latest = from.plus_seconds(ahead * 86_400).unwrap_or(from);
            let mut daily = monthly.clone();
            let (mut of_monthly, mut of_daily) = (PostingBatch::default(), PostingBatch::default());
            let to = Instant::from_seconds(from.seconds() + 100 * 86_400);
            let simulated = simulate(&world.behaviours, &mut monthly, from, to, &mut of_monthly);
            prop_assert_eq!(
                simulated,
                Some(world.simulate_days(&mut daily, from, to, &mut of_daily))
            );
            prop_assert_eq!(of_monthly, of_daily);
        }
    }
}
