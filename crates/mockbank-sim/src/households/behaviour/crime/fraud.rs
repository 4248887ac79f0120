//! Fraud on one customer: with the customer's card, from the account, or by the customer.

use mockbank_bank::catalog::place;
use mockbank_bank::rules::Entry;
use mockbank_bank::{Day, Money, PostingKind, PostingRef};

use crate::households::banking::{Event, FollowUp, Movement};
use crate::households::behaviour::friends::sent;
use crate::households::behaviour::spending::priced;
use crate::households::days::Today;
use crate::households::person::Person;
use crate::households::random::{HOUR, normal, pick, scattered, uniform};
use crate::households::world::HouseholdWorld;
use crate::label::{Label, Phase, Role, Typology};
use crate::randomness::{Draw, below_u32, stream};

/// A case of fraud.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Case {
    /// Block of days for which this is known, counted from one.
    pub(crate) block: u16,
    from: u16,
    to: u16,
    typology: Option<Typology>,
}

/// Kinds of cases, in the order of the preset's `cases_yearly`.
const TYPOLOGIES: [Typology; 7] = [
    Typology::CardTesting,
    Typology::CardNotPresent,
    Typology::StolenCard,
    Typology::AccountTakeover,
    Typology::PushPaymentScam,
    Typology::BustOut,
    Typology::FriendlyChargeback,
];
/// Days in which a customer is part of at most one case.
pub(crate) const CASE_BLOCK: u16 = 32;
/// Raw indices of the postings of a case, beyond those of honest ones.
const FIRST_INDEX: u32 = 128;
/// A thief's purchase against the need's median, with no care taken and with all care.
const CARELESS: f64 = 5.0;
const CAREFUL: f64 = 1.5;
/// Days until the bank gives back what was stolen.
const RESTITUTION_DAYS: u32 = 24;

impl Case {
    /// The case of a customer in a block of days, if there is one.
    pub(crate) fn new(world: &HouseholdWorld, number: u64, block: u16) -> Self {
        let none = Self { block, ..Self::default() };
        let rates = world.preset.crime.cases_yearly.all();
        let draw = world.key.draw(number, stream::CRIME, Day::default(), block.into());
        let total: f64 = rates.iter().sum();
        if uniform(draw.lane(0)) >= total * f64::from(CASE_BLOCK) / 365.25 {
            return none;
        }
        let typology = TYPOLOGIES[pick(&rates, draw.lane(1))];
        let days = match typology {
            Typology::BustOut => 6,
            Typology::FriendlyChargeback | Typology::CardTesting => 1,
            _ => 1 + below_u32(draw.lane(3), 3),
        };
        let start = below_u32(draw.lane(2), u32::from(CASE_BLOCK) - days);
        let from = (block - 1) * CASE_BLOCK + u16::try_from(start).unwrap_or(0);
        let to = from.saturating_add(u16::try_from(days).unwrap_or(0));
        Self { block, from, to, typology: Some(typology) }
    }

    /// What happens on a day, if anything.
    pub(crate) fn on(self, day: Day) -> Option<Typology> {
        self.typology.filter(|_| (self.from..self.to).contains(&day.number()))
    }
}

/// One day of a case.
pub(crate) struct Thief<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) today: &'a Today,
    /// Number of the scheme.
    pub(crate) scheme: i64,
    pub(crate) typology: Typology,
}

impl Thief<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        let plan = self.at(0);
        let begin = self.second(plan.lane(0), plan.lane(1));
        let count = 1 + below_u32(plan.lane(2), 4);
        match self.typology {
            Typology::CardTesting => {
                let probes = 2 + below_u32(plan.lane(3), 3);
                for index in 0..probes {
                    let at = self.later(begin, 70, index);
                    self.purchase(index, at, Phase::Probe, true, events);
                }
                for index in probes..probes + count.min(3) {
                    let at = self.later(begin + 1_800, 900, index);
                    self.purchase(index, at, Phase::Theft, true, events);
                }
            }
            Typology::AccountTakeover | Typology::PushPaymentScam => {
                for index in 0..count.min(3) {
                    self.transfer(index, self.later(begin, 1_500, index), events);
                }
            }
            Typology::FriendlyChargeback => self.purchase(0, begin, Phase::Theft, true, events),
            Typology::StolenCard => {
                for index in 0..=count {
                    let at = self.later(begin, 2_400, index);
                    self.purchase(index, at, Phase::Theft, false, events);
                }
            }
            _ => {
                for index in 0..count {
                    let at = self.later(begin, 3_100, index);
                    self.purchase(
                        index,
                        at,
                        Phase::Theft,
                        self.typology != Typology::BustOut,
                        events,
                    );
                }
            }
        }
    }

    fn at(&self, index: u32) -> Draw {
        let address = 64 * self.first() + index + 1;
        self.world.key.draw(self.person.number, stream::CRIME, self.today.day, address)
    }

    /// First index of the case's postings: a breach may hit the victim of another case.
    fn first(&self) -> u32 {
        if self.typology == Typology::DataBreach { 32 } else { 0 }
    }

    /// Careful thieves keep the hours of honest people.
    fn second(&self, hour: u32, word: u32) -> u32 {
        let own = matches!(
            self.typology,
            Typology::PushPaymentScam | Typology::BustOut | Typology::FriendlyChargeback
        );
        let careful = own || uniform(word) < 0.35 + 0.65 * self.world.preset.crime.difficulty;
        let hour = if careful { self.world.circle.hour(hour) } else { below_u32(hour, 24) };
        hour * HOUR + below_u32(word.rotate_left(13), HOUR)
    }

    /// When the n-th step of a case is taken: some time after the one before, and before midnight.
    fn later(&self, begin: u32, step: u32, index: u32) -> u32 {
        let draw = self.at(128 + index);
        let at = begin + step * index + below_u32(draw.lane(0), step);
        if at < 24 * HOUR { at } else { 24 * HOUR - 1 - below_u32(draw.lane(1), HOUR) }
    }

    fn label(&self, phase: Phase) -> Label {
        let role = match self.typology {
            Typology::BustOut | Typology::FriendlyChargeback => Role::Perpetrator,
            _ => Role::Victim,
        };
        Label { scheme: self.scheme, typology: self.typology, role, phase, hop: 0, taint: 1_000 }
    }

    fn purchase(&self, index: u32, at: u32, phase: Phase, online: bool, events: &mut Vec<Event>) {
        let (draw, more) = (self.at(16 + 2 * index), self.at(17 + 2 * index));
        let needs = &self.world.preset.needs;
        let shares: Vec<f64> = needs
            .iter()
            .map(|need| if online { need.online * need.monthly } else { need.monthly })
            .collect();
        let need = pick(&shares, draw.lane(0));
        let row = &needs[need];
        let kinds = u32::try_from(row.kinds.len()).unwrap_or(1);
        let kind = row.kinds[below_u32(draw.lane(1), kinds) as usize];
        let city = self.person.city.filter(|_| !online && uniform(more.lane(3)) < row.independent);
        let Some(shop) = self.world.market.shop(kind, city, draw.lane(2)) else { return };
        let difficulty = self.world.preset.crime.difficulty;
        let size = match (phase, self.typology) {
            (Phase::Probe, _) => 0.08 + 0.12 * difficulty,
            (_, Typology::FriendlyChargeback) => 3.0,
            (_, Typology::BustOut) => 6.0,
            _ => CARELESS * libm::pow(CAREFUL / CARELESS, difficulty),
        };
        let amount = row.amount.median
            * size
            * libm::exp(row.amount.spread * normal(draw.lane(3)))
            * self.person.prices[need]
            * self.today.prices
            * 100.0;
        let amount = Money::from_minor(priced(amount, row, more.lane(0)));
        let credit = !self.person.cards.is_empty()
            && (self.typology == Typology::BustOut || uniform(more.lane(1)) < self.person.credit);
        let movement =
            if credit { Movement::Charge { card: 0, amount } } else { Movement::Pay(amount) };
        let days = 5 + u8::try_from(below_u32(more.lane(2), RESTITUTION_DAYS)).unwrap_or(0);
        let follow = match self.typology {
            Typology::BustOut => FollowUp::None,
            _ if uniform(more.lane(2).rotate_left(16)) < self.world.preset.crime.reported => {
                FollowUp::Dispute { days }
            }
            _ => FollowUp::None,
        };
        let salt = self.world.salt(self.person.number, self.today.day);
        let entry = Entry {
            at: self.today.at(at),
            kind: PostingKind::Purchase,
            category: shop.category,
            contra: shop.account,
            description: shop.description,
            place: if online { place::ONLINE } else { self.person.home },
            reference: PostingRef::new(
                stream::NEEDS,
                scattered(salt, FIRST_INDEX + self.first() + index),
            ),
            group: None,
        };
        let label = Some(self.label(phase));
        events.push(Event { follow, label, ..Event::new(movement, entry) });
    }

    /// To an account at another bank.
    fn transfer(&self, index: u32, at: u32, events: &mut Vec<Event>) {
        let draw = self.at(16 + 2 * index);
        let crime = &self.world.preset.crime;
        let careful = libm::pow(0.4, crime.difficulty);
        let spread = crime.transfer.spread * normal(draw.lane(0));
        let exact = crime.transfer.median * careful * libm::exp(spread) * 100.0;
        let amount = sent(exact, draw.lane(1));
        let to = self.world.market.people_out;
        let salt = self.world.salt(self.person.number, self.today.day);
        let entry = Entry {
            at: self.today.at(at),
            kind: PostingKind::Transfer,
            category: to.category,
            contra: to.account,
            description: to.description,
            place: place::ONLINE,
            reference: PostingRef::new(
                stream::FRIENDS,
                scattered(salt, FIRST_INDEX + self.first() + index),
            ),
            group: None,
        };
        let movement = Movement::Pay(Money::from_minor(amount));
        let label = Some(self.label(Phase::Theft));
        // Who was talked into a payment gets it back less often than who had no part in it.
        let share = if self.typology == Typology::PushPaymentScam {
            crime.scams_reimbursed
        } else {
            crime.reported
        };
        let days = 5 + u8::try_from(below_u32(draw.lane(2), RESTITUTION_DAYS)).unwrap_or(0);
        let follow =
            if uniform(draw.lane(3)) < share { FollowUp::Dispute { days } } else { FollowUp::None };
        events.push(Event { follow, label, ..Event::new(movement, entry) });
    }
}
