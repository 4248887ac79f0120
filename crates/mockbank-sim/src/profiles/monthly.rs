//! The common customer, with one account, one card and nobody to transfer to, moved month by month:
//! a month's purchases are drawn at once, and what is due falls between them. It gives what moving
//! through every day gives, faster.

use std::ops::Range;

use mockbank_bank::rules::{self, Book, Entry};
use mockbank_bank::time::SECONDS_PER_DAY;
use mockbank_bank::{Day, Instant, Money, PostingBatch, PostingBlock};

use super::banking::{received, refused};
use super::behaviour::card_billing::CardBilling;
use super::behaviour::payroll::Payroll;
use super::behaviour::registry::Behaviours;
use super::behaviour::spending::Purchase;
use super::customer::{AccountTraits, CardTraits, ProfileCustomer};
use crate::calendar::CalendarDay;
use crate::error::SimError;

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
    let (home, card) = (traits.home, *card);
    // Months reach beyond the last day that there is.
    let end = Instant::from_seconds(Day::MAX.start().seconds() + SECONDS_PER_DAY);
    let (time, block) = (from..to.min(end), PostingBlock::default());
    let mut life = Life { behaviours, home, card, account, book, time, block, out };
    let lived = life.live();
    let Life { card, mut block, .. } = life;
    block.hand_on(out);
    account.cards[0] = card;
    Some(lived)
}

/// A customer on the way through a time.
struct Life<'a> {
    behaviours: &'a Behaviours,
    home: u32,
    card: CardTraits,
    account: &'a AccountTraits,
    book: &'a mut Book,
    time: Range<Instant>,
    block: PostingBlock,
    out: &'a mut PostingBatch,
}

/// What happens on a day of every month.
#[derive(Clone, Copy)]
struct Due<'a> {
    of_month: u8,
    /// Second of the day.
    second: u32,
    what: Obligation<'a>,
}

#[derive(Clone, Copy)]
enum Obligation<'a> {
    /// Wages on the pay day of this index.
    Wages(&'a Payroll, u32, Money),
    CardBill,
}

/// Days of the shortest month.
const SHORTEST: u8 = 28;
/// Days of the longest month.
const LONGEST: u8 = 31;

impl<'a> Life<'a> {
    fn live(&mut self) -> Result<(), SimError> {
        let Range { start: from, end: to } = self.time;
        let mut dues = self.dues();
        dues.sort_by_key(|due| due.place(LONGEST));
        // In short months what is due late comes together on the last day.
        let clash = dues.iter().any(|due| due.of_month > SHORTEST);
        let mut drawn = [Purchase::NONE; LONGEST as usize];
        let mut first = (from < to).then(|| CalendarDay::of(from.day()));
        while let Some(day) = first.filter(|day| day.day.start() < to) {
            // Drawn before anything happens, so that the draws do not wait for each other.
            let purchases = self.purchases_from(day, &mut drawn);
            if clash {
                dues.sort_by_key(|due| due.place(day.month_length));
            }
            self.month_from(day, &dues, purchases)?;
            let rest = u32::from(day.month_length - day.of_month);
            first = day.later(rest).and_then(CalendarDay::next);
        }
        Ok(())
    }

    fn dues(&self) -> Vec<Due<'a>> {
        let Behaviours { payroll, card_billing, .. } = self.behaviours;
        let mut dues = Vec::with_capacity(4);
        if let Some(payroll) = payroll
            && let Some(amount) = payroll.wages(self.account)
        {
            let due = |(&of_month, index)| {
                let what = Obligation::Wages(payroll, index, amount);
                Due { of_month, second: payroll.second(), what }
            };
            dues.extend(payroll.days().iter().zip(0..).map(due));
        }
        if let Some(billing) = card_billing {
            let (of_month, second) = (self.card.billing_day, billing.second());
            dues.push(Due { of_month, second, what: Obligation::CardBill });
        }
        dues
    }

    /// Draws the purchases from a day to the end of its month.
    fn purchases_from<'p>(
        &mut self,
        first: CalendarDay,
        drawn: &'p mut [Purchase],
    ) -> &'p [Purchase] {
        let Some(spending) = &self.behaviours.spending else { return &[] };
        let days =
            spending.days_from(&mut self.card, first.day) & days_within(first, self.time.end);
        let count = spending.purchases(&self.card, self.home, first.day, days, drawn);
        // Only the first and the last day may lie partly outside of the time.
        let mut purchases = &drawn[..count];
        while let [first, rest @ ..] = purchases
            && first.at < self.time.start
        {
            purchases = rest;
        }
        while let [rest @ .., last] = purchases
            && last.at >= self.time.end
        {
            purchases = rest;
        }
        purchases
    }

    /// Lives from a day to the end of its month.
    fn month_from(
        &mut self,
        first: CalendarDay,
        dues: &[Due<'a>],
        mut purchases: &[Purchase],
    ) -> Result<(), SimError> {
        for due in dues {
            let at = due.at(first);
            if !self.time.contains(&at) {
                continue;
            }
            // At the same instant the order of the behaviours holds: wages, purchase, bill.
            match due.what {
                Obligation::Wages(payroll, index, amount) => {
                    purchases = self.buy_until(at, purchases)?;
                    let entry = payroll.entry(at, index, self.account);
                    match rules::post_to_deposit(self.book, amount, &entry) {
                        Ok(posting) => self.block.push(&posting, self.out),
                        Err(refusal) => refused(refusal)?,
                    }
                }
                Obligation::CardBill => {
                    let after = Instant::from_seconds(at.seconds() + 1);
                    purchases = self.buy_until(after, purchases)?;
                    self.pay_card(&CardBilling::entry(at, 0))?;
                }
            }
        }
        self.buy_until(self.time.end, purchases)?;
        Ok(())
    }

    /// Does the purchases before an instant, and gives back those after it.
    fn buy_until<'p>(
        &mut self,
        until: Instant,
        mut purchases: &'p [Purchase],
    ) -> Result<&'p [Purchase], SimError> {
        while let [purchase, rest @ ..] = purchases
            && purchase.at < until
        {
            match rules::purchase(self.book, 0, purchase.amount, &purchase.entry(0)) {
                Ok(posting) => self.block.push(&posting, self.out),
                Err(refusal) => refused(refusal)?,
            }
            purchases = rest;
        }
        Ok(purchases)
    }

    fn pay_card(&mut self, entry: &Entry) -> Result<(), SimError> {
        match rules::pay_card(self.book, 0, entry, &received(entry)) {
            Ok(Some([paid, received])) => {
                self.block.push(&paid, self.out);
                self.block.push(&received, self.out);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(refusal) => refused(refusal),
        }
    }
}

impl Due<'_> {
    /// The place in a month of this length: by the day, the second, and the order of the behaviours.
    fn place(&self, month_length: u8) -> (u8, u32, bool) {
        let is_bill = matches!(self.what, Obligation::CardBill);
        (self.of_month.min(month_length), self.second, is_bill)
    }

    /// When it is due in the month of a day.
    fn at(&self, day: CalendarDay) -> Instant {
        let of_month = self.of_month.min(day.month_length);
        let days = i64::from(of_month) - i64::from(day.of_month);
        let midnight = day.day.start().seconds() + days * SECONDS_PER_DAY;
        Instant::from_seconds(midnight + i64::from(self.second))
    }
}

/// A bit for each day from `first` to the end of its month that begins before `to`.
fn days_within(first: CalendarDay, to: Instant) -> u32 {
    let rest_of_month = u32::from(first.month_length - first.of_month);
    let last = Instant::from_seconds(to.seconds() - 1).day().number();
    let rest = rest_of_month.min(u32::from(last.saturating_sub(first.day.number())));
    u32::MAX >> (31 - rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::preset::{Model, Preset};
    use crate::profiles::world::ProfileWorld;

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

    #[test]
    fn nothing_happens_after_the_last_day() {
        let world = world(1, [6, 5, 4], [1, 15, 31], 3);
        let mut customer = ProfileCustomer::from_newcomer(&world, &world.newcomer(1)).unwrap();
        let from = Day::from_number(65_497).unwrap().start();
        let to = Instant::from_seconds(from.seconds() + 100 * SECONDS_PER_DAY);
        let mut out = PostingBatch::default();
        simulate(&world.behaviours, &mut customer, from, to, &mut out).unwrap().unwrap();
        let end = Day::MAX.start().seconds() + SECONDS_PER_DAY;
        assert!(!out.is_empty() && out.at.iter().all(|at| *at < end), "{:?}", out.at);
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
