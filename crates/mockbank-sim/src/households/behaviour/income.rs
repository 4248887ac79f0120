//! What comes in: wages, pensions, payouts, bonuses, refunds, benefits.

use mockbank_bank::catalog::{category, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{HubId, LedgerAccount, Money, PostingKind, PostingRef};

use crate::households::banking::{Event, Movement};
use crate::households::days::Today;
use crate::households::market::Counterparty;
use crate::households::memory::Memory;
use crate::households::person::{LEAST_INCOME, Person};
use crate::households::random::{MINOR, lognormal, minor, normal, rounded, uniform};
use crate::households::traits::Traits;
use crate::households::work::{WEEKS, Work};
use crate::households::world::HouseholdWorld;
use crate::preset::households::Income;
use crate::randomness::{Draw, stream};

/// Indices of the stream's postings.
const WAGES: u32 = 0;
const BONUS: u32 = 1;
const REFUND: u32 = 2;
const BENEFIT: u32 = 3;
const PARENTS: u32 = 4;
const SIDE: u32 = 5;
/// Share of a retired person's income that the state pays.
const STATE_PENSION: f64 = 0.62;
/// Days a week on which platforms pay out.
const PAYOUTS_WEEKLY: f64 = 1.6;

/// One day's income of one person.
pub(crate) struct Payer<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) memory: &'a Memory,
    pub(crate) today: &'a Today,
}

impl Payer<'_> {
    /// Adds the day's income, and tells whether there is any.
    pub(crate) fn draw(&self, events: &mut Vec<Event>) -> bool {
        if self.person.income < LEAST_INCOME {
            return false;
        }
        let before = events.len();
        match self.person.work {
            Work::Employed if self.is_jobless() => self.benefit(events),
            Work::Employed => self.wages(1.0, events),
            Work::Student => {
                self.wages(0.62, events);
                self.parents(events);
            }
            Work::Gig => self.payouts(events),
            Work::Retired => self.pension(events),
        }
        if self.today.month < 5 {
            self.tax_refund(events);
        }
        let is_pay_day = events.len() > before;
        if self.person.has_side_income {
            self.side_income(events);
        }
        is_pay_day
    }

    fn is_jobless(&self) -> bool {
        self.today.day.number() < self.memory.jobless_until
    }

    fn income(&self) -> &Income {
        &self.world.preset.income
    }

    fn day_draw(&self, index: u32) -> Draw {
        self.world.key.draw(self.person.number, stream::INCOME, self.today.day, index)
    }

    /// Level of wages against the first day's: they rise once a year.
    fn level(&self) -> f64 {
        let months = self.today.months.saturating_sub(self.world.first_month);
        let shifted = months + u16::from(self.person.schedule.phase) * 2;
        let rises = f64::from(shifted / 12);
        let rise =
            if rises > 0.0 { libm::pow(1.0 + self.income().yearly_rise, rises) } else { 1.0 };
        rise * f64::from(self.memory.pay_level) / 1_000.0
    }

    fn wages(&self, share: f64, events: &mut Vec<Event>) {
        let schedule = self.person.schedule;
        let paid = self.world.days.paid_on(self.today);
        let share = share * self.world.pay_factor(self.today.day, self.memory.employer);
        for (index, day) in (0..).zip(paid) {
            let Some(months) = schedule.due(day) else { continue };
            let base = self.person.income * share * self.level();
            let worked = if schedule.hourly {
                let draw = self.day_draw(WAGES + 16 * index).lane(0);
                (1.0 + self.income().hourly_spread * normal(draw)).max(0.3)
            } else {
                1.0
            };
            let employer = self.employer();
            self.receive(WAGES + 16 * index, base * months * worked, employer, events);
            if self.person.work == Work::Employed
                && matches!(day.month, 2 | 11)
                && day.of_month <= 16
            {
                self.bonus(day, base, events);
            }
        }
    }

    fn bonus(&self, day: &Today, monthly: f64, events: &mut Vec<Event>) {
        let year = u32::from(day.year.unsigned_abs());
        let draw = Traits::new(self.world.key, self.person.user.number()).at(stream::INCOME, year);
        let month = if draw.lane(0) & 1 == 0 { 2 } else { 11 };
        let first = self.memory.paid == 0
            || self.world.days.get_number(self.memory.paid).month != self.today.month;
        if day.month != month || !first || uniform(draw.lane(1)) >= self.income().bonus_probability
        {
            return;
        }
        let amount = lognormal(self.income().bonus_months, draw.lane(2)) * monthly;
        let employer =
            Counterparty { description: self.world.market.texts.bonus, ..self.employer() };
        self.receive(BONUS, amount, employer, events);
    }

    fn benefit(&self, events: &mut Vec<Event>) {
        let fortnight = (u32::from(self.today.day.number()) / 7) % 2 == 0;
        if self.today.weekday == 1 && fortnight {
            let amount = self.person.income * self.income().benefit_factor * 2.0 / WEEKS;
            self.receive(BENEFIT, amount, self.world.market.benefits, events);
        }
    }

    fn parents(&self, events: &mut Vec<Event>) {
        let due = 1 + self.person.schedule.phase;
        if self.today.of_month == due {
            let traits = Traits::new(self.world.key, self.person.user.number()).draw(6);
            let amount = lognormal(self.income().parents_monthly, traits.lane(0)) * 100.0;
            let amount = f64::from(u32::try_from(rounded(amount, 2_500)).unwrap_or(0));
            self.receive(PARENTS, amount, self.world.market.parents, events);
        }
    }

    fn payouts(&self, events: &mut Vec<Event>) {
        let draw = self.day_draw(WAGES);
        if uniform(draw.lane(0)) >= PAYOUTS_WEEKLY / 7.0 {
            return;
        }
        let typical = self.person.income / (PAYOUTS_WEEKLY * WEEKS);
        let amount = typical * libm::exp(0.55 * normal(draw.lane(1)) - 0.15) * self.level();
        let platforms = &self.world.market.platforms;
        // Mostly the same one.
        let usual = u32::from(self.person.schedule.phase);
        let other = u32::from(uniform(draw.lane(2)) < 0.25);
        let platform = platforms[(usual + other) as usize % platforms.len()];
        self.receive(WAGES, amount, platform, events);
    }

    /// Small sums beside the main income, on any day: instant payments know no weekend.
    fn side_income(&self, events: &mut Vec<Event>) {
        let draw = self.day_draw(SIDE);
        if uniform(draw.lane(0)) < self.income().side_weekly / 7.0 {
            let amount = lognormal(self.income().side_amount, draw.lane(1)) * MINOR;
            let platforms = &self.world.market.platforms;
            let platform = platforms[usize::from(self.person.schedule.phase) % platforms.len()];
            self.receive(SIDE, amount, platform, events);
        }
    }

    fn pension(&self, events: &mut Vec<Event>) {
        let today = self.today;
        // The second, third or fourth Wednesday by birthday; the third of the month for those who
        // have been on the rolls for long.
        let phase = self.person.schedule.phase;
        let is_due = if phase == 5 {
            self.world.days.paid_on(today).iter().any(|day| day.of_month == 3)
        } else {
            today.weekday == 2 && today.of_month.div_ceil(7) == 2 + phase % 3
        };
        if is_due {
            let amount = self.person.income * STATE_PENSION * self.level();
            self.receive(BENEFIT, amount, self.world.market.pension, events);
        }
        if self.world.days.paid_on(today).iter().any(|day| day.of_month == 1) {
            let amount = self.person.income * (1.0 - STATE_PENSION) * self.level();
            let text = self.world.market.texts.company_pension;
            let employer = Counterparty { description: text, ..self.employer() };
            self.receive(WAGES, amount, employer, events);
        }
    }

    fn tax_refund(&self, events: &mut Vec<Event>) {
        let year = u32::from(self.today.year.unsigned_abs());
        let draw =
            Traits::new(self.world.key, self.person.user.number()).at(stream::INCOME, year << 1);
        // From the tenth of February on, most of them early.
        let place = uniform(draw.lane(0));
        let day = 40.0 + 95.0 * place * place;
        let of_year = f64::from(self.today.month) * 30.44 + f64::from(self.today.of_month);
        let today = day >= of_year - 1.0 && day < of_year;
        if today && uniform(draw.lane(1)) < self.income().tax_refund_probability {
            let amount =
                lognormal(self.income().tax_refund_months, draw.lane(2)) * self.person.income;
            self.receive(REFUND, amount, self.world.market.tax_refund, events);
        }
    }

    fn employer(&self) -> Counterparty {
        let employer = self.memory.employer;
        Counterparty {
            account: LedgerAccount::Hub(HubId(employer)),
            category: category::INCOME,
            description: self.world.market.first_wages + employer,
        }
    }

    fn receive(&self, index: u32, amount: f64, from: Counterparty, events: &mut Vec<Event>) {
        events.push(Event::new(
            Movement::Book(Money::from_minor(minor(amount))),
            Entry {
                at: self.today.at(self.person.schedule.second + 61 * index),
                kind: PostingKind::Payroll,
                category: from.category,
                contra: from.account,
                description: from.description,
                place: place::ONLINE,
                reference: PostingRef::new(stream::INCOME, index),
                group: None,
            },
        ));
    }
}
